"""After a jump of the clocks: first the anomaly's row, then the venue, then the next bar."""

from collections.abc import Callable

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.effects import RaiseAlert, Reconcile
from hfl_core.runtime.clock_guard import ClockGuard
from tests.runtime.rig import Rig

S = 1_000_000_000


class Clocks:
    """Three clocks that a test moves."""

    def __init__(self):
        self.wall = 1_700_000_000 * S
        self.mono = self.boot = 100 * S

    def wall_ns(self):
        return self.wall

    def monotonic_ns(self):
        return self.mono

    def boot_ns(self):
        return self.boot

    def pass_s(self, seconds):
        self.wall += seconds * S
        self.mono += seconds * S
        self.boot += seconds * S


class Venue:
    """What reconciling does is put on the rig's record; a test may add to it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.on_reconcile: Callable[[], None] = lambda: None

    def reconcile(self) -> None:
        self.rig.perform(Reconcile(cursor=0))
        self.on_reconcile()

    def guard(self, clocks: Clocks) -> ClockGuard:
        return ClockGuard(
            self.rig.runner,
            clocks,
            perform=self.rig.perform,
            reconcile=self.reconcile,
            behind_ns=lambda: self.rig.journal.wall_behind_ns,
        )


@pytest.fixture
def parts():
    rig = Rig()
    clocks = Clocks()
    rig.journal._clock = clocks
    rig.start()
    rig.record.clear()
    rig.effects.clear()
    venue = Venue(rig)
    return rig, clocks, venue, venue.guard(clocks)


def test_nothing_happens_while_the_clocks_agree(parts):
    rig, clocks, _, guard = parts
    for _ in range(5):
        clocks.pass_s(1)
        guard.look()

    assert rig.record == []


def test_a_suspend_is_durable_before_the_venue_is_asked(parts):
    rig, clocks, _, guard = parts
    clocks.wall += 600 * S
    clocks.boot += 600 * S
    guard.look()

    assert rig.record == [
        "append ClockAnomaly",
        "commit",
        "append Degraded",
        "commit",
        "perform RaiseAlert",
        "perform Reconcile",
    ]
    assert rig.rows[-2].event == ev.ClockAnomaly(kind="suspend", wall_jump_ns=0)
    assert [type(effect) for effect in rig.effects] == [RaiseAlert, Reconcile]


def test_behind_a_step_back_rows_carry_the_wall_as_it_is(parts):
    rig, clocks, _, guard = parts
    clocks.wall -= 3_600 * S
    rig.say(ev.Degraded(component="x", detail="a row before anybody looked"), must_commit=True)
    guard.look()
    repeated, anomaly, told = rig.rows[-3:]

    assert repeated.wall_ns == rig.rows[-4].wall_ns
    assert anomaly.event == ev.ClockAnomaly(kind="wall_step", wall_jump_ns=-3_600 * S)
    assert anomaly.wall_ns == told.wall_ns == clocks.wall
    assert rig.journal.wall_behind_ns == 0


def test_a_clock_that_was_set_back_while_no_engine_ran_is_found(parts):
    rig, clocks, venue, _ = parts
    clocks.wall -= 3_600 * S
    guard = venue.guard(clocks)
    guard.look()
    assert rig.record == []  # no row was written yet: nothing is behind

    rig.say(ev.Degraded(component="x", detail="the first row"), must_commit=True)
    guard.look()

    assert [type(row.event).__name__ for row in rig.rows[-2:]] == ["ClockAnomaly", "Degraded"]


def test_a_jump_while_the_venue_is_asked_is_told_after_it(parts):
    rig, clocks, venue, guard = parts

    def sleep_again():
        venue.on_reconcile = lambda: None
        clocks.wall += 60 * S
        clocks.boot += 60 * S
        guard.look()

    venue.on_reconcile = sleep_again
    clocks.wall += 600 * S
    clocks.boot += 600 * S
    guard.look()

    assert rig.record.count("append ClockAnomaly") == 2
    assert rig.record.count("perform Reconcile") == 2
    assert rig.record[-1] == "perform Reconcile"
