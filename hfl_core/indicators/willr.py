"""Williams %R: willr(period). Knows nothing of volume."""

from hfl_core.indicators._averages import highest, lowest
from hfl_core.indicators._columns import Bars, Columns, divided, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return williamsR = -100 * (highest high - close) / (highest high - lowest low), -100..0.

    From row period - 1; not defined without a range, where TA-Lib's says 0, the top.
    Raises DataError unless period is a whole number of bars.
    Source: Williams 1973.
    """
    count = whole("period", period, at_least=1)
    top, bottom = highest(bars.high, count), lowest(bars.low, count)
    return {"williamsR": divided(-100.0 * (top - bars.close), top - bottom, scale=top)}
