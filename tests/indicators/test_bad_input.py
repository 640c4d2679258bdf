"""What no indicator can use is refused with one sentence."""

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_core.indicators._columns import bars_of
from hfl_core.indicators.catalogue import compute
from tests.indicators.worlds import bars, world

ROWS = world(7)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["high", "low", "close", "volume"])
def test_a_hole_is_named(name, odd):
    columns = dict(zip(("high", "low", "close", "volume"), map(np.array, ROWS), strict=True))
    columns[name][17] = odd
    with pytest.raises(DataError, match=f"expected {name} without holes, found .* at row 17: drop"):
        bars_of(**columns)


def test_columns_of_two_lengths_are_refused():
    with pytest.raises(DataError, match=r"expected columns of one length, found \[2, 3\]: align"):
        bars([1.0, 2.0], [1.0, 2.0], [1.0, 2.0, 3.0])


def test_a_table_is_no_column():
    table = np.ones((2, 2))
    with pytest.raises(DataError, match="expected high as one column, found 2 dimensions"):
        bars_of(high=table, low=table, close=table)


@pytest.mark.parametrize("name", ["mfi", "cmf", "obv", "vwap"])
def test_volume_that_is_not_there_is_not_made_up(name):
    with pytest.raises(DataError, match=f"expected volume for {name}, found none"):
        compute(name, bars(*ROWS[:3]))


ONE_PERIOD = (
    "sma ema wma hma dema tema rsi atr adx donchian cci willr mfi cmf roc stdev aroon ulcer"
)


@pytest.mark.parametrize("name", ONE_PERIOD.split())
@pytest.mark.parametrize("period", [0, -5, 2.5, 1e9, float("nan"), float("inf")])
def test_an_absurd_period_is_refused(name, period):
    with pytest.raises(DataError, match=r"expected period as a whole number of bars from [12] to"):
        compute(name, bars(*ROWS), (period,))


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("macd", (26, 12, 9), "expected fast below slow, found 26 and 12: swap them"),
        ("macd", (12, 12, 9), "expected fast below slow"),
        ("uo", (14, 7, 28), r"expected three rising periods, found \[14, 7, 28\]"),
        ("psar", (0.3, 0.2), "expected step up to step_max, found 0.3 and 0.2"),
        ("psar", (0, 0.2), "expected step above zero, found 0"),
        ("bb", (20, -1), "expected width above zero, found -1"),
        ("supertrend", (10, float("nan")), "expected width above zero, found nan"),
        ("sma", (5, 6), r"expected 1 parameters for sma \(period\), found 2"),
        ("stoch-rsi", (14,), "expected 4 parameters for stoch-rsi"),
        ("crystal-ball", (), "expected the name of an indicator, found 'crystal-ball'"),
        ("beta", (), "expected a benchmark for beta, found none"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(name, parameters, message):
    with pytest.raises(DataError, match=message):
        compute(name, bars(*ROWS), parameters)


@pytest.mark.parametrize("name", ["beta", "corr"])
def test_a_benchmark_has_as_many_rows(name):
    with pytest.raises(DataError, match="expected a benchmark of 120 rows, found 119: join both"):
        compute(name, bars(*ROWS), benchmark=bars(*(values[1:] for values in ROWS)))
