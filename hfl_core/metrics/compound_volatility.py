"""Volatility of the compounded annual return. Knows nothing of calendars."""

import math

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, known, positive, power, series


def compound_volatility(returns: Numbers, *, periods_per_year: float) -> float:
    """Return sqrt((var + (1 + g)^2)^T - (1 + g)^(2T)), a fraction; NaN below two known returns.

    g is the geometric mean return, var has ddof 1, T is periods_per_year: the deviation of a
    product of T independent returns, where annual_volatility is that of their sum.
    Raises DataError if a return is infinite or periods_per_year is not above zero.
    Source: variance of a product of independent variables (Goodman 1960); as backtesting.py's
    Volatility (Ann.).
    """
    rows = known(series("returns", returns))
    periods = positive("periods_per_year", periods_per_year)
    if len(rows) < 2:
        return NAN
    growth = power(float(np.prod(1.0 + rows)), 1.0 / len(rows))
    spread = power(float(rows.var(ddof=1)) + growth**2, periods) - power(growth, 2.0 * periods)
    return math.sqrt(max(spread, 0.0)) if math.isfinite(spread) else spread
