"""Triple exponential moving average: tema(period). Knows nothing but closes."""

import talib

from hfl_core.indicators._columns import Bars, Columns, whole


def compute(bars: Bars, *, period: float = 20) -> Columns:
    """Return tema: 3 * E1 - 3 * E2 + E3, E2 = EMA of E1, E3 = EMA of E2.

    In price; each starts with the mean of its first values.
    Raises DataError unless period is a whole number of at least 2 bars.
    Source: Mulloy 1994.
    """
    return {"tema": talib.TEMA(bars.close, whole("period", period))}
