"""Share of a benchmark's gains that was captured. Knows nothing of calendars."""

import numpy as np

from hfl_core.metrics._series import Numbers, beside, ratio, series
from hfl_core.metrics.annual_return import annual_return


def up_capture(returns: Numbers, *, benchmark: Numbers, periods_per_year: float) -> float:
    """Return annual_return(r) / annual_return(b) over the periods in which the benchmark rose.

    returns, benchmark: (n,) simple returns per period; rows known in both are used. NaN if there
    is no such period.
    Raises DataError if a return is infinite, lengths differ or periods_per_year is not above zero.
    """
    rows = series("returns", returns)
    other = beside("benchmark", benchmark, rows)
    is_used = (other > 0.0) & ~np.isnan(rows)
    earned = annual_return(rows[is_used], periods_per_year=periods_per_year)
    offered = annual_return(other[is_used], periods_per_year=periods_per_year)
    return ratio(earned, offered, scale=abs(earned))
