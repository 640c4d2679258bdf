"""Ulcer index: ulcer(period). Knows nothing but closes."""

import numpy as np

from hfl_core.indicators._columns import Array, Bars, Columns, rolled, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return ui: root of the mean square of 100 * (close / highest close so far in the window - 1).

    In percent, over the last `period` rows, from row period - 1.
    Raises DataError unless period is a whole number of bars.
    Source: Martin and McCann 1989.
    """
    return {"ui": rolled(_depth, bars.close, period=whole("period", period, at_least=1))}


def _depth(windows: Array) -> Array:
    depths = 100.0 * (windows / np.maximum.accumulate(windows, axis=1) - 1.0)
    return np.asarray(np.sqrt(np.mean(np.square(depths), axis=1)))
