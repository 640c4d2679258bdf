"""Every defect that is planted in a clean series is found in its rows, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfl_data.inspection.subject import Asked
from tests.data.checks.planting import (
    MARKETS,
    PRICES,
    SECOND,
    clean,
    findings,
    row_of,
    rows,
    scaled,
    with_row,
    without,
    write,
)

HOUR = 3600 * SECOND
DAY = 24 * HOUR
EXAMPLES = settings(max_examples=8)
seeds = st.integers(0, 2**32 - 1)
# Away from both ends, so that every defect has neighbours.
places = st.integers(40, 75)
every_market = st.sampled_from(sorted(MARKETS))
traded = st.sampled_from([name for name in sorted(MARKETS) if not name.startswith("forex")])


@pytest.mark.parametrize("market", sorted(MARKETS))
@settings(max_examples=4)
@given(seed=seeds)
def test_a_clean_series_raises_nothing(market, seed, tmp_path_factory):
    path = write(clean(market, seed), market, tmp_path_factory.mktemp("clean"))

    assert findings(path) == {}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places, length=st.integers(1, 3))
def test_missing_bars_are_a_gap_before_the_bar_behind_them(
    market, seed, at, length, tmp_path_factory
):
    series = clean(market, seed)
    if market == "forex 1d":
        # A Sunday's bar is not owed.
        length = 1
        weekday = (series["ts"][at] // DAY + 3) % 7
        at += 1 if weekday == 6 else 0
    path = write(without(series, np.arange(at, at + length)), market, tmp_path_factory.mktemp("g"))

    found = findings(path)

    # Three months are more than 90 days, two may be.
    codes = {"gap", "hole"} if market == "crypto 1mo" else {"gap"}
    ((code, places_found),) = rows(found).items()
    assert code in codes
    assert places_found == [at]
    assert found[code].bars == length


@EXAMPLES
@given(market=every_market, seed=seeds, at=places)
def test_a_bar_that_stands_twice_is_an_equal_duplicate(market, seed, at, tmp_path_factory):
    series = clean(market, seed)
    path = write(with_row(series, at, row_of(series, at)), market, tmp_path_factory.mktemp("d"))

    assert rows(findings(path)) == {"duplicate_equal": [at + 1]}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places)
def test_two_bars_of_one_time_are_a_conflict(market, seed, at, tmp_path_factory):
    series = clean(market, seed)
    other = row_of(series, at)
    other["high"] *= 1.001
    path = write(with_row(series, at + 1, other), market, tmp_path_factory.mktemp("d"))

    assert rows(findings(path)) == {"duplicate_conflict": [at + 1]}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places)
def test_a_row_that_comes_late_is_disorder(market, seed, at, tmp_path_factory):
    series = clean(market, seed)
    late = row_of(series, at)
    moved = with_row(without(series, [at]), at + 5, late)
    path = write(moved, market, tmp_path_factory.mktemp("d"))

    assert rows(findings(path)) == {"disorder": [at + 5]}


@EXAMPLES
@given(market=every_market, seed=seeds)
def test_a_file_from_newest_to_oldest_is_told_once(market, seed, tmp_path_factory):
    series = {name: column[::-1] for name, column in clean(market, seed).items()}
    path = write(series, market, tmp_path_factory.mktemp("n"))

    found = findings(path)

    assert list(found) == ["newest_first"]
    assert found["newest_first"].bars == len(series["ts"])


@EXAMPLES
@given(market=every_market, seed=seeds, at=places, name=st.sampled_from(PRICES))
def test_a_price_that_is_not_there_is_missing(market, seed, at, name, tmp_path_factory):
    series = clean(market, seed)
    series[name][at] = np.nan
    path = write(series, market, tmp_path_factory.mktemp("m"))

    assert rows(findings(path)) == {"missing_price": [at]}


@EXAMPLES
@given(market=traded, seed=seeds, at=places, value=st.sampled_from([np.nan, -5.0]))
def test_a_volume_that_is_none_is_missing(market, seed, at, value, tmp_path_factory):
    series = clean(market, seed)
    series["volume"][at] = value
    path = write(series, market, tmp_path_factory.mktemp("m"))

    assert rows(findings(path)) == {"missing_volume": [at]}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places, value=st.sampled_from([0.0, -1.0]))
def test_a_low_of_zero_or_less_is_no_price(market, seed, at, value, tmp_path_factory):
    series = clean(market, seed)
    series["low"][at] = value
    path = write(series, market, tmp_path_factory.mktemp("z"))

    assert rows(findings(path)) == {"non_positive_price": [at]}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places)
def test_a_high_below_the_low_is_upside_down(market, seed, at, tmp_path_factory):
    series = clean(market, seed)
    series["high"][at], series["low"][at] = series["low"][at], series["high"][at]
    path = write(series, market, tmp_path_factory.mktemp("h"))

    assert rows(findings(path)) == {"high_below_low": [at]}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places, name=st.sampled_from(["open", "close"]))
def test_a_price_above_the_high_is_outside(market, seed, at, name, tmp_path_factory):
    series = clean(market, seed)
    series["high"][at] = series[name][at] * 0.99999
    series["low"][at] = min(series["low"][at], series["high"][at] * 0.9999)
    path = write(series, market, tmp_path_factory.mktemp("o"))

    assert rows(findings(path)) == {"outside_range": [at]}


@EXAMPLES
@given(
    market=every_market,
    seed=seeds,
    at=places,
    factor=st.sampled_from([0.6, 0.75, 1.3, 1.7, 5.0]),
)
def test_a_close_that_stands_alone_is_a_spike(market, seed, at, factor, tmp_path_factory):
    series = clean(market, seed)
    series["close"][at] *= factor
    series["high"][at] = max(series["high"][at], series["close"][at])
    series["low"][at] = min(series["low"][at], series["close"][at])
    path = write(series, market, tmp_path_factory.mktemp("s"))

    assert rows(findings(path)) == {"spike": [at]}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places, factor=st.sampled_from([0.1, 0.7, 1.4, 10.0]))
def test_a_whole_bar_off_its_neighbours_is_a_spike(market, seed, at, factor, tmp_path_factory):
    series = scaled(clean(market, seed), slice(at, at + 1), factor)
    path = write(series, market, tmp_path_factory.mktemp("s"))

    assert rows(findings(path)) == {"spike": [at]}


@EXAMPLES
@given(
    market=st.sampled_from(["crypto 1h", "stocks 1d", "stocks 1m", "forex 1d", "indices 1d"]),
    seed=seeds,
    at=places,
    is_up=st.booleans(),
)
def test_a_high_or_low_far_off_is_a_wick(market, seed, at, is_up, tmp_path_factory):
    series = clean(market, seed)
    name, factor = ("high", 1.9) if is_up else ("low", 0.5)
    series[name][at] *= factor
    path = write(series, market, tmp_path_factory.mktemp("w"))

    assert rows(findings(path)) == {"wick": [at]}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places, factor=st.sampled_from([0.55, 1.8]))
def test_another_level_that_stays_is_a_jump(market, seed, at, factor, tmp_path_factory):
    series = scaled(clean(market, seed), slice(at, None), factor)
    path = write(series, market, tmp_path_factory.mktemp("j"))

    assert rows(findings(path)) == {"jump": [at]}


@EXAMPLES
@given(
    market=st.sampled_from(["stocks 1d", "stocks 1h", "stocks 1m"]),
    seed=seeds,
    at=places,
    ratio=st.sampled_from([1.5, 2.0, 3.0, 7.0, 10.0, 20.0, 0.5, 0.1]),
)
def test_a_fraction_that_stays_is_a_split(market, seed, at, ratio, tmp_path_factory):
    series = scaled(clean(market, seed), slice(at, None), 1.0 / ratio)
    series["volume"][at:] *= ratio
    path = write(series, market, tmp_path_factory.mktemp("p"))

    found = findings(path)

    assert rows(found) == {"split_unadjusted": [at]}
    (place,) = found["split_unadjusted"].places
    assert dict(place.values)["ratio"] == pytest.approx(ratio, rel=0.03)


@EXAMPLES
@given(market=every_market, seed=seeds, at=places, length=st.integers(1, 20))
def test_a_stretch_in_pence_is_another_unit(market, seed, at, length, tmp_path_factory):
    series = scaled(clean(market, seed), slice(at, at + length), 100.0)
    path = write(series, market, tmp_path_factory.mktemp("u"))

    found = findings(path)

    assert rows(found) == {"price_units": [at]}
    assert found["price_units"].bars == length


@EXAMPLES
@given(market=every_market, seed=seeds, at=places, length=st.integers(5, 20))
def test_the_same_bar_again_and_again_is_stale(market, seed, at, length, tmp_path_factory):
    series = clean(market, seed)
    for name in PRICES:
        series[name][at : at + length] = series["close"][at - 1]
    series["volume"][at : at + length] = series["volume"][at]
    path = write(series, market, tmp_path_factory.mktemp("r"))

    found = findings(path)

    assert rows(found) == {"stale": [at]}
    assert found["stale"].bars == length


@EXAMPLES
@given(market=traded, seed=seeds, at=places, length=st.integers(5, 20))
def test_the_same_prices_in_other_amounts_are_trade(market, seed, at, length, tmp_path_factory):
    series = clean(market, seed)
    for name in PRICES:
        series[name][at : at + length] = series["close"][at - 1]
    path = write(series, market, tmp_path_factory.mktemp("q"))

    assert findings(path) == {}


@EXAMPLES
@given(market=traded, seed=seeds, at=places)
def test_a_bar_without_volume_is_told(market, seed, at, tmp_path_factory):
    series = clean(market, seed)
    series["volume"][at] = 0.0
    path = write(series, market, tmp_path_factory.mktemp("v"))

    assert rows(findings(path)) == {"zero_volume": [at]}


@EXAMPLES
@given(market=traded, seed=seeds)
def test_a_last_bar_that_had_just_begun_is_partial(market, seed, tmp_path_factory):
    series = clean(market, seed)
    last = len(series["ts"]) - 1
    series["volume"][last] = 1.0
    for name in PRICES:
        series[name][last] = series["close"][last - 1]
    path = write(series, market, tmp_path_factory.mktemp("l"))

    assert rows(findings(path)) == {"partial_last_bar": [last]}


@EXAMPLES
@given(market=every_market, seed=seeds)
def test_a_last_bar_that_closes_in_the_future_is_partial(market, seed, tmp_path_factory):
    series = clean(market, seed)
    last = len(series["ts"]) - 1
    path = write(series, market, tmp_path_factory.mktemp("l"))

    found = findings(path, Asked(now_ns=int(series["ts"][last]) + 30 * SECOND))

    assert rows(found) == {"partial_last_bar": [last]}


@EXAMPLES
@given(market=every_market, seed=seeds, at=places)
def test_a_row_without_a_time_is_unreadable(market, seed, at, tmp_path_factory):
    series = clean(market, seed)
    nameless = row_of(series, at) | {"ts": -(2**62)}
    path = write(with_row(series, at, nameless), market, tmp_path_factory.mktemp("t"))

    found = findings(path)

    assert rows(found) == {"unreadable_time": [at]}
    assert found["unreadable_time"].places[0].time_ns is None


@EXAMPLES
@given(seed=seeds, market=st.sampled_from(["stocks 1d", "indices 1d"]))
def test_a_bar_on_a_holiday_is_out_of_session(seed, market, tmp_path_factory):
    series = clean(market, seed)
    # Independence Day.
    holiday = int(np.datetime64("2019-07-04", "ns").astype(np.int64))
    before = int(np.searchsorted(series["ts"], holiday))
    row = row_of(series, before) | {"ts": holiday}
    path = write(with_row(series, before, row), market, tmp_path_factory.mktemp("o"))

    assert rows(findings(path)) == {"out_of_session": [before]}


@EXAMPLES
@given(seed=seeds, market=st.sampled_from(["forex 1h", "forex 1d"]))
def test_a_bar_on_saturday_is_out_of_session(seed, market, tmp_path_factory):
    series = clean(market, seed)
    saturday = int(np.datetime64("2019-03-02", "ns").astype(np.int64))
    before = int(np.searchsorted(series["ts"], saturday))
    row = row_of(series, before) | {"ts": saturday}
    for name in PRICES:
        row[name] *= 1.00001
    path = write(with_row(series, before, row), market, tmp_path_factory.mktemp("o"))

    assert rows(findings(path)) == {"out_of_session": [before]}


@EXAMPLES
@given(
    seed=seeds,
    at=places,
    market=st.sampled_from(["crypto 1h", "crypto 1d", "forex 1h", "stocks 1m"]),
)
def test_a_bar_between_the_others_is_off_the_grid(seed, at, market, tmp_path_factory):
    series = clean(market, seed)
    between = (int(series["ts"][at]) + int(series["ts"][at + 1])) // 2 // SECOND * SECOND
    row = row_of(series, at) | {"ts": between, "open": series["close"][at]}
    row["high"] = max(row[name] for name in PRICES)
    row["low"] = min(row[name] for name in PRICES)
    path = write(with_row(series, at + 1, row), market, tmp_path_factory.mktemp("f"))

    assert rows(findings(path)) == {"off_grid": [at + 1]}
