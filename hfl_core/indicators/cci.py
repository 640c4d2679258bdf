"""Commodity channel index: cci(period). Knows nothing of volume."""

import numpy as np
import talib

from hfl_core.indicators._averages import highest, lowest
from hfl_core.indicators._columns import ROUNDING, Bars, Columns, whole


def compute(bars: Bars, *, period: float = 20) -> Columns:
    """Return cci = (tp - SMA(tp)) / (0.015 * mean of |tp - SMA(tp)|), from row period - 1.

    tp = (high + low + close) / 3. Not defined where tp stood still, where TA-Lib's is
    rounding.
    Raises DataError unless period is a whole number of at least 2 bars.
    Source: Lambert 1980.
    """
    count = whole("period", period)
    typical = (bars.high + bars.low + bars.close) / 3.0
    top = highest(typical, count)
    is_still = top - lowest(typical, count) <= ROUNDING * np.abs(top)
    return {"cci": np.where(is_still, np.nan, talib.CCI(bars.high, bars.low, bars.close, count))}
