"""Drawdown of every value of a series. Knows nothing of time."""

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.metrics._series import Array, Numbers, complete


def drawdowns(values: Numbers) -> Array:
    """Return value / highest value so far - 1 for every row, fractions from -1 to 0.

    values: (n,) prices or equity above zero, oldest first.
    Raises DataError if one is missing, infinite or not above zero.
    """
    known = complete("values", values)
    if len(known) and known.min() <= 0.0:
        place = int(np.flatnonzero(known <= 0.0)[0])
        raise DataError(
            f"expected values above zero, found {known[place]} at {place}: end the series before it"
        )
    return known / np.maximum.accumulate(known) - 1.0
