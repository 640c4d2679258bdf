"""Omega ratio of a series of returns. Knows nothing of calendars."""

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.metrics._series import (
    NAN,
    Numbers,
    beside,
    is_rounding,
    known,
    largest,
    positive,
    series,
)


def omega_ratio(
    returns: Numbers,
    *,
    periods_per_year: float,
    risk_free: Numbers | float = 0.0,
    required_return_annual: float = 0.0,
) -> float:
    """Return the sum of the gains over the sum of the losses against a threshold.

    returns: (n,) simple returns per period; risk_free: per period, a number or one a row;
    required_return_annual: a fraction a year. x = r - risk_free - ((1 + required) ** (1 / periods)
    - 1); sum of the positive x / |sum of the negative x|. NaN without losses or below two rows.
    Raises DataError if a return is infinite, lengths differ, periods_per_year is not above zero or
    required_return_annual is not above -1.
    Source: Keating and Shadwick 2002.
    """
    rows = series("returns", returns)
    periods = positive("periods_per_year", periods_per_year)
    if not required_return_annual > -1.0:
        raise DataError(
            f"expected required_return_annual above -1, found {required_return_annual}: correct it"
        )
    threshold = (1.0 + required_return_annual) ** (1.0 / periods) - 1.0
    excess = known(rows - beside("risk_free", risk_free, rows) - threshold)
    lost = float(-np.minimum(excess, 0.0).sum())
    if len(rows) < 2 or is_rounding(lost, largest(excess)):
        return NAN
    return float(np.maximum(excess, 0.0).sum()) / lost
