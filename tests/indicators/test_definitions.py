"""Every column of every indicator against its definition, written once more without a library."""

import math

import numpy as np
import pytest

from hfl_core.indicators.catalogue import compute, find
from tests.indicators import plain
from tests.indicators.worlds import bars, world
from tests.style import tree

SEEDS = range(12)
NAMES = sorted(
    name.rpartition(".")[2].replace("_", "-")
    for name in tree.modules()
    if name.startswith("hfl_core.indicators.") and not name.rpartition(".")[2].startswith("_")
)


def columns_of(name, rows):
    high, low, close, volume = rows
    market = world(991, len(close))[2]
    benchmark = bars(market, market, market) if name in ("beta", "corr") else None
    return compute(name, bars(high, low, close, volume), benchmark=benchmark)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_column_is_its_definition(seed):
    rows = world(seed)
    market = world(991)[2]
    wanted = plain.everything(rows, market)
    names = sorted({name for name, _ in wanted})

    found = {name: columns_of(name, rows) for name in names}

    assert {(name, output) for name in names for output in found[name]} == set(wanted)
    wrong = [
        (name, output, row, float(found[name][output][row]), values[row])
        for (name, output), values in wanted.items()
        for row in range(len(values))
        if not math.isclose(found[name][output][row], values[row], rel_tol=1e-8, abs_tol=1e-7)
        and not (math.isnan(found[name][output][row]) and math.isnan(values[row]))
    ]
    assert wrong[:5] == []


def test_every_indicator_is_compared():
    rows = world(1)
    compared = {name for name, _ in plain.everything(rows, rows[2])}

    assert compared == set(NAMES) - {"catalogue"}
    assert len(compared) == 32


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"catalogue", "obv", "vwap"}))
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_too_few_bars_give_columns_without_a_value_rather_than_an_error(name, rows):
    high, low, close, volume = (values[:rows] for values in world(3))

    found = columns_of(name, (high, low, close, volume))

    assert all(len(values) == rows for values in found.values())
    late = {"sma", "rsi", "adx", "bb", "cci", "mfi", "aroon", "supertrend", "uo", "beta", "corr"}
    if name in late:
        first = [key for key in found if not key.startswith("returns")]
        assert all(np.isnan(found[key]).all() for key in first)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"catalogue", "ichimoku"}))
def test_no_value_looks_ahead(name):
    rows = world(5)
    cut = tuple(values[:90] for values in rows)

    whole, part = columns_of(name, rows), columns_of(name, cut)

    for output, values in part.items():
        assert np.array_equal(values, whole[output][:90], equal_nan=True), output


def test_the_one_column_that_looks_ahead_is_the_chart_line():
    rows = world(5)
    whole = columns_of("ichimoku", rows)
    part = columns_of("ichimoku", tuple(values[:90] for values in rows))

    looks = {
        output
        for output, values in part.items()
        if not np.array_equal(values, whole[output][:90], equal_nan=True)
    }
    assert looks == {"chikouSpan"}


def test_a_large_price_keeps_the_digits_of_a_small_deviation():
    """TA-Lib's own deviation is 0 here: the square of the price swallows the move."""
    close = [1e9 + row % 2 for row in range(40)]

    found = compute("stdev", bars(close, close, close), (14,))["stdDev"]

    assert found[13:] == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["", "no-such", "catalogue", "_columns", "stoch_rsi", "../sma"])
def test_the_catalogue_finds_indicators_alone(name):
    assert find(name) is None
