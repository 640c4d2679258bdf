"""Simple moving average: sma(period). Knows nothing but closes."""

from hfl_core.indicators._averages import simple
from hfl_core.indicators._columns import Bars, Columns, whole


def compute(bars: Bars, *, period: float = 20) -> Columns:
    """Return sma: the mean of the last `period` closes, from row period - 1.

    In price. Raises DataError unless period is a whole number of bars.
    """
    return {"sma": simple(bars.close, whole("period", period, at_least=1))}
