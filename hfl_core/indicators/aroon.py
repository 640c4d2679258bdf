"""Aroon: aroon(period). Knows nothing but highs and lows."""

import numpy as np

from hfl_core.indicators._columns import Array, Bars, Columns, rolled, whole


def compute(bars: Bars, *, period: float = 25) -> Columns:
    """Return aroonUp, aroonDown, 0..100, and oscillator = up - down, from row `period`.

    aroonUp = 100 * (period - rows since the highest high of the last period + 1 rows) / period,
    aroonDown likewise from the lowest low. Not defined where that extreme occurs twice in the
    window: sources count from different ones.
    Raises DataError unless period is a whole number of bars.
    Source: Chande 1995.
    """
    count = whole("period", period, at_least=1)
    up = rolled(_place_of_highest, bars.high, period=count + 1) * (100.0 / count)
    down = rolled(_place_of_highest, -bars.low, period=count + 1) * (100.0 / count)
    return {"aroonUp": up, "aroonDown": down, "oscillator": up - down}


def _place_of_highest(windows: Array) -> Array:
    is_highest = windows == windows.max(axis=1, keepdims=True)
    return np.where(is_highest.sum(axis=1) == 1, is_highest.argmax(axis=1), np.nan)
