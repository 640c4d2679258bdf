"""Averages, extremes and deviations that several indicators are made of. Knows no indicator.

TA-Lib's, with one exception: its deviation is the root of a difference of two means, which keeps
few digits when prices are large beside their moves, and is never exactly zero again; here every
window is measured from its own mean.
"""

import talib

from hfl_core.indicators._columns import Array, rolled


def simple(values: Array, period: int) -> Array:
    """Return the mean of the last `period` rows."""
    return values.copy() if period == 1 else talib.SMA(values, period)


def exponential(values: Array, period: int) -> Array:
    """Return the average with weight 2 / (period + 1), started with the mean of the first rows."""
    return values.copy() if period == 1 else talib.EMA(values, period)


def weighted(values: Array, period: int) -> Array:
    """Return the mean of the last rows with weights 1 to `period`, the newest the heaviest."""
    return values.copy() if period == 1 else talib.WMA(values, period)


def highest(values: Array, period: int) -> Array:
    """Return the highest of the last `period` rows."""
    return values.copy() if period == 1 else talib.MAX(values, period)


def lowest(values: Array, period: int) -> Array:
    """Return the lowest of the last `period` rows."""
    return values.copy() if period == 1 else talib.MIN(values, period)


def deviation(values: Array, period: int) -> Array:
    """Return the population deviation (ddof 0) of the last `period` rows."""
    return rolled(lambda windows: windows.std(axis=1), values, period=period)


def true_range(high: Array, low: Array, close: Array) -> Array:
    """Return max(high, previous close) - min(low, previous close), from row 1."""
    return talib.TRANGE(high, low, close)
