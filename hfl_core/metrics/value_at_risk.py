"""Historical value at risk of a series of returns. Knows nothing of their order."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, fraction, known, series


def value_at_risk(returns: Numbers, *, cutoff: float = 0.05) -> float:
    """Return the percentile `cutoff` (0..1) by linear interpolation, its sign kept.

    returns: (n,) simple returns per period; NaN of nothing known. -0.02 at 0.05 means: one period
    in twenty lost 2 % or more.
    Raises DataError if a return is infinite or cutoff is outside 0..1.
    """
    rows = known(series("returns", returns))
    share = fraction("cutoff", cutoff)
    return float(np.quantile(rows, share)) if len(rows) else NAN
