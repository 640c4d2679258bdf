"""The breakers' own measurements, at their worked examples, and the machine they share."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.bars import BarRow
from hfl_core.risk.breakers import loss, price, rejects, volatility, volume
from hfl_core.risk.breaking import ARMED, TRIPPED, Reading, moved
from hfl_core.risk.market import Market
from tests.engine.kit import D, limits

MINUTE = 60_000_000_000
WINDOW = 60 * MINUTE


def market(**facts: float) -> Market:
    """Return a market of which these facts are known."""
    found = Market(has_volume=True)
    for name, value in facts.items():
        setattr(found, name, value)
    return found


# --- the machine ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "is_loud", "is_over", "expected"),
    [
        (ARMED, False, False, ARMED),
        (ARMED, False, True, ARMED),
        (ARMED, True, False, TRIPPED),
        (ARMED, True, True, TRIPPED),
        (TRIPPED, False, False, TRIPPED),
        (TRIPPED, False, True, ARMED),
        (TRIPPED, True, False, TRIPPED),
        (TRIPPED, True, True, TRIPPED),
    ],
)
def test_a_breaker_trips_when_loud_and_rearms_when_it_is_over(state, is_loud, is_over, expected):
    assert moved(state, is_loud=is_loud, is_over=is_over) == expected


@pytest.mark.parametrize(
    ("value", "is_beyond"),
    [(2.0, False), (math.nextafter(2.0, 3), True), (math.nan, True), (math.inf, True), (-9, False)],
)
def test_a_reading_is_beyond_its_limit_and_so_is_what_is_no_number(value: float, is_beyond: bool):
    assert Reading("times", value, 2.0).is_beyond is is_beyond


def test_a_reading_says_how_much_of_what_and_the_limit():
    assert Reading("times the usual range", 2.61803, 2.5).sentence == (
        "2.618 times the usual range, limit 2.5"
    )


# --- loss -----------------------------------------------------------------------------------------


def test_a_fast_loss_trips_at_the_worked_example():
    assert loss.allowed(10_000 * 10**12, limits(rapid_loss_fraction_max=D("0.015"))) == 150 * 10**12


def test_the_highest_equity_of_the_window_is_what_a_loss_is_measured_from():
    peaks = loss.Peaks()
    told = [(0, 100), (10, 90), (20, 95), (59, 80), (60, 70), (61, 60), (80, 60), (81, 50)]
    found = [peaks.push(at * MINUTE, equity, window_ns=WINDOW) for at, equity in told]

    # 100 of minute 0 counts up to minute 60, the 95 of minute 20 up to minute 80.
    assert found == [100, 100, 100, 100, 100, 95, 95, 80]


def test_an_equal_peak_is_as_young_as_its_last_time():
    peaks = loss.Peaks()
    for at in (0, 30):
        peaks.push(at * MINUTE, 100, window_ns=WINDOW)

    assert len(peaks.row) == 1
    assert peaks.push(80 * MINUTE, 1, window_ns=WINDOW) == 100


def test_a_deposit_moves_every_peak():
    peaks = loss.Peaks()
    peaks.push(0, 100, window_ns=WINDOW)
    peaks.push(MINUTE, 90, window_ns=WINDOW)
    peaks.shift(50)

    assert list(peaks.row) == [(0, 150), (MINUTE, 140)]
    assert peaks.push(61 * MINUTE, 1, window_ns=WINDOW) == 140


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(-9, 9)), min_size=1, max_size=60))
def test_a_peak_is_the_plain_maximum_of_the_window(moves):
    peaks, now, seen = loss.Peaks(), 0, []
    for minutes, equity in moves:
        now += minutes * MINUTE
        seen.append((now, equity))

        assert peaks.push(now, equity, window_ns=WINDOW) == max(
            each for at, each in seen if at >= now - WINDOW
        )


# --- rejects --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "value", "is_beyond"),
    [
        ((1, 1, 1, 1), 0.0, False),
        ((1, 1, 0, 0, 0), 0.4, False),
        ((1, 1, 1, 0, 0), 0.6, True),
        ((1, 0) * 10, 0.5, False),
        ((), 0.0, False),
    ],
)
def test_three_rejections_of_five_answers_trip_and_four_answers_say_nothing(
    answers, value, is_beyond
):
    reading = rejects.read(answers, limits(reject_fraction_max=D("0.5")))

    assert reading.is_beyond is is_beyond
    assert reading == ("of the last answers were rejections", value, 0.5)


# --- price, volume, volatility --------------------------------------------------------------------

BOUNDS = limits(
    breaker_move_atr_max=D(8),
    breaker_move_fraction_max=D("0.15"),
    breaker_volume_ratio_max=D(30),
    breaker_volatility_ratio_max=D("2.5"),
)
USUAL = {"bars": 50, "atr_before": 2.0, "before": 100, "day_base": 0}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # 16 down of 100 is 8 ATRs of 2 (not beyond 8) and 16 per cent (beyond 15).
        ({"close": 84, "move": 16}, ("of the bar before", 0.16, 0.15)),
        ({"close": 86, "move": 14}, ("of the bar before", 0.14, 0.15)),
        ({"close": 90, "move": 10, "atr_before": 1.0}, ("ATRs in one bar", 10.0, 8.0)),
        # The first fifteen bars have no ATR to speak of, the sixteenth has.
        ({"move": 10, "atr_before": 1.0, "bars": 15}, ("of the bar before", 0.1, 0.15)),
        ({"move": 10, "atr_before": 1.0, "bars": 16}, ("ATRs in one bar", 10.0, 8.0)),
        ({"close": 90, "move": 10, "atr_before": 0.0}, ("of the bar before", 0.1, 0.15)),
        ({"close": 100, "move": 1, "day_base": 125}, ("since the day before", 0.2, 0.15)),
        ({"close": 150, "move": 1, "day_base": 125}, ("since the day before", 0.2, 0.15)),
        ({"close": 100, "move": 0, "before": 0, "bars": 1}, ("one bar", 0.0, 1.0)),
    ],
)  # fmt: skip
def test_the_price_reading_is_the_part_furthest_beyond(facts, expected):
    assert price.read(market(**(USUAL | facts)), BOUNDS) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"volume_usual": 1_000.0, "volume": 30_001.0}, 30.001),
        ({"volume_usual": 0.5, "volume": 15.0}, 30.0),
        ({"volume_usual": 0.0, "volume": 30_001.0}, 0.0),
    ],
)
def test_volume_is_measured_against_the_usual_one_once_that_is_known(facts, value):
    reading = volume.read(market(**facts), BOUNDS)

    assert reading == ("times the usual volume", value, 30.0)


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"bars": 102, "atr": 3.8, "slow": 1.9}, 2.0),
        ({"bars": 101, "atr": 3.8, "slow": 1.9}, 0.0),
        ({"bars": 102, "atr": 0.38, "slow": 0.19}, 2.0),
        ({"bars": 102, "atr": 0.0, "slow": 0.0}, 0.0),
    ],
)
def test_volatility_is_silent_for_the_first_hundred_and_one_bars(facts, value):
    reading = volatility.read(market(**facts), BOUNDS)

    assert reading == ("times the usual range", value, 2.5)


def test_bars_of_prices_that_never_move_trip_nothing():
    still = Market(has_volume=True)
    for number in range(1, 151):
        row = BarRow(0, 100, 100, 100, 100, 0.0, 0)
        still.push(row, time_ns=number, day_end_ns=200)
    readings = [each.read(still, BOUNDS) for each in (price, volume, volatility)]

    assert [(reading.value, reading.is_beyond) for reading in readings] == [(0.0, False)] * 3
