"""The best Sharpe ratio that luck alone finds. Knows nothing of the trials."""

import math
from statistics import NormalDist
from typing import Final

from hfl_core.domain.errors import DataError

EULER_MASCHERONI: Final = 0.5772156649015329


def expected_max_sharpe_of_N_trials(*, n_trials: float, std_of_sharpes: float) -> float:
    """Return std * ((1 - g) * Q(1 - 1/N) + g * Q(1 - 1/(N e))), in the unit of std_of_sharpes.

    n_trials: how many independent variants were tried; one alone is not chosen, so it gives 0.
    std_of_sharpes: deviation of their Sharpe ratios; Q: inverse normal distribution; g: Euler and
    Mascheroni's constant.
    Raises DataError unless n_trials is 1 or more and std_of_sharpes 0 or more.
    Source: False Strategy theorem, Bailey and Lopez de Prado 2014.
    """
    if not 1 <= n_trials < math.inf:
        raise DataError(f"expected n_trials of 1 or more, found {n_trials}: count the variants")
    if not 0 <= std_of_sharpes < math.inf:
        raise DataError(f"expected std_of_sharpes of 0 or more, found {std_of_sharpes}: correct it")
    if n_trials == 1:
        return 0.0
    quantile = NormalDist().inv_cdf
    share = EULER_MASCHERONI
    largest = (1.0 - share) * quantile(1.0 - 1.0 / n_trials)
    return std_of_sharpes * (largest + share * quantile(1.0 - 1.0 / (n_trials * math.e)))
