"""The whole engine on a virtual clock under seeded faults: every invariant, every step."""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support import invariants
from tests.support.plan import draw_plan
from tests.support.world import World

SEEDS = 64
SEEDS_QUICK = 6
SEEDS_LONG = 2_000
# Beyond those: each of these found something once.
FOUND_SOMETHING = (77, 85, 126, 132, 141, 142, 148, 156, 166, 240, 253, 271, 296, 355)


def lived(seed: int, directory: Path, *, slots: int = 260) -> World:
    """Live one seed through."""
    directory.mkdir(exist_ok=True)
    world = World(draw_plan(seed, slots=slots), directory)
    world.run()
    return world


@pytest.mark.parametrize("seed", range(SEEDS_QUICK))
def test_a_seed_breaks_no_invariant(seed, place):
    world = lived(seed, place)

    assert world.journal.committed_rows > 0
    assert world.seen["slot"] >= 200


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*range(SEEDS_QUICK, SEEDS), *FOUND_SOMETHING])
def test_no_further_seed_breaks_an_invariant(seed, place):
    world = lived(seed, place)

    assert world.journal.committed_rows > 0


@pytest.mark.parametrize("seed", [6, 39])
def test_a_seed_reproduces_bit_for_bit(seed, place):
    first = lived(seed, place / "first", slots=120)
    second = lived(seed, place / "second", slots=120)

    assert first.journal.head_hash == second.journal.head_hash
    assert first.venue.counts() == second.venue.counts()
    assert first.seen == second.seen


def test_another_seed_is_another_life(place):
    first = lived(1, place / "first", slots=80)
    second = lived(2, place / "second", slots=80)

    assert first.journal.head_hash != second.journal.head_hash


def test_swarms_reach_what_matters(place):
    """A simulation that never trades, fails or crashes would prove nothing."""
    total: Counter[str] = Counter()
    for seed in range(20, 32):
        world = lived(seed, place / str(seed), slots=120)
        total += world.seen
        total["SnapshotTaken"] += sum(row.kind == "SnapshotTaken" for row in world.journal.rows())
        total += Counter({f"fault {name}": times for name, times in world.venue.fired().items()})

    for name in (
        "Filled",
        "OrderUnknown",
        "OrderResolved",
        "CancelAnswered",
        "ExitDecided",
        "StopLatched",
        "Resumed",
        "OpinionReceived",
        "SnapshotTaken",
        "crash",
    ):
        assert total[name] > 0, name
    assert sum(name.startswith("fault ") for name in total) >= 8


def test_every_invariant_is_checked_or_has_a_reason():
    covered = invariants.numbers_covered()

    assert covered.isdisjoint(invariants.NOT_YET)
    assert covered | set(invariants.NOT_YET) == set(range(1, 33))


@pytest.mark.long
def test_many_seeds_break_no_invariant(place, project_root):
    """Go on where the last run stopped; the file named here holds the next seed."""
    state = Path(os.environ.get("HFL_LONG_STATE", project_root / "build" / "long"))
    state.mkdir(parents=True, exist_ok=True)
    mark = state / "simulation-next-seed"
    start = int(mark.read_text()) if mark.exists() else SEEDS
    sys.stdout.write(f"seeds {start} to {start + SEEDS_LONG - 1}, continued by {mark}\n")
    for seed in range(start, start + SEEDS_LONG):
        sys.stdout.write(f"seed {seed}\n")
        lived(seed, place / str(seed))
        mark.write_text(str(seed + 1))
