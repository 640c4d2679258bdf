"""Times that occur more than once: the same bar again, or another one."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import Block, Bools, Columns
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.rows import UNREADABLE_NS

VIEW: Final = View.TIME
EQUAL: Final = Code(
    name="duplicate_equal",
    severity=Severity.WARNING,
    what="a bar stands in the file again, with the same numbers",
    remedy="Remove the copies; the run keeps the first.",
)
CONFLICT: Final = Code(
    name="duplicate_conflict",
    severity=Severity.ERROR,
    what="two bars of one time have different numbers",
    remedy="Fetch that time again and keep the bar that a second source confirms.",
)
CODES: Final = (EQUAL, CONFLICT)


class Duplicates:
    """Compares each row with the one before it, by time."""

    def __init__(self, subject: Subject) -> None:
        del subject
        self._equal = Tally(EQUAL)
        self._conflict = Tally(CONFLICT)

    def look(self, block: Block) -> None:
        """Judge the rows."""
        first, columns = block.first_pair, block.columns
        time_ns = columns.time_ns
        is_again = (time_ns[first : block.end] == time_ns[first - 1 : block.end - 1]) & (
            time_ns[first : block.end] != UNREADABLE_NS
        )
        if not is_again.any():
            return
        at = np.flatnonzero(is_again) + first
        is_equal = _equal(columns.taken(at), columns.taken(at - 1))
        for tally, chosen in ((self._equal, at[is_equal]), (self._conflict, at[~is_equal])):
            values = {"close": columns.close[chosen], "close_before": columns.close[chosen - 1]}
            notes = tuple(f"as row {row}" for row in columns.row[chosen - 1])
            tally.add(Hits(columns.row[chosen], time_ns[chosen], values=values, notes=notes))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        return self._equal.finding(
            f"{self._equal.count} rows repeat the row before them of the same time"
        ) + self._conflict.finding(
            f"{self._conflict.count} rows contradict the row before them of the same time"
        )


def _equal(some: Columns, others: Columns) -> Bools:
    found = np.ones(len(some.row), dtype=np.bool_)
    for name in ("open", "high", "low", "close", "volume"):
        one, other = getattr(some, name), getattr(others, name)
        found &= (one == other) | (np.isnan(one) & np.isnan(other))
    return found


open_check = Duplicates
