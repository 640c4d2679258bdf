"""A plateau is told from a peak, on grids of one, two and three parameters."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.validation.stability import stability


def test_a_lonely_peak_has_no_steadiness():
    grid = np.zeros((7, 7))
    grid[2, 5] = 3.0
    found = stability(grid)

    assert (found.peak_at, found.peak, found.around) == ((2, 5), 3.0, 0.0)
    assert found.steadiness == 0.0
    assert found.width == pytest.approx(1 / 49)


def test_a_plateau_is_steady_and_is_the_one_to_take():
    """A needle of 5 in one corner, a table of 2 in the other."""
    grid = np.zeros((9, 9))
    grid[1, 1] = 5.0
    grid[5:8, 5:8] = 2.0
    found = stability(grid)
    table = stability(np.where(grid == 5.0, 0.0, grid))

    assert found.peak_at == (1, 1)
    assert found.plateau_at == (6, 6)
    assert found.plateau == 2.0
    assert table.peak_at == (5, 5)
    assert table.width == pytest.approx(9 / 81)
    # A corner of the table has 3 of its 8 neighbours on it.
    assert table.around == 0.0


def test_a_gentle_hill_is_steadier_than_a_steep_one():
    far = np.hypot(*np.meshgrid(np.arange(-5, 6), np.arange(-5, 6)))
    gentle, steep = (stability(np.exp(-((far / width) ** 2))) for width in (4.0, 0.8))

    assert gentle.peak_at == steep.peak_at == (5, 5)
    assert gentle.steadiness > 0.8
    assert steep.steadiness < 0.3
    assert gentle.width > steep.width


def test_one_and_three_parameters_are_grids_too():
    line = stability(np.array([0.0, 1.0, 2.0, 1.0, 0.0]))
    cube = stability(np.arange(27.0).reshape(3, 3, 3))

    assert (line.peak_at, line.around, line.steadiness) == ((2,), 1.0, 0.0)
    assert cube.peak_at == (2, 2, 2)
    assert cube.around == pytest.approx(np.median([13, 14, 16, 17, 22, 23, 25]))


def test_two_hills_do_not_hang_together_but_corners_do():
    grid = np.zeros((3, 9))
    grid[1, 1] = grid[2, 2] = 1.0
    grid[1, 7] = 0.9

    assert stability(grid).width == pytest.approx(2 / 27)


def test_combinations_without_a_score_are_left_out():
    grid = np.array([[math.nan, 1.0, 2.0], [math.nan, math.nan, 3.0], [math.nan, math.nan, 2.5]])
    found = stability(grid)

    assert found.peak_at == (1, 2)
    assert found.around == 2.0
    # The bound is half-way from the median of 2.25 to 3: only the peak itself is above.
    assert found.width == pytest.approx(1 / 4)


def test_a_level_grid_has_no_steadiness():
    found = stability(np.full((4, 4), 0.7))

    assert math.isnan(found.steadiness)
    assert found.width == 1.0


def test_a_peak_with_nothing_around_has_none_either():
    found = stability(np.array([5.0, math.nan, 1.0, 1.0]))

    assert found.peak_at == (0,)
    assert math.isnan(found.around)
    assert math.isnan(found.steadiness)


@given(st.lists(st.floats(-1e6, 1e6), min_size=9, max_size=9), st.floats(0.1, 10.0))
def test_figures_keep_their_bounds(values, scale):
    grid = np.array(values).reshape(3, 3)
    found = stability(grid)

    assert found.peak == grid.max()
    assert found.plateau <= found.peak
    assert 0.0 < found.width <= 1.0
    assert math.isnan(found.steadiness) or found.steadiness <= 1.0
    assert stability(grid * 2.0).peak_at == found.peak_at


@pytest.mark.parametrize(
    ("grid", "how", "said"),
    [
        (np.array([1.0, 2.0]), {}, "expected a grid with 3 finite scores or more, found 2"),
        (np.full((3, 3), math.nan), {}, "3 finite scores or more, found 0"),
        (np.array([1.0, 2.0, 3.0, math.inf]), {}, "expected a grid with 3 finite scores"),
        (np.zeros(9), {"radius": 0}, "expected radius as a whole number from 1"),
        (np.zeros(9), {"near": 1.5}, "expected near between 0 and 1, found 1.5"),
        (np.zeros((30,) * 4), {"radius": 10}, "cells times neighbours or fewer"),
    ],
)
def test_absurd_grids_are_refused_in_one_sentence(grid, how, said):
    with pytest.raises(DataError, match=said):
        stability(grid, **how)
