"""Rows with their neighbours: what a check needs to judge a row by those around it."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from hfl_data.inspection.arrays import Block, Columns, is_usable, joined

BEFORE: Final = 128
AFTER: Final = 48


def with_neighbours(parts: Iterable[Columns], *, before: int, after: int) -> Iterator[Block]:
    """Yield blocks in which every judged row sees so many rows before and behind it."""
    held: Columns | None = None
    begin = 0
    for part in parts:
        held = part if held is None else joined([held, part])
        end = len(held.row) - after
        if end <= begin:
            continue
        yield Block(held, begin, end, is_last=False)
        keep = max(end - before, 0)
        held, begin = held.taken(slice(keep, None)), end - keep
    if held is not None:
        yield Block(held, begin, len(held.row), is_last=True)


def bars_of(parts: Iterable[Columns]) -> Iterator[Columns]:
    """Yield the usable rows of each time once, from rows by time."""
    last: int | None = None
    for part in parts:
        chosen = part.taken(is_usable(part))
        if not len(chosen.row):
            continue
        first = last is None or int(chosen.time_ns[0]) != last
        is_new = np.concatenate([[first], np.diff(chosen.time_ns) > 0])
        last = int(chosen.time_ns[-1])
        if is_new.any():
            yield chosen.taken(np.asarray(is_new, dtype=np.bool_))
