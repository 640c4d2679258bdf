"""What the number of variants tried takes off the best one's Sharpe ratio. Knows no variant."""

import math
from typing import NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.metrics.deflated_sharpe_ratio import deflated_sharpe_ratio
from hfl_core.metrics.excess_kurtosis import excess_kurtosis
from hfl_core.metrics.sharpe_ratio import sharpe_ratio
from hfl_core.metrics.skewness import skewness
from hfl_core.validation._checks import Array, table


class DeflatedBest(NamedTuple):
    """best: its column; sharpe_annual: as it looks; luck_annual: what trying finds by chance.

    probability: that its true ratio is above what luck finds, 0..1; trials: how many independent
    variants those tried amount to.
    """

    best: int
    sharpe_annual: float
    luck_annual: float
    probability: float
    trials: float


def deflated_best(
    returns: Array, *, periods_per_year: float, trials: float | None = None
) -> DeflatedBest:
    """Return the best of all variants tried, deflated by how many and how different they were.

    returns: (rows, variants), per period, every variant that was tried; trials: how many were tried
    if more than are shown here, else independent_trials of them.
    Raises DataError below 3 rows or 2 variants, with holes, for a variant that never moves, trials
    fewer than 1, or periods_per_year not above zero.
    Source: Bailey and Lopez de Prado 2014, The Deflated Sharpe Ratio.
    """
    rows = _moving(returns)
    sharpes = np.array([sharpe_ratio(one, periods_per_year=periods_per_year) for one in rows.T])
    best = int(np.argmax(sharpes))
    tried = independent_trials(rows) if trials is None else trials
    found = deflated_sharpe_ratio(
        sharpe_annual=float(sharpes[best]),
        periods_per_year=periods_per_year,
        n_obs=len(rows),
        n_trials=tried,
        var_of_trial_sharpes_annual=float(sharpes.var(ddof=1)),
        skew=skewness(rows[:, best]),
        kurtosis=excess_kurtosis(rows[:, best]) + 3.0,
    )
    luck = found.sr0_per_period * math.sqrt(periods_per_year)
    return DeflatedBest(best, float(sharpes[best]), luck, found.dsr, tried)


def independent_trials(returns: Array) -> float:
    """Return r + (1 - r) * M for M variants with a mean correlation r of at least 0.

    returns: (rows, variants). Variants that move as one count as one, unrelated ones each.
    Raises DataError below 3 rows or 2 variants, with holes, or for a variant that never moves.
    Source: Bailey and Lopez de Prado 2014, appendix A.3.
    """
    rows = _moving(returns)
    number = rows.shape[1]
    scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    # The mean over all pairs, from the sum of all columns: no table of variants times variants.
    together = float((scaled.sum(axis=1) ** 2).mean())
    mean = (together - number) / (number * (number - 1.0))
    likeness = float(min(max(mean, 0.0), 1.0))
    return likeness + (1.0 - likeness) * float(number)


def _moving(returns: Array) -> Array:
    rows = table("returns", returns, at_least=3)
    if rows.shape[1] < 2:
        raise DataError("expected 2 variants or more, found 1: pass every variant that was tried")
    still = rows.std(axis=0) <= 1e-12 * np.abs(rows).max(axis=0)
    if still.any():
        raise DataError(
            f"expected variants that trade, found {int(still.sum())} whose returns never change,"
            f" column {int(np.flatnonzero(still)[0])} first: leave them out and pass trials"
        )
    return rows
