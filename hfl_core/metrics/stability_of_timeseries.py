"""How straight a series of returns climbs. Knows nothing of calendars."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, is_rounding, known, largest, series


def stability_of_timeseries(returns: Numbers) -> float:
    """Return the squared correlation of the running sum of log(1 + r) with 0, 1, 2, ...; 0..1.

    returns: (n,) simple returns per period, oldest first; unknown ones are left out. NaN below two
    of them, without any movement, or where everything was lost.
    Raises DataError if a return is infinite.
    """
    rows = known(series("returns", returns))
    if len(rows) < 2 or rows.min() <= -1.0:
        return NAN
    climb = np.cumsum(np.log1p(rows))
    if is_rounding(float(climb.std()), largest(climb)):
        return NAN
    return float(np.corrcoef(climb, np.arange(len(climb)))[0, 1] ** 2)
