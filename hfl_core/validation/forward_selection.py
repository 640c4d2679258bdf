"""Choose on the past, earn on what follows: walk-forward over variants. Knows no variant."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import Array, Rows, table
from hfl_core.validation.overfitting import Score
from hfl_core.validation.purging import rows_of
from hfl_core.validation.spans import Spans, Split

ROUNDING: Final = 1e-12


class Forward(NamedTuple):
    """chosen: (splits,) the variant that was best on each training; inside, outside: its scores.

    rows, returns: what was earned out of sample, each judged row once, ascending. efficiency: mean
    return of the chosen outside / inside, NaN unless inside is above 0; changes: share of splits
    that chose another variant than the one before.
    """

    chosen: Rows
    inside: Array
    outside: Array
    rows: Rows
    returns: Array
    efficiency: float
    changes: float


def forward_selection(
    returns: Array, splits: Sequence[Split], *, score: Score | None = None
) -> Forward:
    """Return what the variant that was best on each training earned in its test.

    returns: (rows, variants) per period, of every variant over the whole history; splits: as
    `walk_forward` makes them; score: (rows, variants) -> (variants,), more is better, else the
    Sharpe ratio per period. Of equal scores the first variant is taken.
    Raises DataError below 2 variants, without splits, for tests that share a row, or for a score
    that is not a number.
    Source: Pardo 1992, ch. 6 (walk-forward efficiency).
    """
    rows = table("returns", returns, at_least=2)
    if rows.shape[1] < 2:
        raise DataError("expected 2 variants or more, found 1: there is nothing to choose from")
    if not splits:
        raise DataError("expected one split or more, found none: make them with walk_forward")
    spans = Spans(*(np.arange(len(rows), dtype=np.int64),) * 2)
    chosen, inside, outside, before = [], [], [], []
    judged, earned = [], []
    for given in splits:
        train, test = rows_of("train", spans, given.train), rows_of("test", spans, given.test)
        seen, unseen = (_scored(rows[which], score) for which in (train, test))
        best = int(np.argmax(seen))
        chosen.append(best)
        inside.append(float(seen[best]))
        outside.append(float(unseen[best]))
        before.append(float(rows[train, best].mean()))
        judged.append(test)
        earned.append(rows[test, best])
    all_rows, all_returns = np.concatenate(judged), np.concatenate(earned)
    order = np.argsort(all_rows, kind="stable")
    if (np.diff(all_rows[order]) == 0).any():
        raise DataError("expected tests that share no row, found some: step by whole tests")
    known = float(np.mean(before))
    picks = np.array(chosen, dtype=np.int64)
    return Forward(
        chosen=picks,
        inside=np.array(inside),
        outside=np.array(outside),
        rows=all_rows[order],
        returns=all_returns[order],
        efficiency=float(all_returns.mean()) / known if known > 0.0 else math.nan,
        changes=float((np.diff(picks) != 0).mean()) if len(picks) > 1 else 0.0,
    )


def _scored(rows: Array, score: Score | None) -> Array:
    scores = _sharpe_ratios(rows) if score is None else score(rows)
    if scores.shape != (rows.shape[1],) or np.isnan(scores).any():
        raise DataError(
            f"expected a score for each of {rows.shape[1]} variants, found {scores}: correct the"
            " score"
        )
    return scores


def _sharpe_ratios(rows: Array) -> Array:
    """Return mean / deviation a column; 0 where it never moves, or with a single row."""
    found = np.zeros(rows.shape[1])
    if len(rows) > 1:
        deviation = rows.std(axis=0, ddof=1)
        moves = deviation > ROUNDING * np.abs(rows).max(axis=0)
        np.divide(rows.mean(axis=0), deviation, out=found, where=moves)
    return found
