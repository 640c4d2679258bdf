"""What else the same trades or returns could have made of an account. Knows nothing of prices.

Ten thousand paths of a thousand trades are ten million draws: they are made for all paths at once,
step by step, so that no table of paths and trades is ever written.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._chance import words
from hfl_core.validation._checks import (
    CELLS_MAX,
    Array,
    Numbers,
    Rows,
    between,
    count,
    numbers,
)
from hfl_core.validation.resampling import Scheme, checked_block

# So many paths go side by side: measured, their numbers still fit into the cache of a core.
CHUNK: Final = 10_000
# So many steps are drawn at once for each path.
DEPTH: Final = 8
# Stands for the logarithm of nothing: no later gain brings it back within a float.
RUIN: Final = -1e9
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(2**32 - 1)


class Outcomes(NamedTuple):
    """final: (paths,) gain at the end; drawdown: (paths,) deepest fall from a peak, 0 or less.

    Both as a fraction where gains compound, else in the unit of the values. fan: (marks, levels)
    quantiles of the gain after each of the marks.
    """

    final: Array
    drawdown: Array
    fan: Array


def monte_carlo(
    values: Numbers,
    *,
    paths: int,
    seed: int,
    scheme: Scheme = Scheme.ROWS,
    block: float = 1.0,
    steps: int | None = None,
    is_compounded: bool = True,
    marks: Sequence[int] = (),
    levels: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
) -> Outcomes:
    """Return gain and drawdown of `paths` histories drawn from values with replacement.

    values: (n,) gains of trades, or returns of periods, as fractions (compounded) or as amounts
    (added up); steps: how many each path takes, else n; scheme and block: as in `resampling`, ROWS
    for trades, blocks for returns; marks: steps after which the fan is wanted, ascending, 1 or
    more; levels: of the fan, within 0..1. A path starts at a gain of 0, and that is a peak.
    Chance of a row: 1/n to within 2^-32.
    Raises DataError without values, with holes, for a compounded value below -1, or counts and
    blocks out of range.
    Source: Efron 1979; Politis and Romano 1992, 1994.
    """
    rows = numbers("values", values)
    length = count("steps", len(rows) if steps is None else steps, at_least=1)
    number = count("paths", paths, at_least=1, at_most=10_000_000)
    blocks = checked_block(block, rows=len(rows), scheme=scheme)
    kept = _checked_marks(marks, length, number)
    wanted = [between("a level", level, 0.0, 1.0) for level in levels]
    gains = _logarithms(rows) if is_compounded else rows
    final, lowest = np.empty(number), np.empty(number)
    wealth_at = np.empty((len(kept), number))
    for chunk, begin in enumerate(range(0, number, CHUNK)):
        size = min(CHUNK, number - begin)
        some = slice(begin, begin + size)
        # Each chunk has a stream of its own, so that chunks may be made anywhere, in any order.
        bits = words(seed, "monte carlo", part=chunk)
        drawn = _rows_drawn(bits, len(rows), size, scheme=scheme, block=blocks)
        final[some], lowest[some] = _walked(
            gains, drawn, steps=length, marks=kept, wealth_at=wealth_at[:, some]
        )
    if is_compounded:
        for logs in (final, lowest, wealth_at):
            np.expm1(logs, out=logs)
    fan = np.quantile(wealth_at, wanted, axis=1).T if kept else np.empty((0, len(wanted)))
    return Outcomes(final, lowest, fan)


def _walked(
    gains: Array, drawn: Iterator[Rows], *, steps: int, marks: tuple[int, ...], wealth_at: Array
) -> tuple[Array, Array]:
    """Return wealth at the end and the deepest fall, both summed; keeps wealth at the marks."""
    size = wealth_at.shape[1]
    wealth, peak, low, step = (np.zeros(size) for _ in range(4))
    places = {mark: place for place, mark in enumerate(marks)}
    for number in range(1, steps + 1):
        # Row numbers are within range by construction; the mode spares the check.
        np.take(gains, next(drawn), out=step, mode="clip")
        wealth += step
        np.maximum(peak, wealth, out=peak)
        np.subtract(wealth, peak, out=step)
        np.minimum(low, step, out=low)
        if number in places:
            wealth_at[places[number]] = wealth
    return wealth, low


def _rows_drawn(
    bits: np.random.SFC64, rows: int, size: int, *, scheme: Scheme, block: float
) -> Iterator[Rows]:
    """Yield (size,) row numbers without end, one for each path; not to be kept."""
    fresh = _uniform(bits, rows, size)
    if scheme is Scheme.ROWS or block == 1.0:
        yield from fresh
    current = next(fresh).copy()
    yield current
    chances = _uniform(bits, 2**32, size)
    bound = 2**32 / block
    place = 0
    while True:
        place += 1
        current += 1
        current[current == rows] = 0
        if scheme is Scheme.STATIONARY:
            np.copyto(current, next(fresh), where=next(chances) < bound)
        elif place % int(block) == 0:
            np.copyto(current, next(fresh))
        yield current


def _uniform(bits: np.random.SFC64, below: int, size: int) -> Iterator[Rows]:
    """Yield (size,) whole numbers from 0 to below - 1 without end: 32 bits * below / 2^32 each."""
    factor, half = np.uint64(below), (size + 1) // 2
    wide = np.empty((DEPTH, 2, half), dtype=np.uint64)
    while True:
        raw = np.asarray(bits.random_raw(DEPTH * half), dtype=np.uint64).reshape(DEPTH, half)
        np.right_shift(raw, _HALF, out=wide[:, 0])
        np.bitwise_and(raw, _LOW, out=wide[:, 1])
        np.multiply(wide, factor, out=wide)
        np.right_shift(wide, _HALF, out=wide)
        yield from wide.view(np.int64).reshape(DEPTH, 2 * half)[:, :size]


def _logarithms(rows: Array) -> Array:
    if (rows < -1.0).any():
        row = int(np.flatnonzero(rows < -1.0)[0])
        raise DataError(
            f"expected gains of -1 (all is lost) or more, found {rows[row]:g} at row {row}: pass"
            " fractions of the account, or add amounts up instead of compounding"
        )
    logs = np.full(len(rows), RUIN)
    np.log1p(rows, out=logs, where=rows > -1.0)
    return logs


def _checked_marks(marks: Sequence[int], steps: int, paths: int) -> tuple[int, ...]:
    kept = tuple(count("a mark", mark, at_least=1, at_most=steps) for mark in marks)
    if list(kept) != sorted(set(kept)):
        raise DataError(f"expected marks in ascending order, found {list(kept)}: sort them")
    if len(kept) * paths > CELLS_MAX:
        raise DataError(
            f"expected {CELLS_MAX} marks times paths or fewer, found {len(kept) * paths}:"
            " take fewer marks"
        )
    return kept
