"""Standard deviation of the close: stdev(period). Knows nothing but closes."""

from hfl_core.indicators._averages import deviation, simple
from hfl_core.indicators._columns import Bars, Columns, divided, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return stdDev (ddof 0) and mean of the last `period` closes, in price, and zScore.

    zScore = (close - mean) / stdDev, not defined without any deviation. From row period - 1.
    Raises DataError unless period is a whole number of at least 2 bars.
    """
    count = whole("period", period)
    spread, mean = deviation(bars.close, count), simple(bars.close, count)
    return {
        "stdDev": spread,
        "mean": mean,
        "zScore": divided(bars.close - mean, spread, scale=mean),
    }
