"""From when to when each row needs the world. Knows nothing of features or labels themselves."""

from typing import NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import Rows, Whole, count, same_rows, whole_numbers


class Spans(NamedTuple):
    """start: (rows,) int64, when a row is decided; end: when its label is known. One unit."""

    start: Rows
    end: Rows


class Split(NamedTuple):
    """Row numbers to learn from and to be judged on, both ascending."""

    train: Rows
    test: Rows


def spans_of(*, start: Whole, end: Whole) -> Spans:
    """Return checked spans: (rows,) each, in one unit, nanoseconds or row numbers.

    Raises DataError unless they are whole numbers of one length, 2 rows or more, starts ascend
    and no label ends before it starts.
    """
    first, last = whole_numbers("start", start), whole_numbers("end", end)
    same_rows("end", len(last), len(first))
    if len(first) < 2:
        raise DataError(f"expected 2 rows or more to split, found {len(first)}: add data")
    if (np.diff(first) < 0).any():
        row = int(np.flatnonzero(np.diff(first) < 0)[0]) + 1
        raise DataError(f"expected starts in ascending order, found row {row} earlier: sort them")
    if (last < first).any():
        row = int(np.flatnonzero(last < first)[0])
        raise DataError(
            f"expected every label to end at its start or later, found row {row} ending before:"
            " correct it"
        )
    return Spans(first, last)


def spans_ahead(rows: float, *, horizon: float) -> Spans:
    """Return spans in row numbers: the label of row i is known at row i + horizon.

    Raises DataError below 2 rows or for a horizon below 0.
    """
    start = np.arange(count("rows", rows, at_least=2, at_most=10**9), dtype=np.int64)
    return Spans(start, start + count("horizon", horizon, at_least=0, at_most=10**9))
