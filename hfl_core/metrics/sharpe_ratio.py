"""Sharpe ratio of a series of returns. Knows nothing of calendars."""

import math

from hfl_core.metrics._series import (
    NAN,
    Numbers,
    beside,
    deviation,
    known,
    largest,
    mean,
    positive,
    ratio,
    series,
)


def sharpe_ratio(
    returns: Numbers, *, periods_per_year: float, risk_free_per_period: Numbers | float = 0.0
) -> float:
    """Return mean(x) / std(x) * sqrt(periods) with x = r - risk-free; NaN below two rows.

    returns: (n,) simple returns per period; risk_free_per_period: a number, or one a row. Without
    any deviation it is infinite with the mean's sign, and NaN when x is 0 throughout.
    Raises DataError if a return is infinite, lengths differ or periods_per_year is not above zero.
    Source: Sharpe 1994, ex post, annualised by the square root of time.
    """
    rows = series("returns", returns)
    root = math.sqrt(positive("periods_per_year", periods_per_year))
    excess = known(rows - beside("risk_free_per_period", risk_free_per_period, rows))
    if len(rows) < 2:
        return NAN
    return ratio(mean(excess), deviation(excess), scale=largest(excess)) * root
