"""Compound annual growth rate of a series of returns. Knows nothing of calendars."""

from hfl_core.metrics._series import Numbers
from hfl_core.metrics.annual_return import annual_return


def cagr_from_returns(returns: Numbers, *, periods_per_year: float) -> float:
    """Return the annual return under the name that growth rates go by.

    Everything else as in annual_return; `cagr` takes two values and the days between them.
    """
    return annual_return(returns, periods_per_year=periods_per_year)
