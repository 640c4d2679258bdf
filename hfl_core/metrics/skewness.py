"""Skewness of a series, corrected for bias. Knows nothing of its order."""

import math

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, is_rounding, known, largest, series


def skewness(values: Numbers) -> float:
    """Return G1 = g1 * sqrt(n (n - 1)) / (n - 2), g1 from population moments.

    values: (n,) returns or other numbers; NaN below three known ones or without any deviation.
    Raises DataError if one is infinite.
    Source: as spreadsheets and pandas; Joanes and Gill 1998.
    """
    rows = known(series("values", values))
    count = len(rows)
    if count < 3 or is_rounding(float(rows.std()), largest(rows)):
        return NAN
    from_mean = rows - rows.mean()
    skew = float(np.mean(from_mean**3) / np.mean(from_mean**2) ** 1.5)
    return skew * math.sqrt(count * (count - 1)) / (count - 2)
