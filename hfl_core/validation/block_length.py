"""How long a block must be to keep what rows have to do with each other. Knows nothing of draws."""

import math
from typing import Final, NamedTuple

import numpy as np

from hfl_core.validation._checks import Array, Numbers, numbers

ROWS_MIN: Final = 8
ROUNDING: Final = 1e-24


class BlockLength(NamedTuple):
    """In rows: a mean length for the stationary scheme, a whole one for the circular one."""

    stationary: float
    circular: int


def block_length(values: Numbers) -> BlockLength:
    """Return the lengths that make the variance of a bootstrapped mean most exact.

    b = (2 G^2 / D)^(1/3) n^(1/3), G = sum l(k/M) |k| R(k), S = sum l(k/M) R(k) over |k| <= M,
    D = 2 S^2 (stationary) or 4/3 S^2 (circular), R: autocovariance, l: the trapezoid that is 1 up
    to 1/2 and 0 at 1. M = 2 m, m the least lag behind which max(5, sqrt(log10 n)) autocorrelations
    in a row are below 2 sqrt(log10 n / n). At least 1, at most min(3 sqrt n, n / 3); 1 for values
    that never change.
    values: (n,), oldest first. Raises DataError below 8 rows or with holes.
    Source: Politis and White 2004; correction by Patton, Politis and White 2009.
    """
    rows = numbers("values", values, at_least=ROWS_MIN)
    size = len(rows)
    longest = math.ceil(min(3.0 * math.sqrt(size), size / 3.0))
    run = max(5, int(math.sqrt(math.log10(size))))
    farthest = min(math.ceil(math.sqrt(size)) + run, size - 1)
    covariance = _autocovariance(rows, farthest)
    if covariance[0] <= ROUNDING * float(np.abs(rows).max()) ** 2:
        return BlockLength(1.0, 1)
    lags = min(2 * max(_last_lag(covariance, size, run), 1), farthest)
    lag = np.arange(1, lags + 1)
    weighed = np.minimum(1.0, 2.0 * (1.0 - lag / lags)) * covariance[1 : lags + 1]
    slope = float(2.0 * (weighed * lag).sum())
    spectrum = float(covariance[0] + 2.0 * weighed.sum())
    # A spectrum of 0 at the origin asks for a block without end.
    ratio = (slope / spectrum) ** 2 * size if spectrum else math.inf
    return BlockLength(
        stationary=min(max(ratio ** (1.0 / 3.0), 1.0), float(longest)),
        circular=min(max(round((1.5 * ratio) ** (1.0 / 3.0)), 1), longest)
        if math.isfinite(ratio)
        else longest,
    )


def _autocovariance(rows: Array, lags: int) -> Array:
    centred = rows - rows.mean()
    return np.array([centred[lag:] @ centred[: len(rows) - lag] for lag in range(lags + 1)]) / len(
        rows
    )


def _last_lag(covariance: Array, size: int, run: int) -> int:
    """Return the least lag behind which `run` autocorrelations are small; else the last lag."""
    bound = 2.0 * math.sqrt(math.log10(size) / size)
    is_small = np.abs(covariance[1:] / covariance[0]) < bound
    for lag in range(len(is_small) - run + 1):
        if is_small[lag : lag + run].all():
            return lag
    return len(is_small)
