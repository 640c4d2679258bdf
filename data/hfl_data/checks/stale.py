"""The same bar again and again: a feed that stopped and went on sending its last price."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import PRICES, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Place, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.quality import STALE_BARS

VIEW: Final = View.BARS
STALE: Final = Code(
    name="stale",
    severity=Severity.WARNING,
    what=f"at least {STALE_BARS} bars in a row have the same four prices, and no other volume",
    remedy="Compare with a second source: a quiet market trades at times, a dead feed never.",
)
CODES: Final = (STALE,)


class Stale:
    """Measures runs of equal bars, across blocks too."""

    def __init__(self, subject: Subject) -> None:
        del subject
        self._found = Tally(STALE)
        # The run that is still open: where it began, its length, the last bar of it.
        self._row = self._begin_ns = self._bars = self._last_ns = 0
        self._close = 0.0

    def look(self, block: Block) -> None:
        """Judge each row against the one before it."""
        columns, begin, end = block.columns, block.begin, block.end
        first = block.first_pair
        is_same = np.ones(end - first, dtype=np.bool_)
        for name in PRICES:
            column = getattr(columns, name)
            is_same &= column[first:end] == column[first - 1 : end - 1]
        volume, before = columns.volume[first:end], columns.volume[first - 1 : end - 1]
        # What was traded in another amount was traded, at the same prices.
        is_same &= (volume == before) | ~(volume > 0.0)
        starts = np.flatnonzero(~is_same) + first
        if begin == 0:
            starts = np.concatenate([[0], starts])
        if not len(starts):
            self._bars += end - begin
            self._last_ns = int(columns.time_ns[end - 1])
            return
        self._bars += int(starts[0]) - begin
        if starts[0] > begin:
            self._last_ns = int(columns.time_ns[starts[0] - 1])
        self._put_open_run()
        bars = np.diff(starts)
        at = np.flatnonzero(bars >= STALE_BARS)
        rows = starts[at]
        until_ns = columns.time_ns[rows + bars[at] - 1]
        values = {"close": columns.close[rows]}
        self._found.add(Hits(columns.row[rows], columns.time_ns[rows], until_ns, bars[at], values))
        last = int(starts[-1])
        self._row, self._begin_ns = int(columns.row[last]), int(columns.time_ns[last])
        self._bars, self._last_ns = end - last, int(columns.time_ns[end - 1])
        self._close = float(columns.close[last])

    def _put_open_run(self) -> None:
        if self._bars >= STALE_BARS:
            place = Place(
                row=self._row,
                time_ns=self._begin_ns,
                until_ns=self._last_ns,
                bars=self._bars,
                values=(("close", self._close),),
            )
            self._found.put(place)
        self._bars = 0

    def findings(self) -> list[Finding]:
        """Return what was found."""
        self._put_open_run()
        return self._found.finding(f"{self._found.count} runs, {self._found.bars} bars")


open_check = Stale
