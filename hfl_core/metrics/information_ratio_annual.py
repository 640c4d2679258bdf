"""Annual information ratio against a benchmark. Knows nothing of calendars."""

import math

from hfl_core.metrics._series import Numbers, positive
from hfl_core.metrics.information_ratio_per_period import information_ratio_per_period


def information_ratio_annual(
    returns: Numbers, *, benchmark: Numbers | float, periods_per_year: float
) -> float:
    """Return information_ratio_per_period * sqrt(periods).

    Raises DataError as that does, and if periods_per_year is not above zero.
    """
    root = math.sqrt(positive("periods_per_year", periods_per_year))
    return information_ratio_per_period(returns, benchmark=benchmark) * root
