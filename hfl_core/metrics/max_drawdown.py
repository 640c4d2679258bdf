"""Largest drawdown of a series of returns. Knows nothing of when it happened."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, series


def max_drawdown(returns: Numbers) -> float:
    """Return the minimum of wealth / its running peak - 1, a fraction from -1 to 0.

    returns: (n,) simple returns per period, oldest first; an unknown one changes nothing. Wealth
    starts at 1, and that start is a peak. NaN without rows.
    Raises DataError if a return is infinite.
    """
    rows = series("returns", returns)
    if not len(rows):
        return NAN
    wealth = np.concatenate(([1.0], np.cumprod(1.0 + np.nan_to_num(rows, nan=0.0))))
    return float((wealth / np.maximum.accumulate(wealth) - 1.0).min())
