"""Average directional index: adx(period). Knows nothing of volume."""

import talib

from hfl_core.indicators._columns import Bars, Columns, later, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return pdi, mdi and dx from row `period`, adx from row 2 * period - 1, and adxr; all 0..100.

    pdi, mdi: share of the true range that rose, fell; dx = 100 * |pdi - mdi| / (pdi + mdi); adx
    = its Wilder average; adxr = (adx + adx `period` rows ago) / 2, where TA-Lib's goes back one
    row less.
    Raises DataError unless period is a whole number of at least 2 bars.
    Source: Wilder 1978, ch. 4, with TA-Lib's starts.
    """
    count = whole("period", period)
    prices = (bars.high, bars.low, bars.close)
    index = talib.ADX(*prices, count)
    return {
        "pdi": talib.PLUS_DI(*prices, count),
        "mdi": talib.MINUS_DI(*prices, count),
        "dx": talib.DX(*prices, count),
        "adx": index,
        "adxr": (index + later(index, count)) / 2.0,
    }
