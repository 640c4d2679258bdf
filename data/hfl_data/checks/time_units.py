"""Stamps that cannot be read, and numbers that count seconds here and milliseconds there."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import SECOND_NS, Block, Ints
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.rows import UNREADABLE_NS

VIEW: Final = View.FILE
MIXED: Final = Code(
    name="mixed_time_units",
    severity=Severity.ERROR,
    what="stamps change between seconds, milliseconds, micro- and nanoseconds",
    remedy="Convert every row by its own unit, then look for duplicates and gaps where it changes.",
)
UNREADABLE: Final = Code(
    name="unreadable_time",
    severity=Severity.ERROR,
    what="a row has no time between 1900 and 2200",
    remedy="Fetch the row again, or drop it; nothing can be said of a bar without a time.",
)
CODES: Final = (MIXED, UNREADABLE)

UNITS: Final = ("seconds", "milliseconds", "microseconds", "nanoseconds")
# The first number that is rather the next unit's: in seconds the year 5138.
_BORDERS: Final = np.array([1e11, 1e14, 1e17])
# Stamps of a market that counts in seconds, read as milliseconds, fall into the year 1970.
_EARLY_NS: Final = 100_000_000 * SECOND_NS
_NONE: Final = -1


class TimeUnits:
    """Watches the size of bare stamps, and of times that a wrong unit threw into 1970."""

    def __init__(self, subject: Subject) -> None:
        self._is_modern = subject.survey.end_ns > 10 * _EARLY_NS
        self._mixed = Tally(MIXED)
        self._unreadable = Tally(UNREADABLE)
        self._counts = np.zeros(len(UNITS), dtype=np.int64)
        self._last = _NONE
        self._early = 0

    def look(self, block: Block) -> None:
        """Judge the rows."""
        rows = block.judged
        unit = np.where(np.isnan(rows.raw), _NONE, np.searchsorted(_BORDERS, np.abs(rows.raw)))
        known = np.flatnonzero(unit != _NONE)
        if len(known):
            units = unit[known]
            self._counts += np.bincount(units, minlength=len(UNITS))
            before = np.concatenate([[self._last], units[:-1]])
            changes = known[(units != before) & (before != _NONE)]
            self._last = int(units[-1])
            self._put(self._mixed, block, changes)
        elif self._is_modern:
            is_early = (np.abs(rows.time_ns) < _EARLY_NS) & (rows.time_ns != UNREADABLE_NS)
            self._early += int(is_early.sum())
            self._put(self._mixed, block, np.flatnonzero(is_early))
        self._put(self._unreadable, block, np.flatnonzero(rows.time_ns == UNREADABLE_NS))

    def _put(self, tally: Tally, block: Block, at: Ints) -> None:
        rows = block.judged.taken(at)
        values = {} if np.isnan(rows.raw).all() else {"stamp": rows.raw}
        tally.add(Hits(rows.row, rows.time_ns, values=values))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        found = [f"{n} rows in {name}" for n, name in zip(self._counts, UNITS, strict=True) if n]
        evidence = f"{', '.join(found)}; the places are where the unit changes"
        if self._early:
            evidence = f"{self._early} rows in early 1970 beside a series of today: a wrong unit"
        count = self._unreadable.count
        return self._mixed.finding(evidence) + self._unreadable.finding(f"{count} rows")


open_check = TimeUnits
