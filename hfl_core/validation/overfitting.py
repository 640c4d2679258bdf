"""How likely the best of many variants is only the luckiest. Knows nothing of the variants."""

import itertools
import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import Array, Flags, count, table

# (rows, variants) -> (variants,): how good each variant was over these rows; more is better.
Score = Callable[[Array], Array]

# C(16, 8) = 12,870 choices; two more blocks and there are 48,620.
BLOCKS_MAX: Final = 18
ROUNDING: Final = 1e-12


class Overfitting(NamedTuple):
    """probability: share of choices whose best variant fell to the lower half, 0..1.

    logits: (choices,) ln(w / (1 - w)) of its relative rank w out of sample, ties in the middle.
    inside, outside: (choices,) its score in and out of sample; loss: share of outside below 0;
    slope: of outside over inside, by least squares; below 0, the better it looked the worse it
    did; NaN if the best was equally good in every choice.
    """

    probability: float
    logits: Array
    inside: Array
    outside: Array
    loss: float
    slope: float


def probability_of_overfitting(
    returns: Array, *, blocks: int = 16, score: Score | None = None
) -> Overfitting:
    """Return what becomes of the best variant of one half of the history in the other half.

    returns: (rows, variants) of every variant tried, losers too, rows in time order; blocks: even;
    the rows are cut into that many blocks, every choice of half of them is in sample once, the
    rest out of sample. Rows that fill no whole block at the start are left out. A choice whose
    best ranks exactly in the middle counts as one half. score: else the Sharpe ratio, infinite with
    the mean's sign for a variant whose deviation is below a millionth of its size.
    Raises DataError below 2 variants, for an odd number of blocks or outside 2..18, below 2 rows a
    block, with holes, or for a score that is not a number.
    Source: Bailey, Borwein, Lopez de Prado and Zhu 2017, combinatorially symmetric
    cross-validation.
    """
    rows = table("returns", returns, at_least=4)
    variants = rows.shape[1]
    if variants < 2:
        raise DataError("expected 2 variants or more, found 1: pass every variant that was tried")
    number = count("blocks", blocks, at_least=2, at_most=min(BLOCKS_MAX, len(rows) // 2))
    if number % 2:
        raise DataError(f"expected an even number of blocks, found {number}: change it")
    size = len(rows) // number
    cut = rows[len(rows) - size * number :].reshape(number, size, variants)
    scored = _sharpe_ratios(cut) if score is None else _scores(cut, score)
    logits, inside, outside = [], [], []
    for chosen in itertools.combinations(range(number), number // 2):
        is_inside = np.zeros(number, dtype=np.bool_)
        is_inside[list(chosen)] = True
        seen, unseen = scored(is_inside), scored(~is_inside)
        best = int(np.argmax(seen))
        share = _rank(unseen, best) / (variants + 1.0)
        logits.append(math.log(share / (1.0 - share)))
        inside.append(seen[best])
        outside.append(unseen[best])
    ranks, found, later = np.array(logits), np.array(inside), np.array(outside)
    is_middle = np.abs(ranks) < ROUNDING
    return Overfitting(
        probability=float(((ranks < 0.0) & ~is_middle).mean() + 0.5 * is_middle.mean()),
        logits=ranks,
        inside=found,
        outside=later,
        loss=float((later < 0.0).mean()),
        slope=_slope(found, later),
    )


def _scores(cut: Array, score: Score) -> Callable[[Flags], Array]:
    """Return the score of any choice of blocks."""
    variants = cut.shape[2]

    def scored(which: Flags) -> Array:
        scores = score(cut[which].reshape(-1, variants))
        if scores.shape != (variants,) or np.isnan(scores).any():
            raise DataError(
                f"expected a score for each of {variants} variants, found {scores}: correct the"
                " score"
            )
        return scores

    return scored


def _sharpe_ratios(cut: Array) -> Callable[[Flags], Array]:
    """Return mean / deviation of any choice of blocks, from the sums of each block alone."""
    centre = cut.mean(axis=(0, 1))
    away = cut - centre
    sums, squares = away.sum(axis=1), (away**2).sum(axis=1)
    sizes = (np.abs(cut) ** 2).sum(axis=1)
    rows = cut.shape[1]

    def scored(which: Flags) -> Array:
        size = rows * int(which.sum())
        total = sums[which].sum(axis=0)
        mean = centre + total / size
        spread = squares[which].sum(axis=0) - total**2 / size
        moves = spread > ROUNDING * sizes[which].sum(axis=0)
        scores = np.where(mean == 0.0, 0.0, np.copysign(math.inf, mean))
        deviation = np.sqrt(np.maximum(spread, 0.0) / (size - 1))
        np.divide(mean, deviation, out=scores, where=moves)
        return scores

    return scored


def _rank(scores: Array, which: int) -> float:
    """Return the rank, 1 for the worst; equal scores share the middle of their ranks."""
    own = scores[which]
    return float((scores < own).sum() + ((scores == own).sum() + 1) / 2.0)


def _slope(inside: Array, outside: Array) -> float:
    if not (np.isfinite(inside).all() and np.isfinite(outside).all()):
        return math.nan
    away = inside - inside.mean()
    spread = float(away @ away)
    scale = float(np.abs(inside).max())
    if spread <= (ROUNDING * scale) ** 2 * len(inside):
        return math.nan
    return float(away @ outside) / spread
