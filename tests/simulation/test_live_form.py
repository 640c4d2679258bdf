"""The same worlds bar by bar: late, lost and doubled bars, faults, crashes, every law."""

import dataclasses
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.verdicts import RuleVerdict
from tests.simulation.test_crash_points import (
    STORY_FAULTS,
    judge,
    live_through,
    shares,
    story_plan,
)
from tests.support.bars import ListFeed
from tests.support.live_world import LiveWorld
from tests.support.plan import Plan, draw_plan
from tests.support.streams import Delays
from tests.support.world import World

SECOND_NS = 1_000_000_000
GRACE_NS = 20 * SECOND_NS
SEEDS = 40
SEEDS_QUICK = 4
# These count time as it ran, which waits for bars: their numbers, not their outcomes, may differ.
TIMED = frozenset({"losing_run", "order_rate", "repeated_order", "stop_out"})


def in_time(seed: int) -> Delays:
    """Let every bar come within the grace, in any order."""

    def delays(close_ns: int, index: int) -> tuple[int, ...]:
        return (random.Random(f"{seed} {close_ns} {index}").randrange(1, GRACE_NS),)

    return delays


def wild(seed: int) -> Delays:
    """Lose some bars, let some come late, twice, or at the very end of the grace."""

    def delays(close_ns: int, index: int) -> tuple[int, ...]:
        chance = random.Random(f"{seed} {close_ns} {index}")
        fate = chance.random()
        if fate < 0.02:
            return ()
        if fate < 0.07:
            return (chance.randrange(GRACE_NS, 5 * GRACE_NS),)
        if fate < 0.09:
            return (chance.randrange(1, GRACE_NS), chance.randrange(1, 2 * GRACE_NS))
        if fate < 0.15:
            return (GRACE_NS,)
        return (chance.randrange(1, 6 * SECOND_NS),)

    return delays


def decided(world: World) -> list[object]:
    """Return what was decided, tripped and filled, without when it was known."""
    found: list[object] = []
    for row in world.journal.rows():
        event = row.event
        if isinstance(event, ev.SignalEmitted):
            found.append((event.decision, event.slot_ns, event.symbol, event.direction, event.bar,
                          event.flags, event.features, event.score, event.blended))  # fmt: skip
        elif isinstance(event, ev.RiskAssessed):
            found.append((event.decision, event.symbol, event.reason, event.quantity,
                          event.sizing, tuple(map(_verdict, event.rules))))  # fmt: skip
        elif isinstance(event, ev.ExitDecided):
            found.append((event.decision, event.symbol, event.reason))
        elif isinstance(event, ev.LimitTripped):
            found.append((event.limit, event.value, event.period_end_ns))
        elif isinstance(event, ev.Filled):
            fill = event.fill
            found.append((fill.symbol, fill.side, fill.price, fill.quantity, fill.at_ns))
    return found


def _verdict(verdict: RuleVerdict) -> object:
    return (verdict.rule, verdict.outcome) if verdict.rule in TIMED else verdict


def honest_story() -> Plan:
    return dataclasses.replace(story_plan(""), faults={}, orders={})


def lived(world: World) -> World:
    world.run()
    return world


def only_what_came(plan: Plan, delays: Delays) -> Plan:
    """Return the plan over the slots that a stream's scans saw: what came in time, in its form."""
    items = []
    cursor = 0
    for item in plan.feed.items:
        assert isinstance(item, Slot)
        came = tuple(
            bar
            for bar in item.bars
            if min(delays(item.time_ns, bar.index), default=GRACE_NS) < GRACE_NS
        )
        cursor += len(came)
        if came:
            items.append(Slot(item.time_ns, came, cursor))
    feed = ListFeed(plan.feed.instruments, items, timeframe_ns=plan.feed.timeframe_ns)
    return dataclasses.replace(plan, feed=feed)


def test_bars_that_come_in_time_decide_what_their_slots_decide(place):
    whole = lived(World(honest_story(), place / "whole"))
    parts = lived(LiveWorld(honest_story(), place / "parts", in_time(1)))

    assert decided(parts) == decided(whole)
    assert len(decided(parts)) > 30
    assert parts.core.book.counts == whole.core.book.counts
    assert parts.core.book.equity == whole.core.book.equity
    assert parts.core.decider.state() == whole.core.decider.state()


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    seed=st.integers(0, 2**32),
    lost=st.sampled_from((0.0, 0.02, 0.1, 0.4)),
    edges=st.sampled_from((0.0, 0.3, 1.0)),
    doubled=st.sampled_from((0.0, 0.3)),
)
def test_whatever_comes_when_the_scans_are_those_of_what_came_in_time(
    seed, lost, edges, doubled, tmp_path_factory
):
    """Any delay, order and loss: per slot the same codes, signals, verdicts and fills."""

    def delays(close_ns: int, index: int) -> tuple[int, ...]:
        # A slot of which nothing comes is no slot: at most one of its two bars is lost.
        slot = random.Random(f"{seed} {close_ns}")
        if slot.random() < lost and slot.randrange(2) == index:
            return ()
        chance = random.Random(f"{seed} {close_ns} {index}")
        delay = chance.randrange(1, GRACE_NS)
        if chance.random() < edges:
            delay = chance.choice((1, GRACE_NS - 1))
        return (delay, delay + SECOND_NS) if chance.random() < doubled else (delay,)

    place = tmp_path_factory.mktemp("worlds")
    plan = honest_story()
    parts = LiveWorld(plan, place / "parts", delays)
    # The venue of both sees the whole market; only what the engine hears of it differs.
    whole = HalfDeafWorld(only_what_came(plan, delays), place / "whole", plan.feed)
    lived(parts)
    lived(whole)

    assert decided(parts) == decided(whole)
    assert parts.core.book.counts == whole.core.book.counts
    assert parts.core.decider.state() == whole.core.decider.state()


class HalfDeafWorld(World):
    """Slot by slot, but the venue's market is another feed: the one that nothing was lost of."""

    def __init__(self, plan: Plan, directory: Path, market: ListFeed) -> None:
        super().__init__(plan, directory)
        tell_slot, tell_open = self.venue.publish_slot, self.venue.publish_open

        def publish_slot(slot, open_ns):
            return tell_slot(market.slots.get(slot.time_ns, slot), open_ns)

        def publish_open(slot, open_ns):
            return tell_open(market.slots.get(slot.time_ns, slot), open_ns)

        vars(self.venue).update(publish_slot=publish_slot, publish_open=publish_open)


@pytest.mark.parametrize("seed", range(SEEDS_QUICK))
def test_a_seed_of_late_and_lost_bars_breaks_no_invariant(seed, place):
    world = lived(LiveWorld(draw_plan(seed, slots=160), place / "live", wild(seed)))

    assert world.seen["BarClosed"] > 100
    assert world.seen["BarMissedScan"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS_QUICK, SEEDS))
def test_no_further_seed_of_a_stream_breaks_an_invariant(seed, place):
    world = lived(LiveWorld(draw_plan(seed, slots=160), place / "live", wild(seed)))

    assert world.journal.committed_rows > 0


def test_a_seed_of_a_stream_reproduces_bit_for_bit(place):
    first, second = (
        lived(LiveWorld(draw_plan(6, slots=100), place / name, wild(6)))
        for name in ("first", "second")
    )

    assert first.journal.head_hash == second.journal.head_hash
    assert first.seen == second.seen


def story(directory: Path, faults: str, *, crash_at: int = 0) -> LiveWorld:
    """Live the story bar by bar, ending the process at one boundary."""
    directory.mkdir()
    world = LiveWorld(story_plan(faults), directory, wild(3))
    world.crash_at = crash_at
    live_through(world)
    return world


def bars_taken(world: LiveWorld) -> tuple[dict[tuple[str, int], int], set[tuple[str, int]]]:
    """Return how often each bar is a row, and which bars ever came."""
    times: dict[tuple[str, int], int] = {}
    for row in world.journal.rows():
        if isinstance(row.event, ev.BarClosed):
            key = (row.event.symbol, row.event.close_ns)
            times[key] = times.get(key, 0) + 1
    names = [str(each.symbol) for each in world.stream.instruments]
    came = {
        (names[each.bar.index], each.close_ns)
        for each in world.stream.arrivals
        if each.bar is not None
    }
    return times, came


def judge_stream(world: LiveWorld) -> None:
    """Judge as any story, and count bars: none lost, none doubled."""
    judge(world)
    times, came = bars_taken(world)
    names = [str(each.symbol) for each in world.stream.instruments]
    last = {name: max(time for each, time in came if each == name) for name in names}

    assert set(times.values()) == {1}
    # A bar behind a later one of its instrument is out of order and no news.
    assert {key for key in came if key[1] == last[key[0]]} <= set(times)
    assert len(times) == len(came)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_ending_at_every_boundary_of_a_stream_loses_and_doubles_nothing(part, place):
    points = story(place / "whole", "").points
    for point in shares(points, every=8, first=part):
        world = story(place / str(point), "", crash_at=point)

        assert world.seen["crash"] == 1, point
        judge_stream(world)


@pytest.mark.slow
@pytest.mark.parametrize("faults", STORY_FAULTS[1::5])
def test_ending_under_a_fault_of_a_stream_loses_and_doubles_nothing(faults, place):
    spec = faults.format(p="0.4")
    points = story(place / "whole", spec).points
    for point in shares(points, every=113, first=sum(map(ord, faults)) % 37):
        judge_stream(story(place / str(point), spec, crash_at=point))


def test_a_crash_in_the_middle_of_a_slot_goes_on_in_scanning_with_the_half_slot(place):
    world = LiveWorld(honest_story(), place / "live", in_time(2))
    world.boot()
    while not (len(world.journal.rows()) > 60 and world.core.book.state == "scanning"):
        world.advance()
        world.runner.flush()
    (half,) = world.core.gathering.open.values()
    held = dict(half.bars)
    world.crash()
    world.boot()
    (found,) = world.core.gathering.open.values()

    assert (world.core.book.state, found.bars) == ("scanning", held)
    assert found.skipped == ""
    while world.core.gathering.open:
        world.advance()
    assert world.core.book.state in {"idle", "executing"}
    assert "HALTED" not in world.core.book.counts
