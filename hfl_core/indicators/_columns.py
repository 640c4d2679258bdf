"""Bars as columns, and what all indicators do with columns. Knows no indicator.

Where a value is not defined a column holds NaN: before its start, and where it would be 0/0. A
divisor of rounding size counts as zero.
"""

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from hfl_core.domain.errors import DataError

Array = npt.NDArray[np.float64]
Columns = dict[str, Array]

# A longer window is a slip of the keyboard, and the longest that TA-Lib takes.
PERIOD_MAX: Final = 100_000
ROUNDING: Final = 1e-12
# Windows are laid side by side in blocks of about this many numbers: 8 MB.
BLOCK: Final = 1_000_000


class Bars(NamedTuple):
    """Closed bars, oldest first; made by `bars_of`. volume is None where there is none."""

    high: Array
    low: Array
    close: Array
    volume: Array | None = None


def bars_of(*, high: Array, low: Array, close: Array, volume: Array | None = None) -> Bars:
    """Return checked bars: (bars,) float64, oldest first.

    Raises DataError if lengths differ, or a price or volume is missing or infinite.
    """
    columns = [column("high", high), column("low", low), column("close", close)]
    traded = None if volume is None else column("volume", volume)
    lengths = {len(one) for one in (*columns, *(() if traded is None else (traded,)))}
    if len(lengths) > 1:
        raise DataError(f"expected columns of one length, found {sorted(lengths)}: align them")
    return Bars(columns[0], columns[1], columns[2], traded)


def column(name: str, values: Array) -> Array:
    """Return values as an array that TA-Lib takes; raises DataError unless all are finite."""
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise DataError(f"expected {name} as one column, found {array.ndim} dimensions: pass one")
    if not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array))[0])
        raise DataError(f"expected {name} without holes, found {array[row]} at row {row}: drop it")
    return array


def traded_volume(name: str, bars: Bars) -> Array:
    """Return the volume; raises DataError where the instrument has none."""
    if bars.volume is None:
        raise DataError(f"expected volume for {name}, found none: this instrument has no volume")
    return bars.volume


def whole(name: str, value: float, *, at_least: int = 2) -> int:
    """Return value as a number of bars.

    Raises DataError unless it is a whole number from at_least to PERIOD_MAX.
    """
    if not math.isfinite(value) or value != int(value) or not at_least <= value <= PERIOD_MAX:
        raise DataError(
            f"expected {name} as a whole number of bars from {at_least} to {PERIOD_MAX},"
            f" found {value}: change it"
        )
    return int(value)


def above_zero(name: str, value: float) -> float:
    """Return value; raises DataError unless it is finite and above zero."""
    if not math.isfinite(value) or value <= 0:
        raise DataError(f"expected {name} above zero, found {value}: change it")
    return float(value)


def divided(numerator: Array, divisor: Array, *, scale: Array | float) -> Array:
    """Return numerator / divisor, and NaN where the divisor is of rounding size beside scale."""
    is_zero = ~(np.abs(divisor) > ROUNDING * np.abs(scale))
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient = numerator / divisor
    return np.where(is_zero, np.nan, quotient)


def later(values: Array, rows: int) -> Array:
    """Return values moved down by rows; the first are NaN."""
    moved = np.full(len(values), np.nan)
    if rows < len(values):
        moved[rows:] = values[: len(values) - rows]
    return moved


def rolled(function: Callable[[Array], Array], *columns: Array, period: int) -> Array:
    """Return function of every window of `period` rows, at the window's last row.

    function gets (windows, period) arrays, one for each column (stacked in front if several), and
    answers (windows,). Every window is computed for itself: nothing drifts.
    """
    size = len(columns[0])
    found = np.full(size, np.nan)
    step = max(BLOCK // period, 1)
    for begin in range(0, size - period + 1, step):
        end = min(begin + step, size - period + 1)
        windows = [
            np.lib.stride_tricks.sliding_window_view(one[begin : end + period - 1], period)
            for one in columns
        ]
        block = windows[0] if len(windows) == 1 else np.stack(windows)
        found[begin + period - 1 : end + period - 1] = function(block)
    return found
