"""Mean of the worst returns of a series. Knows nothing of their order."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, fraction, known, series


def conditional_value_at_risk(returns: Numbers, *, cutoff: float = 0.05) -> float:
    """Return the mean of the floor((n - 1) * cutoff) + 1 lowest returns, its sign kept.

    returns: (n,) simple returns per period, n the known ones; NaN of nothing known.
    Raises DataError if a return is infinite or cutoff is outside 0..1.
    Source: expected shortfall as empyrical counts it.
    """
    rows = known(series("returns", returns))
    share = fraction("cutoff", cutoff)
    if not len(rows):
        return NAN
    count = int((len(rows) - 1) * share) + 1
    return float(np.sort(rows)[:count].mean())
