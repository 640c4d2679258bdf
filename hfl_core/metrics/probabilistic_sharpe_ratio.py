"""Probability that a Sharpe ratio is not luck. Knows nothing of the returns."""

import math
from statistics import NormalDist

from hfl_core.metrics._series import NAN


def probabilistic_sharpe_ratio(
    *,
    sharpe_per_period: float,
    n_obs: float,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    benchmark_sharpe: float = 0.0,
) -> float:
    """Return the probability that the true Sharpe ratio is above benchmark_sharpe, 0..1.

    Both ratios per period, not annualised; n_obs: returns seen; kurtosis: 3 for a normal
    distribution. Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - skew SR + (kurtosis - 1) / 4 SR^2)); NaN
    below two returns, or where skew and kurtosis allow no such ratio.
    Source: Bailey and Lopez de Prado 2012.
    """
    inner = 1.0 - skew * sharpe_per_period + (kurtosis - 1.0) / 4.0 * sharpe_per_period**2
    if not n_obs > 1 or not inner > 0 or not math.isfinite(inner):
        return NAN
    distance = (sharpe_per_period - benchmark_sharpe) * math.sqrt(n_obs - 1) / math.sqrt(inner)
    return NAN if math.isnan(distance) else NormalDist().cdf(distance)
