"""Rows that carry the time at which each was known. Knows nothing of what they mean."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import Array, Rows, Whole, same_rows, whole_numbers


class Table(NamedTuple):
    """known_at: (rows,) int64, when a row could first be read, in any one unit; columns: (rows,).

    A bar is known at its close, a published figure when it was published and not on the day it
    speaks of, a revised one as a second row with a later time. Of what was computed, known_at is
    the time for which it is used.
    """

    known_at: Rows
    columns: Mapping[str, Array]


def table_of(known_at: Whole, **columns: Array) -> Table:
    """Return a checked table; columns of numbers, NaN where a value is not there.

    Raises DataError unless times are whole numbers, and columns as long as they are.
    """
    return checked_table("the table", Table(whole_numbers("known_at", known_at), columns))


def checked_table(name: str, given: Table) -> Table:
    """Return a table whose columns are float64; raises DataError if rows do not fit together."""
    times = whole_numbers(f"known_at of {name}", given.known_at)
    if not given.columns:
        raise DataError(f"expected a column or more in {name}, found none: add what is computed")
    found = {}
    for title, values in given.columns.items():
        array = np.asarray(values, dtype=np.float64)
        if array.ndim != 1:
            raise DataError(
                f"expected {title} of {name} as one column, found {array.ndim} dimensions: split it"
            )
        same_rows(f"{title} of {name}", len(array), len(times))
        found[title] = array
    return Table(times, found)


def rows_of_bars(**columns: Array) -> Table:
    """Return bars as a table in row numbers: each is known at its own row.

    Raises DataError unless all columns are of one length.
    """
    rows = len(next(iter(columns.values()))) if columns else 0
    return table_of(np.arange(rows, dtype=np.int64), **columns)
