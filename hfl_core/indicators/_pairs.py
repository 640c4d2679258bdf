"""What indicators of two series share. Knows no indicator."""

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.indicators._columns import Array, Bars


def check_pair(bars: Bars, benchmark: Bars) -> None:
    """Raise DataError unless both have as many rows."""
    if len(bars.close) != len(benchmark.close):
        raise DataError(
            f"expected a benchmark of {len(bars.close)} rows, found {len(benchmark.close)}:"
            " join both on their times"
        )


def covariance(windows: Array) -> Array:
    """Return the population covariance of (2, windows, period) windows, for each of them."""
    from_mean = windows - windows.mean(axis=2, keepdims=True)
    return np.asarray(np.mean(from_mean[0] * from_mean[1], axis=1))
