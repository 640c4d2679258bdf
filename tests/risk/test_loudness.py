"""What is loud: a bar beyond a breaker's threshold, to the tick, and from which bar on."""

import math
import random

import pytest

from hfl_core.risk.breakers import price, volatility, volume
from hfl_core.risk.market import PRICE, SLOW_BARS, VOLATILITY, VOLUME
from tests.engine.kit import D, limits
from tests.risk.feed import LOUD, Feed, bar

BOUNDS = limits(
    breaker_move_atr_max=D(8),
    breaker_move_fraction_max=D("0.15"),
    breaker_volume_ratio_max=D(30),
    breaker_volatility_ratio_max=D("2.5"),
)


def calm(bars: int = 30, *, size: int = 2) -> Feed:
    """Return a feed whose bars range over `size` ticks around 1,000."""
    feed = Feed(thresholds=LOUD)
    for number in range(bars):
        feed.push(bar(1_000 + size * (number % 2)))
    return feed


@pytest.mark.parametrize(("move", "is_loud"), [(16, False), (17, True), (-16, False), (-17, True)])
def test_a_bar_of_more_than_eight_atrs_is_loud(move: int, is_loud: bool):
    feed = calm()
    last = feed.market.close
    assert feed.market.atr == 2.0

    assert feed.push(bar(last + move)) == (PRICE if is_loud else 0)
    assert feed.market.calm_bars(PRICE) == (0 if is_loud else feed.market.bars)


@pytest.mark.parametrize(("close", "is_loud"), [(850, False), (849, True), (1_150, False)])
def test_a_bar_of_more_than_the_fraction_is_loud_from_the_second_on(close: int, is_loud: bool):
    feed = Feed(thresholds=LOUD)
    feed.push(bar(1_000))

    assert feed.push(bar(close)) == (PRICE if is_loud else 0)


def test_a_day_of_more_than_the_fraction_is_loud_though_no_bar_is():
    feed = Feed(thresholds=LOUD._replace(move_atr=math.inf))
    for _ in range(24):
        feed.push(bar(1_000))
    found = [feed.push(bar(1_000 - 20 * step)) for step in range(1, 9)]

    assert found == [0, 0, 0, 0, 0, 0, 0, PRICE]


def test_a_move_after_perfect_stillness_is_judged_by_the_fraction_alone():
    feed = calm(size=0)

    assert feed.push(bar(1_001)) == 0


@pytest.mark.parametrize(("traded", "is_loud"), [(300.0, False), (300.1, True)])
def test_a_bar_of_more_than_thirty_usual_volumes_is_loud(traded: float, is_loud: bool):
    feed = calm()
    assert feed.market.volume_median == 10.0

    assert feed.push(bar(1_000, volume=traded)) == (VOLUME if is_loud else 0)


def test_without_traded_volume_no_volume_is_loud():
    feed = Feed(has_volume=False, thresholds=LOUD)
    for _ in range(30):
        feed.push(bar(1_000))

    assert feed.push(bar(1_000, volume=1e12)) == 0


def test_bars_eight_times_as_wide_are_loud_after_seven():
    """The worked example: near 3.8 against 1.5."""
    feed = calm(SLOW_BARS + 50, size=1)
    found = []
    for number in range(9):
        found.append(feed.push(bar(1_000, high=1_004, low=996)))
        if number == 6:
            assert feed.market.atr == pytest.approx(3.83, abs=0.01)
            assert feed.market.slow == pytest.approx(1.47, abs=0.01)

    assert found.index(VOLATILITY) == 6


def spanning(feed: Feed, *sizes: int) -> list[int]:
    """Push bars around 1,000 of these ranges; return what was loud."""
    return [feed.push(bar(1_000, high=1_000 + size)) for size in sizes]


def test_ranges_weigh_as_much_as_the_formula_says():
    """The first 100 bars are a plain mean of 99 ranges; from there one in a hundred is new."""
    rng = random.Random(3)
    sizes = [rng.randint(1, 60) for _ in range(120)]
    feed = Feed()
    feed.push(bar(1_000))
    slow = atr = 0.0
    for number, size in enumerate(sizes, start=1):
        spanning(feed, size)
        slow = math.fsum(sizes[:number]) / number if number < 100 else slow + (size - slow) / 100
        atr = math.fsum(sizes[:number]) / number if number < 14 else atr + (size - atr) / 14

        assert (feed.market.slow, feed.market.atr) == pytest.approx((slow, atr))


@pytest.mark.parametrize(("bars", "is_loud"), [(14, False), (15, True)])
def test_atrs_are_judged_from_the_sixteenth_bar_on(bars: int, is_loud: bool):
    feed = Feed(thresholds=LOUD._replace(move_fraction=math.inf))
    for number in range(bars):
        feed.push(bar(1_000 + number % 2))

    assert feed.push(bar(1_100)) == (PRICE if is_loud else 0)


def test_half_an_atr_is_loud_where_the_limit_says_so():
    feed = Feed(thresholds=LOUD._replace(move_fraction=math.inf, move_atr=0.5))
    spanning(feed, *[1] * 20)

    assert feed.market.atr == 1.0
    assert feed.push(bar(1_001)) == PRICE


@pytest.mark.parametrize(("close", "is_loud"), [(850, False), (849, True), (1_150, False)])
def test_a_day_may_move_exactly_the_fraction(close: int, is_loud: bool):
    feed = Feed(thresholds=LOUD._replace(move_atr=math.inf))
    for _ in range(24):
        feed.push(bar(1_000))
    feed.push(bar((1_000 + close) // 2))

    assert feed.push(bar(close)) == (PRICE if is_loud else 0)


def test_wide_ranges_are_loud_from_the_hundred_and_second_bar_on():
    feed = Feed(thresholds=LOUD)
    feed.push(bar(1_000))
    found = spanning(feed, *[1] * 85, *[20] * 20)

    # Far beyond already before; bar 1 is the one that has no range.
    assert feed.market.atr > 2.5 * feed.market.slow
    assert found.index(VOLATILITY) + 2 == 102


def test_ranges_of_exactly_the_limit_are_not_loud():
    feed = Feed(thresholds=LOUD._replace(volatility_ratio=1.0))
    spanning(feed, *[4] * 110)

    assert feed.market.atr == feed.market.slow == 4.0
    assert spanning(feed, 4) == [0]


def test_one_bar_may_be_loud_in_every_way():
    feed = calm(SLOW_BARS + 50, size=1)
    for _ in range(5):
        spanning(feed, 8)

    assert feed.push(bar(1_400, volume=1e6)) == PRICE | VOLUME | VOLATILITY


def test_a_loud_price_leaves_the_other_breakers_calm():
    feed = calm()
    feed.push(bar(1_500))

    assert feed.market.calm_bars(PRICE) == 0
    assert feed.market.calm_bars(VOLUME) == feed.market.calm_bars(VOLATILITY) == feed.market.bars


@pytest.mark.parametrize("seed", range(20))
def test_what_is_loud_is_what_the_breakers_read(seed: int):
    """The quick comparison of the loop and the breakers' own formulas never disagree."""
    rng = random.Random(seed)
    feed = Feed(thresholds=LOUD)
    close, seen = 10_000, 0
    for _ in range(600):
        size = 0.05 if rng.random() < 0.03 else 0.004
        close = max(50, round(close * math.exp(rng.gauss(0, size))))
        top, bottom = close + rng.randint(0, 60), max(1, close - rng.randint(0, 60))
        traded = 10 ** rng.uniform(0, 3)
        loud = feed.push(bar(close, high=top, low=bottom, volume=traded))
        seen |= loud
        for breaker, read in ((price, PRICE), (volume, VOLUME), (volatility, VOLATILITY)):
            assert breaker.read(feed.market, BOUNDS).is_beyond == bool(loud & read)
    assert seen & PRICE
    assert seen & VOLUME
