"""Correlation of daily log returns, shrunk as Ledoit and Wolf (2004) do.

    closes of every instrument on the days that all of them have, the newest days + 1 of them
    r     = log returns between those days, each instrument's set to mean 0 and deviation 1
    S     = r'r / T                              the sample correlations, T returns, n instruments
    delta = |S - I|^2 / n                        distance of S from independence
    beta  = min(delta, sum_t |r_t r_t' - S|^2 / (n T^2))   how much of it is noise
    shrunk correlation = (1 - beta / delta) * S  off the diagonal, 1 on it

Days that one of them lacks (a weekend of shares beside coins) fall out, and the return then spans
them for all. The returns are standardised first: shrinking towards one common variance would drown
a currency beside a coin. Knows nothing of limits; see rules/correlation.py.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

# day's end, UTC nanoseconds -> close in ticks
Closes = Mapping[int, int]
SAMPLES_MIN: Final = 2


class Correlations(NamedTuple):
    """pairs: (symbol, shrunk correlation with the candidate).

    days: returns used; still: who never moved, so that nothing can be said of them.
    """

    pairs: tuple[tuple[str, float], ...]
    days: int
    still: tuple[str, ...] = ()


def correlate(candidate: str, closes: Mapping[str, Closes], *, days: int) -> Correlations:
    """Return the candidate's shrunk correlation with every other instrument of `closes`.

    days: the most returns to use. Fewer than two common returns, or somebody who never moved, give
    no pairs.
    """
    names = [candidate, *sorted(name for name in closes if name != candidate)]
    common = set(closes[candidate])
    for name in names[1:]:
        common &= set(closes[name])
    dates = sorted(common)[-days - 1 :]
    count = max(0, len(dates) - 1)
    if count < SAMPLES_MIN:
        return Correlations(pairs=(), days=count)
    columns: list[list[float]] = []
    still: list[str] = []
    for name in names:
        series = closes[name]
        scaled = _standardised(
            [math.log(series[later] / series[earlier]) for earlier, later in pairwise(dates)]
        )
        if scaled is None:
            still.append(name)
        else:
            columns.append(scaled)
    if still:
        return Correlations(pairs=(), days=count, still=tuple(still))
    rows = shrunk(columns)
    return Correlations(pairs=tuple(zip(names[1:], rows[0][1:], strict=True)), days=count)


def shrunk(columns: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the shrunk correlation matrix of standardised columns (n columns of T numbers)."""
    size, count = len(columns), len(columns[0])
    sample = [[math.fsum(map(_times, one, other)) / count for other in columns] for one in columns]
    squares = [[each * each for each in column] for column in columns]
    delta = math.fsum(
        (sample[i][j] - (1.0 if i == j else 0.0)) ** 2 for i in range(size) for j in range(size)
    )
    fourth = math.fsum(
        math.fsum(map(_times, squares[i], squares[j])) for i in range(size) for j in range(size)
    )
    second = math.fsum(sample[i][j] ** 2 for i in range(size) for j in range(size))
    beta = min(delta, (fourth / count - second) / count)
    keep = 1.0 - beta / delta if delta > 0.0 else 1.0
    return [[1.0 if i == j else keep * sample[i][j] for j in range(size)] for i in range(size)]


def _standardised(numbers: list[float]) -> list[float] | None:
    """Return the numbers with mean 0 and deviation 1, None where they do not differ."""
    mean = math.fsum(numbers) / len(numbers)
    centred = [each - mean for each in numbers]
    deviation = math.sqrt(math.fsum(each * each for each in centred) / len(numbers))
    if not deviation > max(abs(mean), 1.0) * 1e-12:
        return None
    return [each / deviation for each in centred]


def _times(one: float, other: float) -> float:
    return one * other
