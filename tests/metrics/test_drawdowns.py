"""Drawdowns: plain second computations, and answers where there is none."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.metrics.average_drawdown import average_drawdown
from hfl_core.metrics.calmar_ratio import calmar_ratio
from hfl_core.metrics.drawdowns import drawdowns
from hfl_core.metrics.longest_drawdown import longest_drawdown
from hfl_core.metrics.max_drawdown import max_drawdown
from hfl_core.metrics.max_drawdown_span import max_drawdown_span
from hfl_core.metrics.ulcer_index import ulcer_index

VALUES = st.lists(st.integers(1, 60).map(float), min_size=1, max_size=40)


def depths_of(values):
    return [value / max(values[: row + 1]) - 1 for row, value in enumerate(values)]


@given(VALUES)
def test_every_row_is_measured_against_the_highest_before_it(values):
    assert list(drawdowns(values)) == depths_of(values)


@given(VALUES)
def test_returns_and_values_have_the_same_largest_drawdown(values):
    returns = [after / before - 1 for before, after in itertools.pairwise(values)]

    found = max_drawdown(returns)

    if returns:
        assert math.isclose(found, min(depths_of(values)), abs_tol=1e-12)
    else:
        assert math.isnan(found)


@given(VALUES)
def test_the_span_runs_from_the_peak_to_the_deepest_row(values):
    depths = depths_of(values)

    span = max_drawdown_span(values)

    if min(depths) == 0:
        assert span is None
    else:
        assert span is not None
        assert span.trough == depths.index(min(depths))
        assert span.peak == values.index(max(values[: span.trough]))


def test_the_start_is_a_peak():
    assert max_drawdown([-0.5, 0.2]) == -0.5


def test_an_unknown_return_changes_no_wealth():
    assert max_drawdown([0.1, None, -0.5, None, 0.3]) == max_drawdown([0.1, -0.5, 0.3])
    assert max_drawdown([None]) == 0.0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([10, 5, 10, 8, 6], (-0.5 - 0.4) / 2),
        ([10, 5, 10], -0.5),
        ([10, 10, 10], math.nan),
        ([10, 11, 12], math.nan),
        # The fall of the last row alone lies between neighbours, and does not count.
        ([10, 11, 5], math.nan),
        ([10], math.nan),
        ([], math.nan),
    ],
)
def test_average_drawdown_counts_each_spell_once(values, expected):
    assert average_drawdown(values) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ([10, 9, 8, 10, 9, 11], 3),
        ([10, 9, 8, 7], 3),
        ([10, 10, 10], 0),
        ([10, 11, 12], 0),
        ([10, 11, 5], 1),
        ([10], 0),
        ([], 0),
    ],
)
def test_longest_drawdown_lasts_until_the_peak_is_back(values, rows):
    assert longest_drawdown(values) == rows


def test_ulcer_index_is_the_root_of_the_mean_square():
    assert ulcer_index([10, 8, 10, 5]) == pytest.approx(math.sqrt((0.04 + 0.25) / 4))
    assert math.isnan(ulcer_index([]))


@pytest.mark.parametrize("returns", [[], [0.1], [0.0, 0.0], [None]])
def test_calmar_needs_a_drawdown(returns):
    assert math.isnan(calmar_ratio(returns, periods_per_year=252))


def test_calmar_is_growth_over_the_largest_drawdown():
    assert calmar_ratio([1.0, -0.25], periods_per_year=2) == pytest.approx(0.5 / 0.25)
