"""Exponential moving average: ema(period). Knows nothing but closes."""

from hfl_core.indicators._averages import exponential
from hfl_core.indicators._columns import Bars, Columns, whole


def compute(bars: Bars, *, period: float = 20) -> Columns:
    """Return ema: the average with weight 2 / (period + 1), started with the mean so far.

    In price, from row period - 1. Raises DataError unless period is a whole number of bars.
    """
    return {"ema": exponential(bars.close, whole("period", period, at_least=1))}
