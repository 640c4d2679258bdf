"""Probability that the best of many Sharpe ratios is not luck. Knows nothing of returns."""

import math
from typing import NamedTuple

from hfl_core.domain.errors import DataError
from hfl_core.metrics._series import positive
from hfl_core.metrics.expected_max_sharpe_of_N_trials import expected_max_sharpe_of_N_trials
from hfl_core.metrics.probabilistic_sharpe_ratio import probabilistic_sharpe_ratio


class Deflated(NamedTuple):
    """The Sharpe ratio per period that luck finds, and the probability that more than luck was."""

    sr0_per_period: float
    dsr: float


def deflated_sharpe_ratio(
    *,
    sharpe_annual: float,
    periods_per_year: float,
    n_obs: float,
    n_trials: float,
    var_of_trial_sharpes_annual: float,
    skew: float = 0.0,
    kurtosis: float = 3.0,
) -> Deflated:
    """Return the probabilistic Sharpe ratio against the best that n_trials would find by luck.

    sharpe_annual: the chosen variant's; var_of_trial_sharpes_annual: variance of the Sharpe ratios
    of all variants tried, annualised; n_obs: returns seen; kurtosis: 3 for a normal distribution.
    Raises DataError unless periods_per_year is above zero, n_trials 1 or more and the variance 0
    or more.
    Source: Bailey and Lopez de Prado 2014.
    """
    periods = positive("periods_per_year", periods_per_year)
    if not 0 <= var_of_trial_sharpes_annual < math.inf:
        raise DataError(
            "expected var_of_trial_sharpes_annual of 0 or more, found"
            f" {var_of_trial_sharpes_annual}: correct it"
        )
    luck = expected_max_sharpe_of_N_trials(
        n_trials=n_trials, std_of_sharpes=math.sqrt(var_of_trial_sharpes_annual / periods)
    )
    probability = probabilistic_sharpe_ratio(
        sharpe_per_period=sharpe_annual / math.sqrt(periods),
        n_obs=n_obs,
        skew=skew,
        kurtosis=kurtosis,
        benchmark_sharpe=luck,
    )
    return Deflated(luck, probability)
