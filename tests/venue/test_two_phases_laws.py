"""Laws of the two phases over random worlds.

How a bar is told changes no fill, telling anything again changes nothing, and an open knows nothing
of the rest of its bar.
"""

import random
from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.bars import BarRow
from hfl_core.domain.events import Filled
from hfl_core.domain.orders import OrderType
from tests.venue.worlds import HOUR, listed, random_bar, random_order, state_of

SEEDS = st.integers(0, 10**9)


@given(SEEDS)
def test_a_bar_told_in_two_phases_fills_as_told_at_once(seed: int) -> None:
    """Bar by bar, cash running short or not: the logs are equal to the last cursor."""
    rng = random.Random(seed)
    cash = rng.choice([800, 5_000, 10**7])
    one, two = listed(cash), listed(cash)
    for hour in range(25):
        for index in range(3):
            row = random_bar(rng, index)
            one.on_bar(row, hour * HOUR, (hour + 1) * HOUR)
            assert two.on_open(row, hour * HOUR, (hour + 1) * HOUR)
            assert two.on_bar(row, hour * HOUR, (hour + 1) * HOUR)
            assert one.log == two.log
            assert state_of(one) == state_of(two)
        for _ in range(rng.randrange(4)):
            request = random_order(rng, len(one.orders) + hour * 10)
            assert one.submit(request) == two.submit(request)
        if one.orders and rng.random() < 0.2:
            name = rng.choice(list(one.orders))
            assert one.cancel(name) == two.cancel(name)


@given(SEEDS)
def test_a_slot_told_in_two_phases_fills_as_told_at_once_where_cash_is_ample(seed: int) -> None:
    """All opens, then all bars: the log's order differs, each order's fills do not."""
    rng = random.Random(seed)
    one, two = listed(10**9), listed(10**9)
    for hour in range(25):
        rows = [random_bar(rng, index) for index in range(3)]
        times = (hour * HOUR, (hour + 1) * HOUR)
        for row in rows:
            one.on_bar(row, *times)
        for row in rows:
            two.on_open(row, *times)
        for row in rows:
            two.on_bar(row, *times)
        assert {name: one.query(name) for name in one.orders} == {
            name: two.query(name) for name in two.orders
        }
        assert one.account() == two.account()
        for _ in range(rng.randrange(4)):
            request = random_order(rng, len(one.orders) + hour * 10)
            assert isinstance(one.submit(request), str) == isinstance(two.submit(request), str)


@given(SEEDS)
def test_telling_opens_and_bars_again_changes_nothing(seed: int) -> None:
    """Orders arrive in every phase; before each step any earlier open or bar is told once more."""
    rng = random.Random(seed)
    told: list[tuple[str, BarRow, int]] = []
    once, often = listed(5_000), listed(5_000)
    for hour in range(20):
        for phase in ("on_open", "on_bar") if rng.random() < 0.8 else ("on_bar",):
            for index in range(3):
                row = random_bar(random.Random(f"{seed} {hour} {index}"), index)
                told.append((phase, row, hour))
                getattr(once, phase)(row, hour * HOUR, (hour + 1) * HOUR)
                getattr(often, phase)(row, hour * HOUR, (hour + 1) * HOUR)
                for name, older, at in rng.choices(told, k=rng.randrange(4)):
                    assert not getattr(often, name)(older, at * HOUR, (at + 1) * HOUR)
            for _ in range(rng.randrange(3)):
                request = random_order(rng, len(once.orders) + len(told) * 10)
                assert once.submit(request) == often.submit(request)
    assert once.log == often.log
    assert state_of(once) == state_of(often)


@given(SEEDS)
def test_an_open_knows_nothing_of_the_range_of_its_bar(seed: int) -> None:
    rng = random.Random(seed)
    world = listed(5_000)
    for hour in range(6):
        for index in range(3):
            world.on_bar(random_bar(rng, index), hour * HOUR, (hour + 1) * HOUR)
        for number in range(4):
            world.submit(random_order(rng, hour * 10 + number))
    other = deepcopy(world)
    for index in range(3):
        row = random_bar(rng, index)
        high, low = row.open + rng.randrange(2_000), row.open - rng.randrange(2_000)
        unlike = row._replace(high=high, low=low, close=rng.randint(low, high), flags=1)
        world.on_open(row, 6 * HOUR, 7 * HOUR)
        other.on_open(unlike, 6 * HOUR, 7 * HOUR)
    assert world.log == other.log
    assert state_of(world) == state_of(other)


def test_the_worlds_of_these_laws_fill_at_opens_and_in_ranges() -> None:
    """Guard: in 50 of them every kind of order fills, and stops and limits in both phases."""
    seen = set()
    for seed in range(50):
        rng = random.Random(seed)
        world = listed(10**7)
        for hour in range(25):
            for index in range(3):
                world.on_bar(random_bar(rng, index), hour * HOUR, (hour + 1) * HOUR)
            for event in world.log:
                if isinstance(event, Filled):
                    kind = world.orders[event.fill.client_id].type
                    seen.add((kind, event.fill.at_ns == hour * HOUR))
            for _ in range(3):
                world.submit(random_order(rng, len(world.orders) + hour * 10))

    assert seen >= {
        (OrderType.MARKET, True),
        (OrderType.STOP, True),
        (OrderType.STOP, False),
        (OrderType.LIMIT, True),
        (OrderType.LIMIT, False),
    }
