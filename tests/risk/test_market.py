"""A market's fold: days, ranges, volume, regime, what is loud, and its exact saving."""

import json
import math
import random
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.bars import BarRow
from hfl_core.risk.breakers import price, volatility, volume
from hfl_core.risk.market import (
    ATR_BARS,
    PRICE,
    SLOW_BARS,
    VOLATILITY,
    VOLUME,
    Market,
    Thresholds,
)
from tests.engine.kit import D, limits

HOUR = 3_600_000_000_000
DAY = 24 * HOUR
BOUNDS = limits(
    breaker_move_atr_max=D(8),
    breaker_move_fraction_max=D("0.15"),
    breaker_volume_ratio_max=D(30),
    breaker_volatility_ratio_max=D("2.5"),
)
LOUD = Thresholds(move_atr=8.0, move_fraction=0.15, volume_ratio=30.0, volatility_ratio=2.5)


def bar(close: int, *, high: int = 0, low: int = 0, volume: float = 10.0, flags: int = 0) -> BarRow:
    return BarRow(0, close, high or close, low or close, close, volume, flags)


class Feed:
    """Pushes hourly bars from midnight on."""

    def __init__(self, *, has_volume: bool = True, thresholds: Thresholds | None = None) -> None:
        self.market = Market(has_volume=has_volume)
        if thresholds is not None:
            self.market.thresholds = thresholds
        self.now = 0

    def push(self, row: BarRow, *, after: int = HOUR) -> int:
        self.now += after
        day_end = -(-self.now // DAY) * DAY
        return self.market.push(row, time_ns=self.now, day_end_ns=day_end)


def test_a_day_ends_with_the_bar_that_closes_at_its_end():
    feed = Feed()
    for hour in range(24):
        feed.push(bar(100 + hour))

    assert list(feed.market.days) == [(DAY, 123)]


def test_a_day_without_a_bar_at_its_end_ends_with_its_last_one():
    """Shares close in the evening; the next bar is tomorrow's."""
    feed = Feed()
    feed.push(bar(100), after=21 * HOUR)
    assert list(feed.market.days) == []
    assert feed.market.closes(DAY - 1) == {}
    assert feed.market.closes(DAY) == {DAY: 100}
    feed.push(bar(110), after=18 * HOUR)

    assert list(feed.market.days) == [(DAY, 100)]
    assert feed.market.closes(2 * DAY) == {DAY: 100, 2 * DAY: 110}


def test_days_without_any_bar_leave_no_close():
    feed = Feed()
    feed.push(bar(100), after=20 * HOUR)
    feed.push(bar(101), after=3 * DAY)
    feed.push(bar(102), after=DAY)

    assert [day // DAY for day in feed.market.closes(feed.now)] == [1, 4]


def test_the_last_good_price_is_of_the_bar_before_and_without_a_flag():
    feed = Feed()
    feed.push(bar(100))
    assert feed.market.good_before == 0
    feed.push(bar(101))
    assert feed.market.good_before == 100
    feed.push(bar(500, flags=8))
    assert feed.market.good_before == 101
    feed.push(bar(102))

    assert (feed.market.good_before, feed.market.good) == (101, 102)


def test_daily_ranges_and_their_ratio():
    """Thirteen days of one per cent and one of ten: mean 23/14 %, median one per cent."""
    feed = Feed()
    feed.push(bar(1_000), after=DAY)
    for _ in range(13):
        feed.push(bar(1_000, high=1_010), after=DAY)
        assert feed.market.volatility_ratio() is None
    feed.push(bar(1_000, high=1_100), after=DAY)

    assert list(feed.market.ranges) == pytest.approx([0.01] * 13 + [0.1])
    assert feed.market.volatility_ratio() == pytest.approx(23 / 14)


def test_perfect_stillness_has_no_ratio():
    feed = Feed()
    for _ in range(40):
        feed.push(bar(100), after=DAY)

    assert feed.market.volatility_ratio() is None
    assert feed.market.regime.name == "sideways"


def test_traded_value_and_volume_are_means():
    feed = Feed()
    assert (feed.market.day_value_mean(), feed.market.bar_volume_mean()) == (None, None)
    for value in (10.0, 30.0):
        for hour in range(24):
            feed.push(bar(100, volume=value if hour < 12 else 0.0))

    assert list(feed.market.values) == [12 * 100 * 10.0, 12 * 100 * 30.0]
    assert feed.market.day_value_mean() == 24_000.0
    assert feed.market.bar_volume_mean() == 10.0


# --- what is loud ---------------------------------------------------------------------------------


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


# --- saving ---------------------------------------------------------------------------------------

MOVES = st.lists(
    st.tuples(st.integers(-90, 90), st.floats(0, 1e6), st.sampled_from([1, 1, 1, 7, 80])),
    min_size=1,
    max_size=120,
)


@given(MOVES, st.integers(0, 120))
def test_a_saved_market_goes_on_bit_for_bit(moves, cut):
    whole, first = Feed(thresholds=LOUD), Feed(thresholds=LOUD)
    second = Feed(thresholds=LOUD)
    close = 1_000
    for number, (move, traded, hours) in enumerate(moves):
        close = max(1, close + move)
        row = bar(close, high=close + abs(move), volume=traded)
        whole.push(row, after=hours * HOUR)
        if number < cut:
            first.push(row, after=hours * HOUR)
            second.market.restore(json.loads(json.dumps(first.market.state())))
            second.now = first.now
        else:
            second.push(row, after=hours * HOUR)

    assert second.market.state() == whole.market.state()


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60))
def test_the_first_means_are_plain_ones(closes):
    feed = Feed()
    for close in closes:
        feed.push(bar(close))
    spans = [abs(b - a) for a, b in pairwise(closes)]
    market = feed.market

    if spans:
        assert market.slow == pytest.approx(math.fsum(spans) / len(spans))
    if 0 < len(spans) < ATR_BARS:
        assert market.atr == pytest.approx(math.fsum(spans) / len(spans))
    if market.volume_median:
        assert market.volume_median == median([10.0] * 3)
