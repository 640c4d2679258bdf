"""Whether entries were better than chance with the same trades. Knows nothing of the rules."""

from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._chance import generator
from hfl_core.validation._checks import (
    Array,
    Numbers,
    Rows,
    Whole,
    count,
    numbers,
    same_rows,
    whole_numbers,
)

# So many numbers stand side by side while random trades are made: 32 MB.
CELLS: Final = 4_000_000


class RandomEntry(NamedTuple):
    """actual: the trades' compounded gain, a fraction; random: (paths,) of random trades.

    p_value: chance that random entries do as well or better, (1 + how many did) / (1 + paths).
    """

    actual: float
    random: Array
    p_value: float


def random_entry(
    returns: Numbers,
    *,
    entry: Whole,
    exit_: Whole,
    side: Whole,
    paths: int,
    seed: int,
    cost: float = 0.0,
) -> RandomEntry:
    """Compare trades with as many of the same lengths and sides, entered at random.

    returns: (n,) of the market per bar; a trade earns side * return of the bars entry .. exit_ - 1;
    entry, exit_: (trades,) row numbers, one trade behind the other; side: 1 long, -1 short; cost:
    fraction of the position lost with each trade. Gains compound by the bar. Random trades come in
    any order, with the same bars in the market, never two at once, the free bars spread evenly
    over all ways to spread them.
    Raises DataError without a trade, for trades that overlap or leave the data, a side other than
    1 or -1, a cost outside 0..1, or a bar that loses all.
    Source: Aronson 2006, Evidence-Based Technical Analysis, ch. 5 (Monte Carlo permutation);
    p-value: Davison and Hinkley 1997, 4.2.
    """
    rows = numbers("returns", returns)
    number = count("paths", paths, at_least=1)
    begin, length, way = _trades(len(rows), entry, exit_, side)
    if not 0.0 <= cost < 1.0:
        raise DataError(f"expected a cost from 0 to below 1, found {cost}: pass a fraction")
    if (np.abs(rows) >= 1.0).any():
        row = int(np.flatnonzero(np.abs(rows) >= 1.0)[0])
        raise DataError(
            f"expected bars that move by less than 1, found {rows[row]:g} at row {row}: pass"
            " fractions"
        )
    # Sums of logarithms up to each row, for both sides: a trade is a difference of two.
    sums = np.zeros((2, len(rows) + 1))
    np.cumsum(np.log1p(rows), out=sums[1, 1:])
    np.cumsum(np.log1p(-rows), out=sums[0, 1:])
    paid = len(begin) * float(np.log1p(-cost))
    actual = float(_gain(sums, begin, length, way) + paid)
    chance = generator(seed, "random entry")
    found = np.empty(number)
    chunk = max(CELLS // len(begin), 1)
    for first in range(0, number, chunk):
        some = min(chunk, number - first)
        order = chance.permuted(np.tile(np.arange(len(begin)), (some, 1)), axis=1)
        begins = _placed(chance, length[order], len(rows))
        found[first : first + some] = _gain(sums, begins, length[order], way[order]) + paid
    # Sums of the same trades in another order differ in the last bit.
    as_good = int((found >= actual - 1e-12 * max(abs(actual), 1.0)).sum())
    return RandomEntry(float(np.expm1(actual)), np.expm1(found), (1 + as_good) / (1 + number))


def _trades(rows: int, entry: Whole, exit_: Whole, side: Whole) -> tuple[Rows, Rows, Rows]:
    begin, end = whole_numbers("entry", entry), whole_numbers("exit", exit_)
    way = whole_numbers("side", side)
    same_rows("exit", len(end), len(begin))
    same_rows("side", len(way), len(begin))
    if not len(begin):
        raise DataError("expected one trade or more, found none: there is nothing to compare")
    if (end <= begin).any() or begin.min() < 0 or end.max() > rows:
        raise DataError(
            f"expected trades of one bar or more within {rows} rows, found others: correct entry"
            " and exit"
        )
    if (begin[1:] < end[:-1]).any():
        trade = int(np.flatnonzero(begin[1:] < end[:-1])[0]) + 1
        raise DataError(
            f"expected one trade behind the other, found trade {trade} starting inside the one"
            " before: pass one instrument, in order"
        )
    if (np.abs(way) != 1).any():
        raise DataError("expected sides of 1 (long) or -1 (short), found others: correct them")
    return begin, end - begin, way


def _placed(chance: np.random.Generator, length: Rows, rows: int) -> Rows:
    """Return (paths, trades) first rows; every way to spread the free bars is equally likely."""
    paths, trades = length.shape
    free = rows - int(length[0].sum())
    # Which of free + trades places are trades: a sorted choice without repetition, which is one
    # with repetition of free + 1 places, moved apart.
    places = np.sort(_chosen(chance, free + trades, trades, paths), axis=1)
    gaps_before = places - np.arange(trades)
    return gaps_before + np.cumsum(length, axis=1) - length


def _chosen(chance: np.random.Generator, below: int, size: int, paths: int) -> Rows:
    """Return (paths, size) numbers below a bound, no two of a path equal."""
    found = chance.integers(0, below, (paths, size), dtype=np.int64)
    if 2 * size > below:
        return np.array([chance.permutation(below)[:size] for _ in range(paths)], dtype=np.int64)
    # Paths with a number twice are drawn again whole; none is preferred by that.
    for path in np.flatnonzero((np.diff(np.sort(found, axis=1), axis=1) == 0).any(axis=1)):
        found[path] = chance.choice(below, size, replace=False)
    return found


def _gain(sums: Array, begin: Rows, length: Rows, way: Rows) -> Array:
    which = (way > 0).astype(np.int64)
    gained: Array = (sums[which, begin + length] - sums[which, begin]).sum(axis=-1)
    return gained
