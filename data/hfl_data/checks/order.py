"""Rows that do not stand by time."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Place, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.rows import UNREADABLE_NS

VIEW: Final = View.FILE
DISORDER: Final = Code(
    name="disorder",
    severity=Severity.ERROR,
    what="a row is stamped earlier than the row before it",
    remedy="Sort the file by time and find out why the source mixed it; a file feed never sorts.",
)
NEWEST_FIRST: Final = Code(
    name="newest_first",
    severity=Severity.ERROR,
    what="the file runs from the newest bar to the oldest",
    remedy="Store the rows in the order of time; a file feed refuses all but the first row.",
)
CODES: Final = (DISORDER, NEWEST_FIRST)


class Order:
    """Counts steps that go the wrong way."""

    def __init__(self, subject: Subject) -> None:
        self._survey = subject.survey
        self._wrong = Tally(DISORDER)

    def look(self, block: Block) -> None:
        """Judge each row against the one before it."""
        first = block.first_pair
        time_ns = block.columns.time_ns
        before, after = time_ns[first - 1 : block.end - 1], time_ns[first : block.end]
        is_wrong = after > before if self._survey.is_newest_first else after < before
        is_wrong &= (before != UNREADABLE_NS) & (after != UNREADABLE_NS)
        at = np.flatnonzero(is_wrong) + first
        columns = block.columns
        self._wrong.add(Hits(columns.row[at], time_ns[at], until_ns=time_ns[at - 1]))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        found = self._wrong.finding(
            f"{self._wrong.count} of {self._survey.rows} rows go against the others"
        )
        if not self._survey.is_newest_first:
            return found
        whole = Tally(NEWEST_FIRST)
        newest, oldest = self._survey.end_ns, self._survey.begin_ns
        whole.put(Place(row=0, time_ns=newest, until_ns=oldest, bars=self._survey.rows))
        steps = f"{self._survey.back} steps back, {self._survey.forward} forward"
        return whole.finding(steps) + found


open_check = Order
