"""Rate of change: roc(period). Knows nothing but closes."""

from hfl_core.indicators._columns import Bars, Columns, divided, later, whole


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return momentum = close - close `period` rows ago, and roc in percent of that close.

    From row `period`; momentum in price. Raises DataError unless period is a whole number of bars.
    """
    before = later(bars.close, whole("period", period, at_least=1))
    momentum = bars.close - before
    return {"momentum": momentum, "roc": divided(100.0 * momentum, before, scale=bars.high)}
