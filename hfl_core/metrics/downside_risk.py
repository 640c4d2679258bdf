"""Annual downside deviation of a series of returns. Knows nothing of calendars."""

import math

import numpy as np

from hfl_core.metrics._series import Numbers, beside, known, mean, positive, series


def downside_risk(
    returns: Numbers,
    *,
    periods_per_year: float,
    required_return_per_period: Numbers | float = 0.0,
) -> float:
    """Return sqrt(mean(min(x, 0)^2)) * sqrt(periods) with x = r - required; NaN of nothing known.

    returns: (n,) simple returns per period; required_return_per_period: a number, or one a row.
    The mean runs over all known rows, those without a shortfall included.
    Raises DataError if a return is infinite, lengths differ or periods_per_year is not above zero.
    Source: Sortino and Price 1994.
    """
    rows = series("returns", returns)
    root = math.sqrt(positive("periods_per_year", periods_per_year))
    excess = known(rows - beside("required_return_per_period", required_return_per_period, rows))
    return math.sqrt(mean(np.minimum(excess, 0.0) ** 2)) * root
