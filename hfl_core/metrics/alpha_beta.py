"""Alpha and beta against a benchmark. Knows nothing of calendars."""

from typing import NamedTuple

import numpy as np

from hfl_core.metrics._series import (
    NAN,
    Numbers,
    beside,
    is_rounding,
    largest,
    positive,
    power,
    series,
)


class AlphaBeta(NamedTuple):
    """Alpha a year, a fraction, and beta."""

    alpha: float
    beta: float


def alpha_beta(returns: Numbers, *, benchmark: Numbers, periods_per_year: float) -> AlphaBeta:
    """Return what a benchmark explains and what it leaves, the risk-free rate being 0.

    returns, benchmark: (n,) simple returns per period; rows known in both are used. beta = cov(r,
    b) / var(b); alpha = (1 + mean(r - beta * b)) ** periods - 1. NaN below two such rows or where
    the benchmark never moves.
    Raises DataError if a return is infinite, lengths differ or periods_per_year is not above zero.
    Source: Jensen 1968, compounded.
    """
    rows = series("returns", returns)
    other = beside("benchmark", benchmark, rows)
    periods = positive("periods_per_year", periods_per_year)
    is_pair = ~np.isnan(rows) & ~np.isnan(other)
    rows, other = rows[is_pair], other[is_pair]
    if len(rows) < 2 or is_rounding(float(other.std()), largest(other)):
        return AlphaBeta(NAN, NAN)
    from_mean = other - other.mean()
    beta = float(((rows - rows.mean()) * from_mean).sum() / (from_mean**2).sum())
    return AlphaBeta(power(1.0 + float((rows - beta * other).mean()), periods) - 1.0, beta)
