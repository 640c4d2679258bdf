"""How long a record must be before its Sharpe ratio is believed. Knows nothing of the returns."""

import math
from statistics import NormalDist

from hfl_core.domain.errors import DataError
from hfl_core.metrics._series import NAN


def minimum_track_record_length(
    *,
    sharpe_per_period: float,
    benchmark_sharpe: float = 0.0,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    confidence: float = 0.95,
) -> float:
    """Return the returns needed: 1 + (1 - skew SR + (kurtosis - 1) / 4 SR^2) (z / (SR - SR*))^2.

    Both ratios per period, not annualised; kurtosis: 3 for a normal distribution; z: the normal
    quantile of confidence. With so many returns the probabilistic Sharpe ratio is `confidence`.
    Infinite where the ratio is not above its benchmark, NaN where skew and kurtosis allow no such
    ratio.
    Raises DataError unless confidence lies from 0.5 to 1, both left out.
    Source: Bailey and Lopez de Prado 2012, The Sharpe Ratio Efficient Frontier.
    """
    if not 0.5 < confidence < 1.0:
        raise DataError(
            f"expected a confidence between 0.5 and 1, found {confidence}: ask for 0.95"
        )
    inner = 1.0 - skew * sharpe_per_period + (kurtosis - 1.0) / 4.0 * sharpe_per_period**2
    if not inner > 0.0 or not math.isfinite(inner) or math.isnan(benchmark_sharpe):
        return NAN
    if sharpe_per_period <= benchmark_sharpe:
        return math.inf
    distance = NormalDist().inv_cdf(confidence) / (sharpe_per_period - benchmark_sharpe)
    return 1.0 + inner * distance**2
