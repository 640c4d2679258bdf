"""The simulation steps a session piece by piece; a run drives it in one go: the same journal."""

from dataclasses import replace
from pathlib import Path

import pytest

from hfl_core.ports import JournalRow
from hfl_core.runtime.clock import VirtualClock
from tests.support.plan import Plan, draw_plan
from tests.support.world import World

FAULTS = (
    "",
    "timeout_after@submit p=0.2; duplicate_fills p=0.3; timeout_after@cancel p=0.2",
    "reject@submit p=0.2; silence@poll p=0.3; lose_fills p=0.1; maintenance@* calls=4 p=0.02",
)


class StillClock(VirtualClock):
    """Stands still: what a driver makes of the wall must not be in the rows."""

    __slots__ = ()

    def wall_ns(self) -> int:
        return 0

    def monotonic_ns(self) -> int:
        return 0

    def boot_ns(self) -> int:
        return 0


class InOneGo(World):
    """The same world, opened and driven by `Session.run`."""

    def _open_data(self) -> None:
        """Leave it to the session."""


def alone(seed: int) -> Plan:
    """Return a seed's world without crashes and without an operator."""
    return replace(
        draw_plan(seed, slots=120),
        faults={},
        orders={},
        crashes={},
        desks=(),
        flush_every=10**9,
        calm_slots=0,
    )


def stepped(world: World) -> World:
    while world.step():
        pass
    world.session._at_end_of_data()
    world.session._end()
    return world


def run(world: World) -> World:
    world.boot()
    world.session.run(0)
    return world


def still(world: World, faults: str) -> World:
    world.clock = StillClock()
    world.venue.change_faults(faults, seed=world.plan.seed)
    return world


def told(world: World) -> list[JournalRow]:
    return list(world.journal.rows())


@pytest.mark.parametrize("faults", FAULTS)
@pytest.mark.parametrize("seed", range(4))
def test_both_drivers_write_the_same_journal(seed: int, faults: str, tmp_path: Path) -> None:
    plan = alone(seed)
    first = stepped(still(World(plan, tmp_path / "stepped"), faults))
    second = run(still(InOneGo(plan, tmp_path / "run"), faults))
    rows, others = told(first), told(second)
    differing = next((pair for pair in zip(rows, others, strict=False) if pair[0] != pair[1]), None)

    assert differing is None
    assert len(rows) == len(others)
    assert first.journal.head_hash == second.journal.head_hash
    assert first.seen["OrderIntended"] == second.seen["OrderIntended"] > 0
