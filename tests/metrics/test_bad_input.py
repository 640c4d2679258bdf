"""Whatever no metric can use is refused with one sentence that names it."""

import math

import pytest

from hfl_core.domain.errors import DataError
from hfl_core.metrics.catalogue import find

RETURNS = [0.1, -0.1]


def call(name, *series, **options):
    metric = find(name)
    assert metric is not None
    return metric(*series, **options)


YEARLY = [
    "annual_return",
    "annual_volatility",
    "calmar_ratio",
    "cagr_from_returns",
    "compound_volatility",
    "downside_risk",
    "omega_ratio",
    "sharpe_ratio",
    "sortino_ratio",
]
OF_RETURNS = [
    "max_drawdown",
    "value_at_risk",
    "conditional_value_at_risk",
    "tail_ratio",
    "stability_of_timeseries",
    "skewness",
    "excess_kurtosis",
]
OF_TRADES = [
    "average_loss",
    "average_trade",
    "average_win",
    "best_trade",
    "expectancy",
    "geometric_mean_trade",
    "hit_rate",
    "kelly_criterion",
    "max_drawdown_from_trades",
    "payoff_ratio",
    "profit_factor",
    "system_quality_number",
    "worst_trade",
    "exposure",
    "total_return",
]
OF_VALUES = [
    "drawdowns",
    "average_drawdown",
    "longest_drawdown",
    "max_drawdown_span",
    "ulcer_index",
]


@pytest.mark.parametrize("name", YEARLY)
@pytest.mark.parametrize("periods", [0, -252, math.nan, math.inf])
def test_an_impossible_year_is_refused(name, periods):
    with pytest.raises(DataError, match="expected periods_per_year above zero, found"):
        call(name, RETURNS, periods_per_year=periods)


@pytest.mark.parametrize("name", YEARLY)
def test_an_infinite_return_is_named_in_annual_figures(name):
    with pytest.raises(DataError, match="expected returns finite, found inf at 1"):
        call(name, [0.1, math.inf], periods_per_year=252)


@pytest.mark.parametrize("name", OF_RETURNS)
def test_an_infinite_return_is_named(name):
    with pytest.raises(DataError, match="finite, found -inf at 0: leave it out"):
        call(name, [-math.inf, 0.1])


@pytest.mark.parametrize("name", OF_TRADES + OF_VALUES)
def test_a_missing_value_is_named(name):
    with pytest.raises(DataError, match="without holes, found none at 1: leave the row out"):
        call(name, [1.0, math.nan, 1.0])


@pytest.mark.parametrize("name", OF_VALUES)
@pytest.mark.parametrize("value", [0.0, -3.0])
def test_a_drawdown_of_nothing_is_refused(name, value):
    with pytest.raises(DataError, match=rf"expected values above zero, found {value} at 1"):
        call(name, [1.0, value])


@pytest.mark.parametrize("name", OF_RETURNS + OF_TRADES)
def test_a_table_is_no_series(name):
    with pytest.raises(DataError, match=r"as one row of numbers, found 2 dimensions"):
        call(name, [[0.1, 0.2], [0.3, 0.4]])


@pytest.mark.parametrize("name", OF_RETURNS + OF_TRADES + OF_VALUES)
def test_words_are_no_numbers(name):
    with pytest.raises(DataError, match=r"as numbers, found .*: pass numbers"):
        call(name, ["much", "little"])


@pytest.mark.parametrize("cutoff", [-0.1, 1.1, math.nan])
@pytest.mark.parametrize("name", ["value_at_risk", "conditional_value_at_risk"])
def test_a_cutoff_is_a_share(name, cutoff):
    with pytest.raises(DataError, match="expected cutoff from 0 to 1, found"):
        call(name, RETURNS, cutoff=cutoff)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sharpe_ratio", {"periods_per_year": 1, "risk_free_per_period": [0.1]}),
        ("downside_risk", {"periods_per_year": 1, "required_return_per_period": [0.1]}),
        ("sortino_ratio", {"periods_per_year": 1, "required_return_per_period": [0.1] * 3}),
        ("omega_ratio", {"periods_per_year": 1, "risk_free": [0.1]}),
        ("information_ratio_per_period", {"benchmark": [0.1]}),
        ("alpha_beta", {"benchmark": [0.1], "periods_per_year": 1}),
        ("up_capture", {"benchmark": [0.1], "periods_per_year": 1}),
        ("down_capture", {"benchmark": [0.1], "periods_per_year": 1}),
    ],
)
def test_rows_beside_the_returns_are_as_many(name, options):
    with pytest.raises(DataError, match=r"with 2 rows like the returns, found [13]: align them"):
        call(name, RETURNS, **options)


def test_a_required_return_of_ruin_is_refused():
    with pytest.raises(DataError, match="expected required_return_annual above -1, found -1"):
        call("omega_ratio", RETURNS, periods_per_year=1, required_return_annual=-1)


@pytest.mark.parametrize("name", ["", "_series", "catalogue", "../domain", "no_such", "Sharpe"])
def test_the_catalogue_finds_metrics_alone(name):
    assert find(name) is None
