"""Keltner channel: keltner(period, width, atr_period). Knows nothing of volume."""

import talib

from hfl_core.indicators._averages import exponential
from hfl_core.indicators._columns import Bars, Columns, above_zero, divided, whole


def compute(bars: Bars, *, period: float = 20, width: float = 2, atr_period: float = 10) -> Columns:
    """Return centerline = EMA(period), upperBand and lowerBand = it +- width * ATR, and width.

    In price; width = (upperBand - lowerBand) / centerline.
    Raises DataError unless both periods are whole numbers of bars and width is above zero.
    Source: Keltner 1960 in Linda Raschke's form.
    """
    center = exponential(bars.close, whole("period", period, at_least=1))
    count = whole("atr_period", atr_period, at_least=1)
    reach = above_zero("width", width) * talib.ATR(bars.high, bars.low, bars.close, count)
    return {
        "upperBand": center + reach,
        "centerline": center,
        "lowerBand": center - reach,
        "width": divided(2.0 * reach, center, scale=bars.high),
    }
