"""Results in each of the market's regimes, and how regimes follow each other. Knows no market."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import Array, Numbers, Rows, numbers, same_rows
from hfl_core.validation.intervals import Metric


class RegimeResult(NamedTuple):
    """rows: how many; share: of all rows, 0..1; total: compounded gain; figures: by metric."""

    rows: int
    share: float
    total: float
    figures: dict[str, float]


class Transitions(NamedTuple):
    """counts, shares: (regimes, regimes), from the row's regime to the next row's, the column's.

    Shares of a row add up to 1; NaN where a regime is never left nor kept, as on the last row
    alone. stay: (regimes,) mean rows of a visit, NaN without one; visits: (regimes,).
    """

    names: tuple[str, ...]
    counts: Rows
    shares: Array
    stay: Array
    visits: Rows


def by_regime(
    returns: Numbers, regimes: Sequence[str], metrics: Mapping[str, Metric]
) -> dict[str, RegimeResult]:
    """Return results regime by regime, in the order in which they first appear.

    returns: (n,) per period; regimes: (n,) the name that was known BEFORE each return was made; a
    name known only at its end looks ahead. Compounded totals of all regimes multiply up to the
    whole.
    Raises DataError without rows, with holes, or lengths that differ.
    """
    rows = numbers("returns", returns)
    same_rows("regimes", len(regimes), len(rows))
    names = np.asarray(regimes, dtype=np.str_)
    found = {}
    for name in dict.fromkeys(regimes):
        own = rows[names == name]
        figures = {title: float(metric(own)) for title, metric in metrics.items()}
        total = float(np.prod(1.0 + own) - 1.0)
        found[name] = RegimeResult(len(own), len(own) / len(rows), total, figures)
    return found


def transitions(regimes: Sequence[str], names: Sequence[str] | None = None) -> Transitions:
    """Return how often each regime was followed by each, and how long a visit lasts.

    regimes: (n,) one name a row, oldest first; names: the order of rows and columns, else that of
    their first appearance. The first and the last visit count as they are seen, cut off.
    Raises DataError below 2 rows, or for a regime that is not among the names.
    Source: maximum likelihood of a Markov chain, Anderson and Goodman 1957.
    """
    if len(regimes) < 2:
        raise DataError(f"expected 2 rows of regimes or more, found {len(regimes)}: add data")
    order = tuple(dict.fromkeys(regimes if names is None else names))
    unknown = sorted(set(regimes) - set(order))
    if unknown:
        raise DataError(
            f"expected regimes among {', '.join(order)}, found {', '.join(unknown)}: name them"
        )
    place = {name: number for number, name in enumerate(order)}
    states = np.array([place[name] for name in regimes], dtype=np.int64)
    counts = np.zeros((len(order), len(order)), dtype=np.int64)
    np.add.at(counts, (states[:-1], states[1:]), 1)
    left = counts.sum(axis=1, keepdims=True).astype(np.float64)
    begins = np.flatnonzero(np.diff(states, prepend=-1))
    visits = np.bincount(states[begins], minlength=len(order)).astype(np.int64)
    total = np.bincount(states, minlength=len(order)).astype(np.float64)
    return Transitions(
        names=order,
        counts=counts,
        shares=_divided(counts.astype(np.float64), np.broadcast_to(left, counts.shape)),
        stay=_divided(total, visits.astype(np.float64)),
        visits=visits,
    )


def _divided(numerator: Array, divisor: Array) -> Array:
    found = np.full(numerator.shape, np.nan)
    np.divide(numerator, divisor, out=found, where=divisor > 0.0)
    return found
