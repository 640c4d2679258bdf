"""How sure a figure is: bootstrap intervals of any metric. Knows no metric."""

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from hfl_core.validation._checks import Array, Numbers, between, count, table
from hfl_core.validation.resampling import Scheme, resampled_rows

Metric = Callable[[Array], float]

DRAWS: Final = 2_000
# The jackknife leaves out that many runs of rows, one after the other; single rows where it can.
PARTS_MAX: Final = 200
_NORMAL: Final = NormalDist()


class Method(StrEnum):
    """PERCENTILE: the middle of what was drawn. BCA: corrected for bias and for skew."""

    PERCENTILE = "percentile"
    BCA = "bca"


class Interval(NamedTuple):
    """estimate: of the values themselves; low, high: its interval, NaN where nothing is defined.

    level: the chance that such an interval holds the true figure; undefined: the share of draws
    whose metric was NaN; they are left out, and beyond one half there is no interval.
    """

    estimate: float
    low: float
    high: float
    level: float
    undefined: float


def intervals(
    metrics: Mapping[str, Metric],
    values: Numbers,
    *,
    seed: int,
    level: float = 0.95,
    method: Method = Method.BCA,
    scheme: Scheme = Scheme.ROWS,
    block: float = 1.0,
    draws: int = DRAWS,
) -> dict[str, Interval]:
    """Return the interval of each metric, all from the same draws.

    values: (n,) or (n, k), what a metric takes: one series, or k beside each other (returns and
    benchmark) whose rows stay together. For BCa the bounds are the shares
    Phi(z0 + (z0 + z) / (1 - a (z0 + z))) of the draws, z0 = Phi^-1(share below the estimate, ties
    half), a from the jackknife over single rows, or over at most 200 runs of rows.
    Raises DataError below 2 rows, with holes, for a level outside 0..1, draws below 10, or a block
    that the scheme does not take.
    Source: Efron 1987; Efron and Tibshirani 1993, ch. 13 and 14; blocks: Politis and Romano 1994.
    """
    rows = table("values", values, at_least=2)
    whole = rows[:, 0] if np.ndim(values) == 1 else rows
    between("level", level, 0.0, 1.0)
    times = count("draws", draws, at_least=10)
    drawn = {name: np.empty(times) for name in metrics}
    chosen = resampled_rows(len(rows), draws=times, scheme=scheme, block=block, seed=seed)
    for number, picked in enumerate(chosen):
        sample = whole[picked]
        for name, metric in metrics.items():
            drawn[name][number] = metric(sample)
    found = {}
    for name, metric in metrics.items():
        estimate = float(metric(whole))
        skew = _acceleration(metric, whole) if method is Method.BCA else None
        found[name] = _interval(estimate, drawn[name], level, skew)
    return found


def interval(
    metric: Metric,
    values: Numbers,
    *,
    seed: int,
    level: float = 0.95,
    method: Method = Method.BCA,
    scheme: Scheme = Scheme.ROWS,
    block: float = 1.0,
    draws: int = DRAWS,
) -> Interval:
    """Return the interval of one metric; everything else as in `intervals`."""
    return intervals(
        {"it": metric},
        values,
        seed=seed,
        level=level,
        method=method,
        scheme=scheme,
        block=block,
        draws=draws,
    )["it"]


def _interval(estimate: float, drawn: Array, level: float, skew: float | None) -> Interval:
    defined = np.sort(drawn[~np.isnan(drawn)])
    undefined = 1.0 - len(defined) / len(drawn)
    if math.isnan(estimate) or undefined > 0.5:
        return Interval(estimate, math.nan, math.nan, level, undefined)
    shares = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    if skew is not None:
        below = (defined < estimate).mean() + 0.5 * (defined == estimate).mean()
        # All draws on one side: half a draw is the most that can be said.
        edge = 0.5 / len(defined)
        bias = _NORMAL.inv_cdf(min(max(float(below), edge), 1.0 - edge))
        shares = (_corrected(shares[0], bias, skew), _corrected(shares[1], bias, skew))
    low, high = (_drawn_at(defined, share) for share in shares)
    return Interval(estimate, low, high, level, undefined)


def _corrected(share: float, bias: float, skew: float) -> float:
    moved = bias + _NORMAL.inv_cdf(share)
    squeeze = 1.0 - skew * moved
    # Beyond the pole of the correction only the outermost draw is left.
    return _NORMAL.cdf(bias + moved / squeeze) if squeeze > 0.0 else float(moved > 0.0)


def _drawn_at(ordered: Array, share: float) -> float:
    """Return the draw at a share: one that was drawn, so that infinite ones do no harm."""
    place = math.ceil(share * (len(ordered) + 1)) - 1
    return float(ordered[min(max(place, 0), len(ordered) - 1)])


def _acceleration(metric: Metric, rows: Array) -> float:
    """Return sum d^3 / (6 (sum d^2)^1.5), d = mean - value of the metric without one part."""
    parts = np.array_split(np.arange(len(rows)), min(len(rows), PARTS_MAX))
    left = np.array([metric(np.delete(rows, part, axis=0)) for part in parts])
    if not np.isfinite(left).all():
        return 0.0
    away = left.mean() - left
    spread = float((away**2).sum())
    scale = float(np.abs(left).max())
    return float((away**3).sum()) / (6.0 * spread**1.5) if spread > (1e-12 * scale) ** 2 else 0.0
