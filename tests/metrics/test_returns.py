"""Metrics of return series: plain second computations, and every odd input has a defined answer."""

import math
import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.metrics.alpha_beta import alpha_beta
from hfl_core.metrics.annual_return import annual_return
from hfl_core.metrics.annual_volatility import annual_volatility
from hfl_core.metrics.cagr import cagr
from hfl_core.metrics.cagr_from_returns import cagr_from_returns
from hfl_core.metrics.compound_volatility import compound_volatility
from hfl_core.metrics.conditional_value_at_risk import conditional_value_at_risk
from hfl_core.metrics.down_capture import down_capture
from hfl_core.metrics.downside_risk import downside_risk
from hfl_core.metrics.excess_kurtosis import excess_kurtosis
from hfl_core.metrics.information_ratio_annual import information_ratio_annual
from hfl_core.metrics.information_ratio_per_period import information_ratio_per_period
from hfl_core.metrics.omega_ratio import omega_ratio
from hfl_core.metrics.sharpe_ratio import sharpe_ratio
from hfl_core.metrics.skewness import skewness
from hfl_core.metrics.sortino_ratio import sortino_ratio
from hfl_core.metrics.stability_of_timeseries import stability_of_timeseries
from hfl_core.metrics.tail_ratio import tail_ratio
from hfl_core.metrics.total_return import total_return
from hfl_core.metrics.up_capture import up_capture
from hfl_core.metrics.value_at_risk import value_at_risk

INF, NAN = math.inf, math.nan
YEAR = 252
RETURNS = st.lists(
    st.integers(-500, 500).map(lambda number: number / 1000), min_size=2, max_size=40
)


def same(found: float, expected: float) -> bool:
    if math.isnan(expected) or math.isinf(expected):
        return str(found) == str(expected)
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)


# Each odd series with what every metric of one series answers to it.
ODD = {
    "empty": [],
    "one": [0.02],
    "one unknown": [None],
    "one known of two": [None, 0.02],
    "flat": [0.0, 0.0, 0.0],
    "steady": [0.1, 0.1, 0.1],
    "only losses": [-0.5, -0.5],
    "ruin": [0.5, -1.0],
}
ANSWERS = {
    annual_return: [NAN, 1.02**YEAR - 1, 0.0, 1.02 ** (YEAR / 2) - 1, 0.0, 1.1**YEAR - 1, -1.0, -1],
    annual_volatility: [NAN, NAN, NAN, NAN, 0.0, 0.0, 0.0, 1.0606601717798212 * math.sqrt(YEAR)],
    sharpe_ratio: [NAN, NAN, NAN, NAN, NAN, INF, -INF, -0.23570226039551584 * math.sqrt(YEAR)],
    sortino_ratio: [NAN, NAN, NAN, INF, NAN, INF, -math.sqrt(YEAR), -math.sqrt(YEAR / 8)],
    downside_risk: [NAN, 0.0, NAN, 0.0, 0.0, 0.0, 0.5 * math.sqrt(YEAR), math.sqrt(YEAR / 2)],
    omega_ratio: [NAN, NAN, NAN, NAN, NAN, NAN, 0.0, 0.5],
    compound_volatility: [NAN, NAN, NAN, NAN, 0.0, 0.0, 0.0, 1.125 ** (YEAR / 2)],
}


@pytest.mark.parametrize("metric", ANSWERS, ids=lambda metric: metric.__name__)
def test_odd_series_have_defined_annual_figures(metric):
    found = [metric(returns, periods_per_year=YEAR) for returns in ODD.values()]

    assert [
        (name, value)
        for name, value, wanted in zip(ODD, found, ANSWERS[metric], strict=True)
        if not same(value, wanted)
    ] == []


PLAIN_ANSWERS = {
    tail_ratio: [NAN, 1.0, NAN, 1.0, NAN, 1.0, 1.0, 0.425 / 0.925],
    value_at_risk: [NAN, 0.02, NAN, 0.02, 0.0, 0.1, -0.5, -0.925],
    conditional_value_at_risk: [NAN, 0.02, NAN, 0.02, 0.0, 0.1, -0.5, -1.0],
    stability_of_timeseries: [NAN, NAN, NAN, NAN, NAN, 1.0, 1.0, NAN],
    skewness: [NAN] * 8,
    excess_kurtosis: [NAN] * 8,
}


@pytest.mark.parametrize("metric", PLAIN_ANSWERS, ids=lambda metric: metric.__name__)
def test_odd_series_have_defined_plain_figures(metric):
    found = [metric(returns) for returns in ODD.values()]

    assert [
        (name, value)
        for name, value, wanted in zip(ODD, found, PLAIN_ANSWERS[metric], strict=True)
        if not same(value, wanted)
    ] == []


@given(RETURNS, st.floats(-0.01, 0.01))
def test_sharpe_is_the_mean_over_the_deviation(returns, risk_free):
    excess = [one - risk_free for one in returns]
    spread = statistics.stdev(excess)

    found = sharpe_ratio(returns, periods_per_year=YEAR, risk_free_per_period=risk_free)

    if spread <= 1e-12 * max(map(abs, excess)):
        assert math.isinf(found) or math.isnan(found)
    else:
        assert same(found, statistics.fmean(excess) / spread * math.sqrt(YEAR))


@given(RETURNS, st.floats(-0.01, 0.01))
def test_downside_figures_count_shortfalls_only(returns, required):
    short = [min(one - required, 0.0) ** 2 for one in returns]
    risk = math.sqrt(sum(short) / len(short) * YEAR)
    gained = statistics.fmean(returns) - required

    found = downside_risk(returns, periods_per_year=YEAR, required_return_per_period=required)
    ratio = sortino_ratio(returns, periods_per_year=YEAR, required_return_per_period=required)

    assert same(found, risk)
    assert risk < 1e-9 or math.isclose(ratio, gained * YEAR / risk, rel_tol=1e-6, abs_tol=1e-9)


@given(RETURNS)
def test_growth_is_the_compounded_mean(returns):
    wealth = math.prod(1 + one for one in returns)

    assert same(annual_return(returns, periods_per_year=12), wealth ** (12 / len(returns)) - 1)
    assert same(cagr_from_returns(returns, periods_per_year=len(returns)), wealth - 1)
    assert same(cagr(start=1.0, end=wealth, days=365.25), wealth - 1)


@given(RETURNS)
def test_a_year_of_independent_periods_has_the_compound_volatility(returns):
    """With two periods a year the product's variance can be written out."""
    growth = math.prod(1 + one for one in returns) ** (1 / len(returns))
    variance = statistics.variance(returns)
    spread = variance**2 + 2 * variance * growth**2

    found = compound_volatility(returns, periods_per_year=2)

    assert math.isclose(found**2, spread, rel_tol=1e-6, abs_tol=1e-12)


@given(RETURNS, st.floats(-0.01, 0.01))
def test_omega_divides_gains_by_losses(returns, threshold):
    excess = [one - threshold for one in returns]
    lost = -math.fsum(one for one in excess if one < 0)
    gained = math.fsum(one for one in excess if one > 0)

    found = omega_ratio(returns, periods_per_year=YEAR, risk_free=threshold)

    assert same(found, gained / lost) if lost > 1e-9 else lost < 1e-9


def test_omega_takes_the_required_return_a_year():
    """With a year of two periods 21 % are 10 % a period."""
    found = omega_ratio([0.2, 0.0, 0.4], periods_per_year=2, required_return_annual=0.21)

    assert same(found, 0.4 / 0.1)


@given(RETURNS, st.sampled_from([0.0, 0.05, 0.5, 1.0]))
def test_value_at_risk_is_the_interpolated_percentile(returns, cutoff):
    ordered = sorted(returns)
    place = cutoff * (len(ordered) - 1)
    below = ordered[math.floor(place)]
    above = ordered[math.ceil(place)]
    worst = ordered[: math.floor(place) + 1]

    assert same(value_at_risk(returns, cutoff=cutoff), below + (above - below) * (place % 1))
    assert same(conditional_value_at_risk(returns, cutoff=cutoff), statistics.fmean(worst))


@given(RETURNS, st.randoms(use_true_random=False))
def test_alpha_and_beta_are_those_of_the_line(returns, random):
    benchmark = [random.randint(-100, 100) / 1000 for _ in returns]
    if len(set(benchmark)) == 1:
        return
    line = statistics.linear_regression(benchmark, returns)
    left = statistics.fmean(
        one - line.slope * other for one, other in zip(returns, benchmark, strict=True)
    )

    found = alpha_beta(returns, benchmark=benchmark, periods_per_year=12)

    assert math.isclose(found.beta, line.slope, rel_tol=1e-9, abs_tol=1e-9)
    assert left <= -1 or math.isclose(found.alpha, (1 + left) ** 12 - 1, rel_tol=1e-6, abs_tol=1e-9)


def test_alpha_and_beta_need_a_benchmark_that_moves():
    assert str(alpha_beta([0.1, 0.2], benchmark=[0.1, 0.1], periods_per_year=12).beta) == "nan"
    assert str(alpha_beta([0.1], benchmark=[0.2], periods_per_year=12).alpha) == "nan"
    assert str(alpha_beta([], benchmark=[], periods_per_year=12).alpha) == "nan"


def test_rows_unknown_on_either_side_are_left_out_of_a_pair():
    whole = alpha_beta([0.1, -0.1, 0.3], benchmark=[0.2, 0.0, 0.1], periods_per_year=12)
    holed = alpha_beta(
        [0.1, None, -0.1, 0.5, 0.3], benchmark=[0.2, 0.9, 0.0, None, 0.1], periods_per_year=12
    )

    assert holed == whole


@given(RETURNS)
def test_information_ratio_is_that_of_the_active_returns(returns):
    benchmark = [0.01 * (number % 3) for number in range(len(returns))]
    active = [one - other for one, other in zip(returns, benchmark, strict=True)]
    spread = statistics.stdev(active)

    found = information_ratio_per_period(returns, benchmark=benchmark)

    assert spread < 1e-12 or same(found, statistics.fmean(active) / spread)
    assert spread < 1e-12 or same(
        information_ratio_annual(returns, benchmark=benchmark, periods_per_year=9), found * 3
    )


def test_information_ratio_against_itself_is_not_defined():
    assert math.isnan(information_ratio_per_period([0.1, 0.3], benchmark=[0.1, 0.3]))
    assert math.isnan(information_ratio_per_period([0.1], benchmark=[0.2]))
    assert information_ratio_per_period([0.1, 0.1], benchmark=0.2) == -INF


def test_captures_look_at_their_side_of_the_benchmark_alone():
    returns, benchmark = [0.1, -0.3, None, 0.02], [0.2, -0.1, 0.3, -0.2]

    up = up_capture(returns, benchmark=benchmark, periods_per_year=1)
    down = down_capture(returns, benchmark=benchmark, periods_per_year=2)

    assert same(up, 0.1 / 0.2)
    assert same(down, (0.7 * 1.02 - 1) / (0.9 * 0.8 - 1))
    assert math.isnan(up_capture([0.1], benchmark=[-0.1], periods_per_year=1))
    assert math.isnan(down_capture([], benchmark=[], periods_per_year=1))


@given(RETURNS)
def test_stability_is_the_squared_correlation_with_time(returns):
    climb, height = [], 0.0
    for one in returns:
        height += math.log1p(one)
        climb.append(height)
    if statistics.pstdev(climb) < 1e-9:
        return
    straight = statistics.correlation(climb, list(range(len(climb))))

    assert math.isclose(stability_of_timeseries(returns), straight**2, rel_tol=1e-6, abs_tol=1e-9)


def test_moments_are_corrected_for_bias():
    """Figures of a spreadsheet's SKEW and KURT, from their published examples."""
    values = [3, 4, 5, 2, 3, 4, 5, 6, 4, 7]

    assert math.isclose(skewness(values), 0.359543, abs_tol=5e-7)
    assert math.isclose(excess_kurtosis(values), -0.151799637, abs_tol=5e-10)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=30))
def test_total_return_is_last_over_first(values):
    steps = math.prod(after / before for before, after in pairwise(values))

    assert same(total_return(values), steps - 1)


@pytest.mark.parametrize("values", [[], [5.0]])
def test_total_return_needs_two_values(values):
    assert math.isnan(total_return(values))


@pytest.mark.parametrize(
    ("start", "end", "days"), [(0, 5, 10), (-1, 5, 10), (5, 5, 0), (5, -1, 10), (NAN, 5, 10)]
)
def test_growth_between_impossible_values_is_not_defined(start, end, days):
    assert math.isnan(cagr(start=start, end=end, days=days))


def test_absurd_growth_overflows_to_infinity():
    assert cagr(start=1e-300, end=1e300, days=0.01) == INF
    assert annual_return([1e300], periods_per_year=100) == INF
    assert math.isnan(annual_return([-1.5], periods_per_year=12))
