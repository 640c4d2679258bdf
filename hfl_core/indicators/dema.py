"""Double exponential moving average: dema(period). Knows nothing but closes."""

import talib

from hfl_core.indicators._columns import Bars, Columns, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return dema: 2 * E1 - E2, E2 = EMA of E1, each started with the mean of its first.

    In price. Raises DataError unless period is a whole number of at least 2 bars.
    Source: Mulloy 1994.
    """
    return {"dema": talib.DEMA(bars.close, whole("period", period))}
