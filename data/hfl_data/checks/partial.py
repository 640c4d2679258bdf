"""A last bar that was stored before it had closed."""

from typing import Final

import numpy as np

from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.arrays import Block, Columns, joined
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Place, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.sessions import close_ns

VIEW: Final = View.BARS
PARTIAL: Final = Code(
    name="partial_last_bar",
    severity=Severity.WARNING,
    what="the last bar is not complete",
    remedy="Drop it, or fetch it again after its close: its high, low, close and volume change.",
)
CODES: Final = (PARTIAL,)

USUAL_BARS: Final = 20
# Of the usual volume, and of the smallest of the bars before: quiet days stay above both.
VOLUME_SHARE: Final = 0.10
SMALLEST_SHARE: Final = 0.25


class Partial:
    """Keeps the last bars; judges the very last."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._tail: Columns | None = None

    def look(self, block: Block) -> None:
        """Remember the tail."""
        rows = block.judged
        tail = rows if self._tail is None else joined([self._tail, rows])
        self._tail = tail.taken(slice(-USUAL_BARS - 1, None))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        tail = self._tail
        if tail is None:
            return []
        told = self._open_until(int(tail.time_ns[-1])) or self._too_small(tail)
        found = Tally(PARTIAL)
        if told:
            values = (("volume", float(tail.volume[-1])), ("close", float(tail.close[-1])))
            found.put(Place(row=int(tail.row[-1]), time_ns=int(tail.time_ns[-1]), values=values))
        return found.finding(told)

    def _open_until(self, time_ns: int) -> str:
        now_ns = self._subject.asked.now_ns
        opened = int(self._subject.opened(np.array([time_ns]))[0])
        if now_ns is None or close_ns(opened, self._subject.name.frame) <= now_ns:
            return ""
        return "the bar closes after the time of this check"

    def _too_small(self, tail: Columns) -> str:
        before = tail.volume[:-1]
        if (
            self._subject.name.asset_class is AssetClass.FOREX
            or len(before) < USUAL_BARS
            or not (before > 0.0).all()
        ):
            return ""
        last, usual = float(tail.volume[-1]), float(np.median(before))
        span = np.log(tail.high / tail.low)
        is_small = last < VOLUME_SHARE * usual and last < SMALLEST_SHARE * before.min()
        if not (last > 0.0 and is_small and span[-1] < np.median(span[:-1])):
            return ""
        smallest = before.min() / usual
        return f"its volume is {last / usual:.1%} of the usual, the least before {smallest:.0%}"


open_check = Partial
