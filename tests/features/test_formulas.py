"""Every feature equals its formula, written out plainly over the whole history, on any series."""

import math
import random
import statistics
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfl_core.features.base import HLC, FeatureSpec
from hfl_core.features.catalogue import make

UNIT = 2.0**-53

# Constants, jumps of up to 21 orders of magnitude, tiny and huge prices, ties.
PRICES = st.one_of(
    st.sampled_from([1e-9, 0.1, 1.0, 1.0, 100.0, 100.0, 100.25, 1e12]),
    st.floats(min_value=1e-9, max_value=1e12),
)
CLOSES = st.lists(PRICES, min_size=1, max_size=90)
PERIODS = st.integers(min_value=1, max_value=12)


@st.composite
def bar_lists(draw):
    bars = []
    for close in draw(CLOSES):
        up = draw(st.sampled_from([0.0, 0.001, 0.5]))
        down = draw(st.sampled_from([0.0, 0.002, 0.5]))
        bars.append((close * (1 + up), close * (1 - down), close))
    return bars


def walk(seed: int, count: int) -> list[tuple[float, float, float]]:
    rng = random.Random(seed)
    close, bars = 100.0, []
    for _ in range(count):
        close *= math.exp(rng.gauss(0.0, 0.01))
        bars.append((close * (1 + rng.random() / 100), close * (1 - rng.random() / 100), close))
    return bars


def run(name, parameters, rows, *outputs):
    """Push all rows and return, for each, None or the outputs."""
    feature: Any = make(FeatureSpec(name, parameters, outputs[0]))
    found = []
    for row in rows:
        if feature.INPUTS == HLC:
            feature.push(*row)
        else:
            feature.push(row)
        values = tuple(getattr(feature, output) for output in outputs)
        assert feature.is_ready or values == (0.0,) * len(outputs)
        found.append(values if feature.is_ready else None)
    return found


def windows(numbers, size, first):
    """Return, for each row, the last `size` numbers, or None before row `first`."""
    return [
        numbers[row + 1 - size : row + 1] if row >= first else None for row in range(len(numbers))
    ]


def close_to(found, wanted, tolerance=1e-9, scale=0.0):
    return abs(found - wanted) <= max(tolerance * abs(wanted), tolerance * scale)


@given(CLOSES, PERIODS)
def test_sma_is_the_mean_within_its_stated_bound(closes, period):
    for found, window in zip(
        run("sma", (period,), closes, "value"), windows(closes, period, period - 1), strict=True
    ):
        assert (found is None) == (window is None)
        if window:
            exact = sum(map(Fraction, window)) / period

            assert abs(Fraction(found[0]) - exact) <= (period + 1) * Fraction(UNIT) * exact


@given(CLOSES, PERIODS)
def test_stdev_and_bollinger_err_only_by_what_is_in_the_window(closes, period):
    """A price of 1e12 that has left the window must not disturb prices of 1e-9."""
    deviations = run("stdev", (period,), closes, "value", "mean", "zscore")
    bands = run(
        "bollinger",
        (period, 2.5),
        closes,
        "middle",
        "deviation",
        "upper",
        "lower",
        "width",
        "zscore",
    )
    for found, band, window in zip(
        deviations, bands, windows(closes, period, period - 1), strict=True
    ):
        assert (found is None) == (band is None) == (window is None)
        if not window:
            continue
        exact = [Fraction(x) for x in window]
        mean = sum(exact) / period
        deviation = math.sqrt(sum((x - mean) ** 2 for x in exact) / period)
        allowed = 8 * period * UNIT * max(window)

        assert abs(found[0] - deviation) <= allowed
        assert abs(found[1] - float(mean)) <= allowed
        assert band[:2] == (found[1], found[0])
        assert close_to(band[2], float(mean) + 2.5 * deviation, scale=max(window))
        assert close_to(band[3], float(mean) - 2.5 * deviation, scale=max(window))
        assert close_to(band[4], 5 * deviation / float(mean), scale=1.0)
        if len(set(window)) == 1:
            assert found[0] == found[2] == band[5] == 0.0
        elif deviation > 1e-6 * max(window):
            assert close_to(found[2], (window[-1] - float(mean)) / deviation, scale=10.0)
            assert found[2] == band[5]


@given(CLOSES, PERIODS)
def test_ema_is_its_recursion(closes, period):
    wanted, weight = None, 2 / (period + 1)
    for row, (found, close) in enumerate(
        zip(run("ema", (period,), closes, "value"), closes, strict=True)
    ):
        if row == period - 1:
            wanted = statistics.fmean(closes[:period])
        elif wanted is not None:
            wanted = weight * close + (1 - weight) * wanted

        assert (found is None) == (wanted is None)
        assert found is None or close_to(found[0], wanted, scale=max(closes) * 1e-6)


@given(CLOSES, PERIODS)
def test_rsi_is_wilders(closes, period):
    changes = [after - before for before, after in pairwise(closes)]
    up = down = None
    for row, found in enumerate(run("rsi", (period,), closes, "value")):
        assert (found is None) == (row < period)
        if found is None:
            continue
        if row == period:
            up = sum(max(change, 0.0) for change in changes[:period]) / period
            down = sum(max(-change, 0.0) for change in changes[:period]) / period
        else:
            up = (up * (period - 1) + max(changes[row - 1], 0.0)) / period
            down = (down * (period - 1) + max(-changes[row - 1], 0.0)) / period

        assert 0.0 <= found[0] <= 100.0
        if up + down > 2e-12 * closes[row]:
            assert close_to(found[0], 100 * up / (up + down), scale=1.0)
        elif up + down < 0.5e-12 * closes[row]:
            assert found[0] == 50.0


@given(bar_lists(), PERIODS)
def test_atr_is_wilders(bars, period):
    ranges = [
        max(high - low, abs(high - last), abs(low - last))
        for (_, _, last), (high, low, _) in pairwise(bars)
    ]
    wanted = None
    for row, found in enumerate(run("atr", (period,), bars, "value", "true_range")):
        if row == period:
            wanted = sum(ranges[:period]) / period
        elif row > period:
            wanted = (wanted * (period - 1) + ranges[row - 1]) / period

        assert (found is None) == (wanted is None)
        if found:
            assert close_to(found[0], wanted, scale=max(ranges) * 1e-6)
            assert close_to(found[1], ranges[row - 1], scale=max(bars[row]) * 1e-6)


def plain_adx(bars, period):
    """Return (adx, +di, -di) for each bar from the sums of the definition, or None."""
    moves = []
    for (high0, low0, last), (high, low, _) in pairwise(bars):
        up, down = high - high0, low0 - low
        moves.append(
            (
                max(high, last) - min(low, last),
                up if up > max(down, 0.0) else 0.0,
                down if down > max(up, 0.0) else 0.0,
            )
        )
    answers: list[Any] = [None]
    dx_list: list[float] = []
    adx: Any = None
    sums = [sum(move[part] for move in moves[: period - 1]) for part in range(3)]
    for number, move in enumerate(moves, start=1):
        if number < period:
            answers.append(None)
            continue
        sums = [total * (1 - 1 / period) + part for total, part in zip(sums, move, strict=True)]
        plus, minus = (100 * total / sums[0] if sums[0] else 0.0 for total in sums[1:])
        dx_list.append(100 * abs(plus - minus) / (plus + minus) if plus + minus else 0.0)
        if len(dx_list) == period:
            adx = sum(dx_list) / period
        elif adx is not None:
            adx = (adx * (period - 1) + dx_list[-1]) / period
        answers.append(None if adx is None else (adx, plus, minus))
    return answers


@given(st.integers(0, 10_000), st.integers(2, 12))
def test_adx_is_wilders_on_random_walks(seed, period):
    bars = walk(seed, 90)
    for found, wanted in zip(
        run("adx", (period,), bars, "value", "pdi", "mdi"), plain_adx(bars, period), strict=True
    ):
        assert (found is None) == (wanted is None)
        if found:
            assert all(close_to(a, b, scale=1.0) for a, b in zip(found, wanted, strict=True))


@given(bar_lists(), PERIODS)
def test_adx_stays_within_its_range_on_any_bars(bars, period):
    for found in run("adx", (period,), bars, "value", "pdi", "mdi"):
        if found:
            assert all(-1e-9 <= figure <= 100.0 + 1e-6 for figure in found)


def test_adx_of_a_still_market_is_zero():
    found = run("adx", (3,), [(5.0, 5.0, 5.0)] * 20, "value", "pdi", "mdi")

    assert found[-1] == (0.0, 0.0, 0.0)


@given(bar_lists(), PERIODS)
def test_donchian_is_the_channel_before_this_bar(bars, period):
    for row, found in enumerate(run("donchian", (period,), bars, "upper", "lower", "middle")):
        assert (found is None) == (row < period)
        if found:
            before = bars[row - period : row]
            upper, lower = max(bar[0] for bar in before), min(bar[1] for bar in before)

            assert found == (upper, lower, (upper + lower) / 2)


@given(CLOSES, PERIODS)
def test_roc_and_momentum_compare_with_the_close_n_bars_ago(closes, period):
    rates = run("roc", (period,), closes, "value")
    logs = run("momentum", (period,), closes, "value")
    for row, (rate, log) in enumerate(zip(rates, logs, strict=True)):
        assert (rate is None) == (log is None) == (row < period)
        if rate:
            old = closes[row - period]

            assert close_to(rate[0], 100 * (closes[row] - old) / old, scale=1.0)
            assert close_to(log[0], math.log(closes[row]) - math.log(old), scale=1.0)


@given(CLOSES, st.integers(2, 12))
def test_volatility_is_the_sample_deviation_of_log_returns(closes, period):
    returns = [math.log(after / before) for before, after in pairwise(closes)]
    for row, found in enumerate(run("volatility", (period,), closes, "value")):
        assert (found is None) == (row < period)
        if found:
            window = returns[row - period : row]

            assert close_to(found[0], statistics.stdev(window), scale=1e-3)


@given(CLOSES, st.integers(1, 5), st.integers(1, 6), st.integers(1, 5))
def test_macd_is_the_difference_of_two_averages(closes, fast, more, signal_period):
    slow = fast + more

    def averages(period, start, seed_from):
        values = {start: statistics.fmean(closes[seed_from : start + 1])}
        for row in range(start + 1, len(closes)):
            values[row] = values[row - 1] + 2 / (period + 1) * (closes[row] - values[row - 1])
        return values

    found = run("macd", (fast, slow, signal_period), closes, "value", "signal", "histogram")
    first = slow + signal_period - 2
    assert [row for row, values in enumerate(found) if values] == list(range(first, len(closes)))
    if len(closes) <= first:
        return
    fasts = averages(fast, slow - 1, slow - fast)
    slows = averages(slow, slow - 1, 0)
    lines = [fasts[row] - slows[row] for row in range(slow - 1, len(closes))]
    signal = statistics.fmean(lines[:signal_period])
    for row in range(first, len(closes)):
        line = lines[row - slow + 1]
        if row > first:
            signal += 2 / (signal_period + 1) * (line - signal)
        scale = max(closes)

        assert close_to(found[row][0], line, scale=scale)
        assert close_to(found[row][1], signal, scale=scale)
        assert close_to(found[row][2], line - signal, scale=scale)


def plain_regime(closes, long, short, trend_min, crisis_min):
    returns = [math.log(after / before) for before, after in pairwise(closes)]
    if len(returns) < long + short:
        return None
    recent, base = returns[-short:], statistics.stdev(returns[-short - long : -short])
    stress = min(statistics.stdev(recent) / base, 10.0)
    trend = math.log(closes[-1] / closes[-1 - long]) / (base * math.sqrt(long))
    trend = max(-10.0, min(10.0, trend))
    if stress >= crisis_min and sum(recent) < 0:
        return -2.0, trend, stress
    return (1.0 if trend >= trend_min else -1.0 if trend <= -trend_min else 0.0), trend, stress


@settings(max_examples=12)
@given(st.integers(0, 10_000))
def test_regime_is_its_definition_on_walks_with_changing_weather(seed):
    rng = random.Random(seed)
    closes = [100.0]
    while len(closes) < 160:
        drift, size = rng.choice([(0.01, 0.01), (-0.01, 0.01), (0.0, 0.01), (-0.02, 0.06)])
        closes.extend(
            closes[-1] * math.exp(step)
            for step in [sum(rng.gauss(drift, size) for _ in range(k + 1)) for k in range(12)]
        )
    found = run("regime", (20, 6, 1, 2), closes, "value", "trend", "stress")
    for row in range(0, len(closes), 3):
        wanted = plain_regime(closes[: row + 1], 20, 6, 1, 2)
        assert (found[row] is None) == (wanted is None)
        if wanted:
            assert found[row][0] == wanted[0]
            assert close_to(found[row][1], wanted[1], scale=1.0)
            assert close_to(found[row][2], wanted[2], scale=1.0)


@pytest.mark.parametrize(
    ("drift", "wanted"),
    [(0.004, 1.0), (-0.004, -1.0), (0.0, 0.0)],
    ids=["bull", "bear", "sideways"],
)
def test_regime_names_a_plain_market_right(drift, wanted):
    closes = [100 * math.exp(drift * bar + 0.01 * (-1) ** bar) for bar in range(140)]

    assert run("regime", (100, 20, 1, 2), closes, "value")[-1] == (wanted,)


def test_regime_calls_a_violent_fall_a_crisis_and_a_violent_rise_not():
    calm = [100 * math.exp(0.002 * (-1) ** bar) for bar in range(125)]
    fall = [calm[-1] * math.exp(-0.03 * step * (step % 3)) for step in range(1, 12)]
    rise = [calm[-1] * math.exp(0.03 * step * (step % 3)) for step in range(1, 12)]

    assert run("regime", (100, 20, 1, 2), calm + fall, "value")[-1] == (-2.0,)
    assert run("regime", (100, 20, 1, 2), calm + rise, "value")[-1] == (1.0,)


def test_regime_of_perfect_stillness_is_sideways_and_the_first_fall_ends_it():
    still = [7.0] * 40
    found = run("regime", (20, 6, 1, 2), [*still, 6.9], "value", "trend", "stress")

    assert found[39] == (0.0, 0.0, 0.0)
    assert found[40] == (-2.0, -10.0, 10.0)
