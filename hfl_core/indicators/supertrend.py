"""Supertrend: supertrend(period, width). Knows nothing of volume."""

import numpy as np
import talib

from hfl_core.indicators._columns import Array, Bars, Columns, above_zero, whole


def compute(bars: Bars, *, period: float = 10, width: float = 3) -> Columns:
    """Return superTrend, which is upperBand when falling and lowerBand when rising.

    In price, from row `period`. U, L = (high + low) / 2 +- width * ATR(period). upper = U at the
    start and whenever U < upper or the previous close > upper; lower = L at the start and whenever
    L > lower or the previous close < lower. It starts rising if the close >= the middle; close <=
    lower turns it down, close > upper up.
    Raises DataError unless period is a whole number of bars and width above zero.
    Source: Seban.
    """
    count, reach = whole("period", period, at_least=1), above_zero("width", width)
    middle = (bars.high + bars.low) / 2.0
    distance = reach * talib.ATR(bars.high, bars.low, bars.close, count)
    upper_band, lower_band = (np.full(len(middle), np.nan) for _ in range(2))
    if len(middle) > count:
        begin = slice(count, None)
        is_rising, upper, lower = _followed(
            middle[begin] + distance[begin],
            middle[begin] - distance[begin],
            bars.close[begin],
            is_rising=bool(bars.close[count] >= middle[count]),
        )
        upper_band[begin] = np.where(is_rising, np.nan, upper)
        lower_band[begin] = np.where(is_rising, lower, np.nan)
    return {
        "superTrend": np.where(np.isnan(upper_band), lower_band, upper_band),
        "upperBand": upper_band,
        "lowerBand": lower_band,
    }


def _followed(
    uppers: Array, lowers: Array, closes: Array, *, is_rising: bool
) -> tuple[list[bool], list[float], list[float]]:
    """Return side, upper and lower band of every row."""
    sides, tops, bottoms = [], [], []
    upper, lower, before = np.inf, -np.inf, closes[0]
    for top, bottom, close in zip(uppers.tolist(), lowers.tolist(), closes.tolist(), strict=True):
        if top < upper or before > upper:
            upper = top
        if bottom > lower or before < lower:
            lower = bottom
        is_rising = close > lower if is_rising else close > upper
        sides.append(is_rising)
        tops.append(upper)
        bottoms.append(lower)
        before = close
    return sides, tops, bottoms
