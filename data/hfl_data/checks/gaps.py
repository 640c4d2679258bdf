"""Bars that a market owed and the file does not have, and long rests that its calendar explains."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import DAY_NS, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.rows import UNREADABLE_NS

VIEW: Final = View.TIME
GAP: Final = Code(
    name="gap",
    severity=Severity.WARNING,
    what="bars are missing while the market was open",
    remedy="Fetch the stretch again; where the venue was down leave it: nothing is filled forward.",
)
HOLE: Final = Code(
    name="hole",
    severity=Severity.ERROR,
    what="more than 90 days are missing",
    remedy="Fetch the stretch (perhaps under another ticker) or use the part behind it alone.",
)
CLOSURE: Final = Code(
    name="closure",
    severity=Severity.INFO,
    what="the market rested longer than usual, as its calendar says",
    remedy="Nothing to do: no bar is missing.",
)
CODES: Final = (GAP, HOLE, CLOSURE)

HOLE_NS: Final = 90 * DAY_NS


class Gaps:
    """Counts the bars due between each two stamps."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._step_ns = subject.name.frame.nanoseconds
        self._tallies = {code: Tally(code) for code in CODES}
        self._longest_ns = 0

    def look(self, block: Block) -> None:
        """Judge the distance of each row from the one before it."""
        first, columns = block.first_pair, block.columns
        times = columns.time_ns
        before, after = times[first - 1 : block.end - 1], times[first : block.end]
        is_apart = (before != UNREADABLE_NS) & (after - before > self._step_ns)
        at = np.flatnonzero(is_apart) + first
        if not len(at):
            return
        begin, end = self._subject.opened(times[at - 1]), self._subject.opened(times[at])
        missing = self._subject.due.missing(begin, end)
        is_rest = (missing == 0) & self._subject.due.is_closure(begin, end)
        is_hole = (missing > 0) & (end - begin > HOLE_NS)
        is_gap = (missing > 0) & ~is_hole
        if (missing > 0).any():
            self._longest_ns = max(self._longest_ns, int((end - begin)[missing > 0].max()))
        for code, chosen in ((GAP, is_gap), (HOLE, is_hole), (CLOSURE, is_rest)):
            if chosen.any():
                rows = at[chosen]
                bars = missing[chosen]
                hits = Hits(columns.row[rows], times[rows - 1], until_ns=times[rows], bars=bars)
                self._tallies[code].add(hits)

    def findings(self) -> list[Finding]:
        """Return what was found."""
        found = []
        for code in CODES:
            tally = self._tallies[code]
            told = f"{tally.count} stretches, {tally.bars} bars missing"
            if code is CLOSURE:
                told = f"{tally.count} rests"
            else:
                told += f", the longest {self._longest_ns / 3_600e9:g} h from bar to bar"
            found += tally.finding(told)
        return found


open_check = Gaps
