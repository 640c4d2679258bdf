"""A market's fold: days, ranges, volume, regime, and its exact saving."""

import json
import math
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.risk.market import ATR_BARS, Market
from hfl_core.risk.regimes import Regime
from tests.risk.feed import DAY, HOUR, LOUD, Feed, bar


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


def test_it_begins_with_nothing():
    state = Market(has_volume=True).state()
    regime = state.pop("regime")

    assert regime == Regime().state()
    assert {name: value for name, value in state.items() if value not in (0, [], [0, 0, 0])} == {}
    assert None not in state.values()


def test_so_much_is_kept_and_no_more():
    """120 ranges need the closes of 121 days; regimes read 31, the traded value 20."""
    feed = Feed()
    for day in range(130):
        feed.push(bar(1_000 + day), after=DAY)
    market = feed.market

    assert [close for _, close in market.days] == [1_000 + day for day in range(9, 130)]
    assert list(market.closes_recent) == [1_000 + day for day in range(99, 130)]
    assert list(market.values) == [10.0 * (1_000 + day) for day in range(110, 130)]
    assert list(market.ranges) == pytest.approx([1 / (1_000 + day) for day in range(9, 129)])
    assert len(market.volumes) == 100


def test_between_two_days_no_day_is_open():
    feed = Feed()
    feed.push(bar(100), after=DAY)

    assert feed.market.state()["day_end_ns"] == 0
    assert feed.market.closes(2 * DAY) == {DAY: 100}


def test_a_day_that_ends_with_the_clock_s_first_nanosecond_is_a_day():
    market = Market(has_volume=True)
    market.push(bar(100), time_ns=0, day_end_ns=1)

    assert market.closes(1) == {1: 100}
    assert market.closes(0) == {}


@pytest.mark.parametrize(("bars", "usual"), [(19, 0.0), (20, 10.0)])
def test_a_usual_volume_takes_twenty_bars_and_the_end_of_a_day(bars: int, usual: float):
    feed = Feed()
    feed.now = DAY - bars * HOUR
    for _ in range(bars):
        feed.push(bar(100))

    assert feed.market.volume_median == usual


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


def test_a_damaged_state_is_not_taken():
    state = Market(has_volume=True).state()
    with pytest.raises(ValueError, match="zip"):
        Market(has_volume=True).restore(state | {"loud_bars": [1, 2]})
    with pytest.raises(KeyError, match="atr"):
        Market(has_volume=True).restore({name: state[name] for name in state if name != "atr"})


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
