"""What is wrong with splits that somebody made. Knows nothing of how they were made."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from hfl_core.validation._checks import Array, Rows, Whole, same_rows, table, whole_numbers
from hfl_core.validation.purging import rows_of, touched
from hfl_core.validation.spans import Spans, Split


class SplitFault(StrEnum):
    """What training must not share with its test."""

    SAME_ROW = "a row is learned from and judged on"
    OVERLAP = "a label learned from overlaps one judged on: purge it"
    EMBARGO = "a row learned from starts within the embargo behind the test: leave it out"
    FUTURE = "a row learned from lies behind the start of the test: learn from the past only"
    SAME_CONTENT = "a row learned from is a copy of one judged on: keep copies on one side"
    SAME_GROUP = "one group is learned from and judged on: keep a group on one side"


class FoundFault(NamedTuple):
    """One kind of fault of one split; row: the first row of its training that has it."""

    split: int
    fault: SplitFault
    row: int
    rows: int


def split_audit(
    spans: Spans,
    splits: Sequence[Split],
    *,
    embargo: int = 0,
    is_walk_forward: bool = False,
    groups: Whole | None = None,
    content: Array | None = None,
) -> tuple[FoundFault, ...]:
    """Return every kind of fault of every split; empty if all are clean.

    embargo: what is asked for, in the unit of spans; is_walk_forward: training must end before
    the test starts; groups: (rows,) one number a row, for example its event or its instrument;
    content: (rows, columns) what the model sees: copies of a row may not stand on both sides.
    Raises DataError for a row that is not there, or lengths that differ.
    Source: Lopez de Prado 2018, ch. 7; Kaufman et al. 2012, leakage in data mining.
    """
    rows = len(spans.start)
    names = None if groups is None else whole_numbers("groups", groups)
    copies = None if content is None else _numbered(table("content", content))
    for what, array in (("groups", names), ("content", copies)):
        if array is not None:
            same_rows(what, len(array), rows)
    found = []
    for number, split in enumerate(splits):
        train, test = rows_of("train", spans, split.train), rows_of("test", spans, split.test)
        for fault, bad in _faults(
            spans, train, test, embargo=embargo, is_walk_forward=is_walk_forward
        ).items():
            found.append((number, fault, bad))
        for fault, keys in ((SplitFault.SAME_CONTENT, copies), (SplitFault.SAME_GROUP, names)):
            if keys is not None:
                others = np.setdiff1d(train, test)
                found.append((number, fault, others[np.isin(keys[others], keys[test])]))
    return tuple(
        FoundFault(number, fault, int(bad[0]), len(bad)) for number, fault, bad in found if len(bad)
    )


def _faults(
    spans: Spans, train: Rows, test: Rows, *, embargo: int, is_walk_forward: bool
) -> dict[SplitFault, Rows]:
    is_shared = np.isin(train, test)
    overlaps = touched(spans, test, embargo=0)[train] & ~is_shared
    close = touched(spans, test, embargo=embargo)[train] & ~overlaps & ~is_shared
    late = spans.start[train] >= spans.start[test].min()
    return {
        SplitFault.SAME_ROW: train[is_shared],
        SplitFault.OVERLAP: train[overlaps],
        SplitFault.EMBARGO: train[close],
        SplitFault.FUTURE: train[late] if is_walk_forward else train[:0],
    }


def _numbered(content: Array) -> Rows:
    """Return one number a row, the same for equal rows."""
    _, numbers = np.unique(content, axis=0, return_inverse=True)
    return np.asarray(numbers, dtype=np.int64).reshape(len(content))
