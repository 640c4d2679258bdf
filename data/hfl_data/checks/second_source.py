"""Bars on which a second source has another close, or which only one of the two has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.arrays import Block, Columns, joined
from hfl_data.inspection.blocks import bars_of
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.inspection.survey import survey
from hfl_data.inspection.table import Table
from hfl_data.names import read_name

VIEW: Final = View.BARS
DISAGREE: Final = Code(
    name="sources_disagree",
    severity=Severity.ERROR,
    what="the second source (--against) has another price for the bar",
    remedy="Find out which one is right before trading it; a third source decides.",
)
ONE_ONLY: Final = Code(
    name="not_in_second_source",
    severity=Severity.INFO,
    what="the second source has no bar of that time",
    remedy="Look whether the second source was down, or the first invented the bar.",
)
CODES: Final = (DISAGREE, ONE_ONLY)

# Fractions of the price; closes of two good sources differ by less.
TOLERANCES: Final = {
    AssetClass.CRYPTO: 0.01,
    AssetClass.STOCKS: 0.005,
    AssetClass.INDICES: 0.005,
    AssetClass.FOREX: 0.002,
}
_FIELDS: Final = ("open", "close")


class SecondSource:
    """Reads the second file alongside the first, a window at a time."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._tolerance = TOLERANCES[subject.name.asset_class]
        self._disagree = Tally(DISAGREE)
        self._one_only = Tally(ONE_ONLY)
        self._table: Table | None = None
        self._parts: Iterator[Columns] = iter(())
        self._held: Columns | None = None
        self._compared = 0
        path = subject.asked.against
        if path is not None:
            _expect_frame(path, subject)
            self._table = Table(path)
            found = survey(self._table.times())
            self._parts = bars_of(self._table.by_time(is_sorted=found.is_sorted))
            self._end_ns, self._begin_ns = found.end_ns, found.begin_ns

    def look(self, block: Block) -> None:
        """Compare the rows with those of the same times in the second source."""
        if self._table is None:
            return
        rows = block.judged
        other = self._until(int(rows.time_ns[-1]))
        if other is None:
            return
        at = np.minimum(np.searchsorted(other.time_ns, rows.time_ns), len(other.time_ns) - 1)
        is_there = other.time_ns[at] == rows.time_ns
        is_covered = (rows.time_ns >= self._begin_ns) & (rows.time_ns <= self._end_ns)
        lone = rows.taken(np.asarray(is_covered & ~is_there, dtype=np.bool_))
        self._one_only.add(Hits(lone.row, lone.time_ns, values={"close": lone.close}))
        mine, theirs = rows.taken(is_there), other.taken(at[is_there])
        self._compared += len(mine.row)
        for name in _FIELDS:
            self._compare(name, mine, theirs)
        self._held = other.taken(other.time_ns > rows.time_ns[-1])

    def _compare(self, name: str, mine: Columns, theirs: Columns) -> None:
        one, other = getattr(mine, name), getattr(theirs, name)
        is_off = np.abs(one / other - 1.0) > self._tolerance
        if is_off.any():
            rows = mine.taken(is_off)
            values = {name: one[is_off], f"{name}_there": other[is_off]}
            self._disagree.add(Hits(rows.row, rows.time_ns, values=values))

    def _until(self, time_ns: int) -> Columns | None:
        """Return the second source's rows that are not older than what was compared."""
        parts = [] if self._held is None else [self._held]
        while not parts or not len(parts[-1].time_ns) or parts[-1].time_ns[-1] < time_ns:
            part = next(self._parts, None)
            if part is None:
                break
            parts.append(part)
        held = joined(parts) if parts else None
        return None if held is None or not len(held.row) else held

    def findings(self) -> list[Finding]:
        """Return what was found, and let the second file go."""
        if self._table is not None:
            self._table.__exit__(None, None, None)
        told = (
            f"{self._disagree.count} prices of {self._compared} bars differ by more than "
            f"{self._tolerance:.1%}"
        )
        return self._disagree.finding(told) + self._one_only.finding(f"{self._one_only.count} bars")


def _expect_frame(path: Path, subject: Subject) -> None:
    """Raise DataError when the second source has bars of another length."""
    frame = subject.name.frame
    found = read_name(str(path), subject.name.asset_class).frame
    if found != frame:
        raise DataError(
            f"expected a second source of {frame.name} bars as {subject.path.name} has, "
            f"found {found.name} in {path.name}: name one of the same timeframe"
        )


open_check = SecondSource
