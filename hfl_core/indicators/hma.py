"""Hull moving average: hma(period). Knows nothing but closes."""

import math

from hfl_core.indicators._averages import weighted
from hfl_core.indicators._columns import Bars, Columns, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return hma: WMA(root of period) of 2 * WMA(period / 2) - WMA(period), both rounded down.

    In price. Raises DataError unless period is a whole number of at least 2 bars.
    Source: Hull 2005.
    """
    count = whole("period", period)
    raw = 2.0 * weighted(bars.close, count // 2) - weighted(bars.close, count)
    return {"hma": weighted(raw, math.isqrt(count))}
