"""Rows drawn with replacement, one by one or in blocks. Knows nothing of what stands in them."""

from collections.abc import Iterator
from enum import StrEnum

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._chance import generator
from hfl_core.validation._checks import Rows, count


class Scheme(StrEnum):
    """How rows are drawn.

    ROWS: each by itself; for trades, and for returns that do not depend on each other.
    CIRCULAR: blocks of `block` rows, the last row followed by the first.
    STATIONARY: the same with lengths of chance, `block` on average.
    """

    ROWS = "rows"
    CIRCULAR = "circular"
    STATIONARY = "stationary"


def resampled_rows(
    rows: int, *, draws: int, scheme: Scheme, block: float = 1.0, seed: int
) -> Iterator[Rows]:
    """Yield `draws` times (rows,) row numbers drawn with replacement; the same for the same seed.

    block: rows a block, whole for CIRCULAR, a mean for STATIONARY; ROWS takes 1.
    Raises DataError for counts below 1, a block below 1 or longer than the rows.
    Source: Efron 1979; circular: Politis and Romano 1992; stationary: Politis and Romano 1994.
    """
    number = count("rows", rows, at_least=1, at_most=10**9)
    times = count("draws", draws, at_least=1)
    length = checked_block(block, rows=number, scheme=scheme)
    chance = generator(seed, "resampling")
    return (_drawn(chance, number, scheme, length) for _ in range(times))


def checked_block(block: float, *, rows: int, scheme: Scheme) -> float:
    """Return block; raises DataError where the scheme cannot draw such blocks."""
    if scheme is Scheme.ROWS:
        if block != 1.0:
            raise DataError(
                f"expected a block of 1 where each row is drawn by itself, found {block}:"
                " choose a scheme with blocks"
            )
        return 1.0
    if not 1.0 <= block <= rows:
        raise DataError(f"expected a block from 1 to {rows} rows, found {block}: change it")
    if scheme is Scheme.CIRCULAR and block != int(block):
        raise DataError(f"expected a block of whole rows, found {block}: round it")
    return float(block)


def _drawn(chance: np.random.Generator, rows: int, scheme: Scheme, block: float) -> Rows:
    if scheme is Scheme.ROWS or block == 1.0:
        return chance.integers(0, rows, rows, dtype=np.int64)
    places = np.arange(rows, dtype=np.int64)
    if scheme is Scheme.CIRCULAR:
        begins = places[:: int(block)]
    else:
        is_new = chance.random(rows) < 1.0 / block
        is_new[0] = True
        begins = np.flatnonzero(is_new)
    # A row is as far behind its block's first row as its place is behind the block's first place.
    shifts = chance.integers(0, rows, len(begins), dtype=np.int64) - begins
    return (places + np.repeat(shifts, np.diff(begins, append=rows))) % rows
