"""W4: ten thousand bootstrap paths of a thousand trades, final gain and deepest fall of each.

Beside it, in the same run, the plain numpy way: one table of all draws, cumulative products.
"""

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from benchmarks.result import Result, at_least, at_most
from hfl_core.validation.monte_carlo import monte_carlo
from hfl_core.validation.resampling import Scheme

PATHS, TRADES, ROUNDS = 10_000, 1_000, 15


def measure() -> Iterator[Result]:
    """Time all interleaved, CPU of all threads.

    The least of the rounds counts: a neighbour on the same cores evicts the cache, and that is what
    the others measure.
    """
    trades = np.random.default_rng(4).normal(0.0005, 0.02, TRADES)
    ways: dict[str, Callable[[], object]] = {
        "rows": lambda: monte_carlo(trades, paths=PATHS, seed=1),
        "numpy": lambda: plain(trades),
        "stationary": lambda: monte_carlo(
            trades, paths=PATHS, seed=1, scheme=Scheme.STATIONARY, block=10.0
        ),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, way in ways.items():
            begin = time.process_time()
            way()
            if number:
                took[name].append((time.process_time() - begin) * 1_000)
    rows, numpy_, stationary = (min(took[name]) for name in ways)
    medians = {f"median {name}": statistics.median(spent) for name, spent in took.items()}
    title = f"W4, {PATHS:,} paths of {TRADES:,} trades, least of {ROUNDS} rounds"
    yield at_most("paths", title, rows, 50, unit="ms CPU", **medians)
    yield at_least("paths", "against plain numpy", numpy_ / rows, 4, unit="x", plain_ms=numpy_)
    yield Result(group="paths", name="in stationary blocks of 10", value=stationary, unit="ms CPU")


def plain(trades: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Draw one table, multiply along it, look for the deepest falls; return two means."""
    chance = np.random.default_rng(1)
    wealth = np.cumprod(1.0 + trades[chance.integers(0, TRADES, (PATHS, TRADES))], axis=1)
    peak = np.maximum(np.maximum.accumulate(wealth, axis=1), 1.0)
    return float(wealth[:, -1].mean()), float((wealth / peak - 1.0).min(axis=1).mean())
