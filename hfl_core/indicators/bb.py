"""Bollinger bands: bb(period, width). Knows nothing but closes."""

from hfl_core.indicators._averages import deviation, simple
from hfl_core.indicators._columns import Bars, Columns, above_zero, divided, whole


def compute(bars: Bars, *, period: float = 20, width: float = 2) -> Columns:
    """Return sma, upperBand and lowerBand in price, percentB, zScore and width as ratios.

    Bands = sma +- `width` population deviations; percentB = (close - lowerBand) / (upperBand -
    lowerBand); zScore = (close - sma) / deviation; width = (upperBand - lowerBand) / sma.
    percentB and zScore are not defined without any deviation.
    Raises DataError unless period is a whole number of at least 2 bars and width above zero.
    Source: Bollinger 2001.
    """
    count, bands = whole("period", period), above_zero("width", width)
    middle, spread = simple(bars.close, count), deviation(bars.close, count)
    upper, lower = middle + bands * spread, middle - bands * spread
    return {
        "sma": middle,
        "upperBand": upper,
        "lowerBand": lower,
        "percentB": divided(bars.close - lower, upper - lower, scale=middle),
        "zScore": divided(bars.close - middle, spread, scale=middle),
        "width": divided(upper - lower, middle, scale=bars.high),
    }
