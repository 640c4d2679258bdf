"""Annual volatility of a series of returns. Knows nothing of calendars."""

import math

from hfl_core.metrics._series import NAN, Numbers, deviation, known, positive, series


def annual_volatility(returns: Numbers, *, periods_per_year: float) -> float:
    """Return std(r) * sqrt(periods), a fraction; NaN with fewer than two known returns.

    returns: (n,) simple returns per period; std has ddof 1, over the known ones.
    Raises DataError if a return is infinite or periods_per_year is not above zero.
    """
    rows = series("returns", returns)
    periods = positive("periods_per_year", periods_per_year)
    return deviation(known(rows)) * math.sqrt(periods) if len(rows) > 1 else NAN
