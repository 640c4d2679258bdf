"""Kill drills: a real daemon in trouble, stopped at random instants; nothing begins afterwards.

`make test` drills dozens of instants, `make long` more than a thousand; there, what passed for the
very same code is not tried again, so an interrupted run goes on where it was.
"""

import pytest

from hfl_core.control import ladder
from tests.drills.harness import Drill
from tests.drills.troubles import TROUBLES
from tests.process.test_sigkill import once

pytestmark = pytest.mark.process

PAUSES = 3
LONG_SEEDS = range(2, 34)
# Troubles under which the emergency thread answers all the same.
ANSWERED = ("none", "hung_broker", "hung_step", "locked_database", "stepped_clock")


def drill(trouble: str, seed: int) -> Drill:
    """Drill one home; return it with what happened, its processes gone."""
    with Drill(trouble=trouble, seed=seed) as one:
        late = one.run(PAUSES)
        said = f"{trouble} seed {seed}: {one.stops}\n{one.log}"

        assert late == [], said
        assert one.is_over, said
        assert one.stops[-1].exit_code in {ladder.DONE, ladder.UNCONFIRMED}, said
        assert all(stop.latched_ns for stop in one.stops), said
        assert one.entries(), said
        assert one.starts_halted(), said
    return one


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_entry_begins_after_a_stop_and_the_next_start_is_halted(trouble: str):
    done = drill(trouble, 1)

    answered = [stop for stop in done.stops if stop.acknowledged_ns]
    if trouble in ANSWERED:
        assert len(answered) == PAUSES + 1, done.stops
    if trouble == "stopped_process":
        assert answered == []


@pytest.mark.slow
def test_a_latch_that_lets_everything_pass_is_found():
    """The judge can fail: with the socket dead, the latch alone stands between engine and venue."""
    with Drill(trouble="dead_socket", seed=1, is_deaf=True) as one:
        assert one.run(1) != []


@pytest.mark.long
@pytest.mark.parametrize("seed", LONG_SEEDS)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_long_no_entry_begins_after_a_stop(trouble: str, seed: int, request):
    with once(request):
        drill(trouble, seed)


def test_the_long_run_drills_a_thousand_instants():
    assert len(TROUBLES) * len(LONG_SEEDS) * (PAUSES + 1) >= 1_000
