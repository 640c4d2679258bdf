"""Relative strength index: rsi(period). Knows nothing but closes."""

from typing import Final

import numpy as np
import talib

from hfl_core.indicators._columns import ROUNDING, Bars, Columns, whole

NEUTRAL: Final = 50.0


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return rsi: 100 * up / (up + down), Wilder averages of rises and falls; 0..100.

    From row `period`. Where nothing moves it is 50, no direction, as in the live feature; TA-Lib's
    is 0 there, the deepest oversold.
    Raises DataError unless period is a whole number of at least 2 bars.
    Source: Wilder 1978, ch. 6.
    """
    count = whole("period", period)
    close = bars.close
    # With all three prices equal, the average true range is the average of the |changes|.
    moves = talib.ATR(close, close, close, count)
    is_still = moves <= close * ROUNDING
    return {"rsi": np.where(is_still, NEUTRAL, talib.RSI(close, count))}
