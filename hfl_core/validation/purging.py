"""Rows that may be learned from beside a test. Knows nothing of folds.

A label spans [start, end]. A row whose span touches that of a test row has seen part of the answer,
and a row that starts right behind a test still moves with it.
"""

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import Flags, Rows, Whole, whole_numbers
from hfl_core.validation.spans import Spans


def purged(spans: Spans, test: Whole, *, embargo: int = 0) -> Rows:
    """Return the rows whose spans touch no [start, end + embargo] of a test row, ascending.

    test: row numbers, in any order; embargo: in the unit of spans, behind each test label only.
    Touching counts: a label that ends where another begins is left out.
    Raises DataError for a row that is not there, or an embargo below 0.
    Source: Lopez de Prado 2018, Advances in Financial Machine Learning, 7.4.1 and 7.4.2.
    """
    judged = rows_of("test", spans, test)
    if embargo < 0:
        raise DataError(f"expected an embargo of 0 or more, found {embargo}: correct it")
    return np.flatnonzero(~touched(spans, judged, embargo=embargo)).astype(np.int64)


def touched(spans: Spans, test: Rows, *, embargo: int) -> Flags:
    """Tell of every row whether its span touches one of the test rows' (ascending), or is one."""
    # Among the test rows that start before a row ends, the one reaching farthest decides.
    reach = np.maximum.accumulate(spans.end[test]) + embargo
    before = np.searchsorted(spans.start[test], spans.end, side="right")
    farthest = np.where(before > 0, reach[np.maximum(before, 1) - 1], spans.start - 1)
    found = np.asarray((before > 0) & (farthest >= spans.start), dtype=np.bool_)
    found[test] = True
    return found


def rows_of(name: str, spans: Spans, rows: Whole) -> Rows:
    """Return row numbers ascending, each once; raises DataError for none, or one out of range."""
    chosen = np.unique(whole_numbers(name, rows))
    if not len(chosen):
        raise DataError(f"expected one {name} row or more, found none: choose some")
    if chosen[0] < 0 or chosen[-1] >= len(spans.start):
        wrong = chosen[0] if chosen[0] < 0 else chosen[-1]
        raise DataError(
            f"expected {name} rows from 0 to {len(spans.start) - 1}, found {wrong}: correct it"
        )
    return chosen


def required(train: Rows, *, where: str) -> Rows:
    """Return train; raises DataError if purging left nothing."""
    if not len(train):
        raise DataError(
            f"expected rows left to learn from in {where}, found none after purging and embargo:"
            " use more data, longer training or fewer folds"
        )
    return train
