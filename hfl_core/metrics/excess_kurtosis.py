"""Excess kurtosis of a series, corrected for bias. Knows nothing of its order."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, is_rounding, known, largest, series


def excess_kurtosis(values: Numbers) -> float:
    """Return G2 = (n - 1) / ((n - 2) (n - 3)) * ((n + 1) g2 + 6), g2 from population moments.

    values: (n,) returns or other numbers; NaN below four known ones or without any deviation. A
    normal distribution has 0.
    Raises DataError if one is infinite.
    Source: as spreadsheets and pandas; Joanes and Gill 1998.
    """
    rows = known(series("values", values))
    count = len(rows)
    if count < 4 or is_rounding(float(rows.std()), largest(rows)):
        return NAN
    from_mean = rows - rows.mean()
    excess = float(np.mean(from_mean**4) / np.mean(from_mean**2) ** 2) - 3.0
    return (count - 1) / ((count - 2) * (count - 3)) * ((count + 1) * excess + 6.0)
