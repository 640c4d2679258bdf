"""Weighted moving average: wma(period). Knows nothing but closes."""

from hfl_core.indicators._averages import weighted
from hfl_core.indicators._columns import Bars, Columns, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return wma: the mean with weights 1 to `period`, the newest the heaviest.

    In price, from row period - 1. Raises DataError unless period is a whole number of bars.
    """
    return {"wma": weighted(bars.close, whole("period", period, at_least=1))}
