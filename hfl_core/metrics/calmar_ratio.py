"""Calmar ratio of a series of returns. Knows nothing of calendars."""

from hfl_core.metrics._series import NAN, Numbers
from hfl_core.metrics.annual_return import annual_return
from hfl_core.metrics.max_drawdown import max_drawdown


def calmar_ratio(returns: Numbers, *, periods_per_year: float) -> float:
    """Return annual_return / |max_drawdown|; NaN without a drawdown or without rows.

    returns: (n,) simple returns per period, oldest first.
    Raises DataError if a return is infinite or periods_per_year is not above zero.
    Source: Young 1991, over the whole series.
    """
    growth = annual_return(returns, periods_per_year=periods_per_year)
    depth = max_drawdown(returns)
    return growth / abs(depth) if depth < 0.0 else NAN
