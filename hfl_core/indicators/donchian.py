"""Donchian channel: donchian(period). Knows nothing but highs and lows."""

from hfl_core.indicators._averages import highest, lowest
from hfl_core.indicators._columns import Bars, Columns, divided, later, whole


def compute(bars: Bars, *, period: float = 20) -> Columns:
    """Return highest high and lowest low of the `period` rows BEFORE this one, and their mean.

    In price, from row `period`: upperBand, lowerBand, centerline; width = (upperBand - lowerBand) /
    centerline.
    Raises DataError unless period is a whole number of bars.
    """
    count = whole("period", period, at_least=1)
    upper, lower = later(highest(bars.high, count), 1), later(lowest(bars.low, count), 1)
    center = (upper + lower) / 2.0
    return {
        "upperBand": upper,
        "centerline": center,
        "lowerBand": lower,
        "width": divided(upper - lower, center, scale=upper),
    }
