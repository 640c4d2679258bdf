"""Moving average convergence divergence: macd(fast, slow, signal). Knows nothing but closes."""

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.indicators._averages import exponential
from hfl_core.indicators._columns import Bars, Columns, whole


def compute(bars: Bars, *, fast: float = 12, slow: float = 26, signal: float = 9) -> Columns:
    """Return macd = fastEma - slowEma, its EMA signal, histogram = macd - signal, and both EMAs.

    All in price. TA-Lib's starts: the slow EMA at row slow - 1 with the mean so far, the fast
    one at the same row with the mean of the last `fast` closes, the signal with the mean of the
    first `signal` differences. TA-Lib's own function hides the EMAs.
    Raises DataError unless all are whole numbers of bars with fast below slow.
    Source: Appel 1979.
    """
    quick, calm = whole("fast", fast, at_least=1), whole("slow", slow)
    if quick >= calm:
        raise DataError(f"expected fast below slow, found {fast:g} and {slow:g}: swap them")
    close = bars.close
    head = np.full(min(calm - quick, len(close)), np.nan)
    fast_average = np.concatenate((head, exponential(close[calm - quick :].copy(), quick)))
    slow_average = exponential(close, calm)
    difference = fast_average - slow_average
    line = exponential(difference, whole("signal", signal, at_least=1))
    return {
        "macd": difference,
        "signal": line,
        "histogram": difference - line,
        "fastEma": fast_average,
        "slowEma": slow_average,
    }
