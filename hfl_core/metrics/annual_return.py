"""Annual return of a series of returns. Knows nothing of calendars."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, known, positive, power, series


def annual_return(returns: Numbers, *, periods_per_year: float) -> float:
    """Return prod(1 + r) ** (periods / n) - 1, a fraction a year; NaN without rows.

    returns: (n,) simple returns per period, oldest first; an unknown one earns nothing but counts.
    NaN, too, where more than everything was lost.
    Raises DataError if a return is infinite or periods_per_year is not above zero.
    Source: geometric mean; empyrical's annual_return.
    """
    rows = series("returns", returns)
    periods = positive("periods_per_year", periods_per_year)
    if not len(rows):
        return NAN
    return power(float(np.prod(1.0 + known(rows))), periods / len(rows)) - 1.0
