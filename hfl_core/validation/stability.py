"""Whether a parameter's best value stands on a plateau or on a peak. Knows no parameter."""

from typing import NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import CELLS_MAX, Array, between, count


class Stability(NamedTuple):
    """peak_at, peak: the best cell and its score; around: the median of its neighbours' scores.

    steadiness: (around - floor) / (peak - floor), floor the grid's median: 1 on a plateau, 0 where
    the neighbours are no better than any cell, NaN on a grid that is level. plateau_at, plateau:
    the cell with the best median of itself and its neighbours (equal ones: the best mean), and
    that median: the one to take. width: share of all cells that hang together with the peak, each
    at least `near` of the way from floor to peak.
    """

    peak_at: tuple[int, ...]
    peak: float
    around: float
    steadiness: float
    plateau_at: tuple[int, ...]
    plateau: float
    width: float


def stability(scores: Array, *, radius: int = 1, near: float = 0.5) -> Stability:
    """Return how steep the land around the best parameters is.

    scores: one axis a parameter, values in their order, more is better; NaN where a combination
    makes no sense. Neighbours are cells up to radius steps away along every axis; at the rim there
    are fewer.
    Raises DataError below 3 cells with a score, or for a radius below 1 or near outside 0..1.
    Source: Pardo 1992, ch. 7 (optimisation spaces); the figures are this project's own.
    """
    grid = np.asarray(scores, dtype=np.float64)
    steps = count("radius", radius, at_least=1, at_most=100)
    share = between("near", near, 0.0, 1.0)
    known = np.isfinite(grid)
    if grid.ndim < 1 or int(known.sum()) < 3 or np.isinf(grid).any():
        raise DataError(
            f"expected a grid with 3 finite scores or more, found {int(known.sum())}: try more"
            " values, and give NaN where there is none"
        )
    peak_at = _place(grid, int(np.nanargmax(grid)))
    peak, floor = float(grid[peak_at]), float(np.nanmedian(grid))
    near_by, means = _neighbours(grid, steps)
    others = _beside(grid, peak_at, steps)
    around = float(np.median(others)) if len(others) else float("nan")
    height = peak - floor
    is_level = height <= 1e-12 * max(abs(peak), abs(floor))
    # Well inside a table medians are equal; the middle of it has the best mean.
    best = np.where(known, near_by, -np.inf)
    plateau_at = _place(grid, int(np.argmax(np.where(best == best.max(), means, -np.inf))))
    return Stability(
        peak_at=peak_at,
        peak=peak,
        around=around,
        steadiness=float("nan") if is_level else (around - floor) / height,
        plateau_at=plateau_at,
        plateau=float(near_by[plateau_at]),
        width=_reached(grid, peak_at, floor + share * height) / int(known.sum()),
    )


def _place(grid: Array, flat: int) -> tuple[int, ...]:
    return tuple(int(number) for number in np.unravel_index(flat, grid.shape))


def _neighbours(grid: Array, steps: int) -> tuple[Array, Array]:
    """Return the median and the mean of each cell and its neighbours."""
    width = 2 * steps + 1
    if grid.size * width**grid.ndim > CELLS_MAX:
        raise DataError(
            f"expected {CELLS_MAX} cells times neighbours or fewer, found"
            f" {grid.size * width**grid.ndim}: take a smaller radius or fewer parameters"
        )
    padded = np.pad(grid, steps, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (width,) * grid.ndim)
    flat = windows.reshape(*grid.shape, -1)
    # A cell with nothing known around it has no median, and asks for none.
    is_known = np.isfinite(flat).any(axis=-1)
    medians, means = np.full(grid.shape, np.nan), np.full(grid.shape, np.nan)
    medians[is_known] = np.nanmedian(flat[is_known], axis=-1)
    means[is_known] = np.nanmean(flat[is_known], axis=-1)
    return medians, means


def _beside(grid: Array, at: tuple[int, ...], steps: int) -> Array:
    box = tuple(slice(max(place - steps, 0), place + steps + 1) for place in at)
    inside = grid.copy()
    inside[at] = np.nan
    cells = inside[box].ravel()
    return cells[np.isfinite(cells)]


def _reached(grid: Array, at: tuple[int, ...], bound: float) -> int:
    """Return how many cells at or above the bound hang together with one, corners included."""
    is_high = np.pad(np.where(np.isfinite(grid), grid, -np.inf) >= bound, 1)
    reached = np.zeros_like(is_high)
    reached[tuple(place + 1 for place in at)] = True
    while True:
        grown = reached
        for axis in range(grid.ndim):
            grown = grown | np.roll(grown, 1, axis) | np.roll(grown, -1, axis)
        grown &= is_high
        if (grown == reached).all():
            return int(reached.sum())
        reached = grown
