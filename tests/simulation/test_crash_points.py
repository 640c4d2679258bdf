"""The process ends at every boundary of a story; the venue's own counts are the judge."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.opinions import FLAT, LONG, SHORT
from hfl_core.domain.orders import OrderStatus
from hfl_core.engine.settings import Watch
from hfl_core.venue.faults import FAULTS
from tests.support import invariants_quiet
from tests.support.bars import START_NS, ListFeed
from tests.support.builders import COIN, PAIR
from tests.support.outside import SimulatedCrash
from tests.support.plan import FAULT_FORMS, Order, Plan
from tests.support.strategies import Script
from tests.support.world import World

HOUR_NS: Final = 3_600 * 1_000_000_000
SLOTS: Final = 66
CALM: Final = 20
# Slot number -> stance.
COIN_STANCES: Final = {6: LONG, 9: FLAT, 11: LONG, 17: LONG, 20: FLAT, 22: LONG, 30: LONG, 36: LONG}
PAIR_STANCES: Final = {8: SHORT, 13: FLAT, 16: LONG, 33: SHORT}
ORDERS: Final[dict[int, tuple[Order, ...]]] = {
    17: (Order("deposit", "between", "500"),),
    18: (Order("pause", "between"),),
    19: (Order("resume", "between"),),
    21: (Order("pause", "file"),),
    23: (Order("withdraw", "between", "200"),),
    25: (Order("close_all", "between"),),
    29: (Order("resume", "between"),),
}
# Answers are lost without a further fault, too: unknowns are part of the story.
BASE_FAULTS: Final = (
    "timeout_after@submit n=4|11; timeout_before@submit n=7; timeout_after@cancel n=2"
)
STORY_FAULTS: Final = ("", *FAULT_FORMS)
LONG_SEEDS: Final = range(1, 4)


def story_items() -> list[Slot]:
    """Return bars that fill, fill in part, hit a stop, and gap beyond the day's limit."""
    rng = random.Random(5)
    coin, pair = 200_000, 12_000
    items = []
    for number in range(SLOTS):
        opened = coin
        coin += rng.randrange(-300, 301)
        if number == 14:
            coin = round(opened * 0.97)  # the stop of the second entry is hit inside this bar
        if number == 32:
            opened = coin = round(opened * 0.85)  # a gap through the stop: the day's loss limit
        volume = 0.02 if number == 12 else 4_000.0  # 12: only a part of the entry fills
        high, low = max(opened, coin) + 150, min(opened, coin) - 150
        rows = [BarRow(0, opened, high, low, coin, volume, 0)]
        before = pair
        pair += rng.randrange(-12, 13)
        rows.append(BarRow(1, before, max(before, pair) + 6, min(before, pair) - 6, pair, 0.0, 0))
        items.append(Slot(START_NS + (number + 1) * HOUR_NS, tuple(rows), 2 * (number + 1)))
    return items


def story_plan(faults: str, *, seed: int = 1) -> Plan:
    """Return the story under one more fault."""
    items = story_items()
    scripts = [
        Script(stances={items[number].time_ns: stance for number, stance in stances.items()})
        for stances in (COIN_STANCES, PAIR_STANCES)
    ]
    return Plan(
        seed=seed,
        feed=ListFeed((COIN, PAIR), items, timeframe_ns=HOUR_NS),
        watches=tuple(
            Watch(instrument=instrument, strategy=script, strategy_name="script")
            for instrument, script in zip((COIN, PAIR), scripts, strict=True)
        ),
        faults={0: "; ".join(part for part in (faults, BASE_FAULTS) if part)},
        orders=ORDERS,
        snapshot_every=10,
        flush_every=3,
        calm_slots=CALM,
    )


def lived(directory: Path, faults: str, *, crash_at: int = 0, seed: int = 1) -> World:
    """Live the story, ending the process at one boundary; then the venue becomes honest."""
    directory.mkdir()
    world = World(story_plan(faults, seed=seed), directory)
    world.crash_at = crash_at
    live_through(world)
    return world


def live_through(world: World) -> None:
    """Live a story to its end; where the process ends in it, the venue is honest from then on."""
    world.is_up = bool(world.crash_at)  # boundaries of the very first start count, too
    while True:
        try:
            if not world.runs:
                world.boot()
            while world.advance():
                pass
            world.finish()
        except SimulatedCrash:
            world.crash()
            world.venue.change_faults("", seed=0)
            world.boot()
        else:
            return


def judge(world: World) -> None:
    """Count what is lost, doubled and orphaned, by the venue's own counts."""
    counts = world.venue.counts()
    lost = [
        client_id
        for client_id in counts.accepted
        if client_id not in world.shadow.orders or client_id not in counts.submits
    ]
    doubled = [client_id for client_id, times in counts.submits.items() if times > 1]
    unresolved = [
        order.client_id
        for order in world.core.book.live.values()
        if order.status is not OrderStatus.WORKING
    ]
    theirs = {each.symbol: each.quantity for each in world.venue.matching.account().positions}
    ours = {symbol: each.quantity for symbol, each in world.core.book.positions.items()}

    assert (lost, doubled, unresolved) == ([], [], [])
    assert theirs == ours


def shares(points: int, *, every: int, first: int) -> Iterator[int]:
    """Draw the boundaries to end at."""
    return iter(range(1 + first, points + 1, every))


def test_the_story_holds_everything_it_promises(place):
    world = lived(place / "story", "")

    for kind in ("Filled", "OrderUnknown", "OrderResolved", "CancelAnswered", "LimitTripped"):
        assert world.seen[kind] > 0, kind
    assert world.seen["LatchFound"] > 0
    for verb in ("pause", "resume", "close_all", "deposit", "withdraw"):
        assert world.seen[f"operator {verb}"] > 0, verb
    purposes = {order.intent.purpose.value for order in world.shadow.orders.values()}
    assert purposes == {"entry", "exit", "protection"}
    partly = [o for o in world.shadow.orders.values() if 0 < o.filled < o.intent.quantity]
    assert partly
    assert world.points > 300


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_ending_at_every_boundary_loses_and_doubles_nothing(part, place):
    points = lived(place / "whole", "").points
    for point in shares(points, every=4, first=part):
        world = lived(place / str(point), "", crash_at=point)

        assert world.seen["crash"] == 1, point
        judge(world)


@pytest.mark.slow
@pytest.mark.parametrize("faults", STORY_FAULTS[1:])
def test_ending_under_any_fault_loses_and_doubles_nothing(faults, place):
    spec = faults.format(p="0.4")
    points = lived(place / "whole", spec).points
    first = sum(map(ord, faults)) % 37
    for point in shares(points, every=67, first=first):
        world = lived(place / str(point), spec, crash_at=point)

        judge(world)


def test_every_kind_of_fault_has_its_place():
    named = {form.partition("@")[0].partition(" ")[0] for form in FAULT_FORMS}

    assert named == set(FAULTS)


@pytest.mark.parametrize("point", [40, 160, 280])
def test_recovering_twice_is_recovering_once(point, place):
    """A second start without anything between changes nothing but the run."""
    world = lived(place / "story", "", crash_at=point)
    world.boot()
    once = dict(invariants_quiet.folded(world.engine))
    sent = dict(world.venue.counts().submits)
    world.crash()
    world.boot()
    twice = dict(invariants_quiet.folded(world.engine))

    for state in (once, twice):
        assert isinstance(state["book"], dict)
        for name in ("run_id", "runs"):
            state["book"].pop(name)
    assert twice == once
    assert world.venue.counts().submits == sent


@pytest.mark.long
@pytest.mark.parametrize("seed", LONG_SEEDS)
@pytest.mark.parametrize("faults", STORY_FAULTS)
def test_every_boundary_under_every_fault(faults, seed, place):
    spec = faults.format(p="0.4")
    points = lived(place / "whole", spec, seed=seed).points
    sys.stdout.write(f"{spec!r} seed {seed}: {points} boundaries\n")
    for point in shares(points, every=1, first=0):
        judge(lived(place / str(point), spec, crash_at=point, seed=seed))
