"""Average true range: atr(period). Knows nothing of volume."""

import talib

from hfl_core.indicators._averages import true_range
from hfl_core.indicators._columns import Bars, Columns, divided, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return tr from row 1 and atr from row `period`, in price, and atrp, in percent of the close.

    tr = max(high, previous close) - min(low, previous close); atr = its Wilder average, started
    with the mean of the first `period`.
    Raises DataError unless period is a whole number of bars.
    Source: Wilder 1978, ch. 3.
    """
    count = whole("period", period, at_least=1)
    average = talib.ATR(bars.high, bars.low, bars.close, count)
    return {
        "tr": true_range(bars.high, bars.low, bars.close),
        "atr": average,
        "atrp": divided(100.0 * average, bars.close, scale=bars.high),
    }
