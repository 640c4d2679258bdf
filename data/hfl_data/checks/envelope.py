"""Bars whose high and low do not enclose their open and close."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import PRICES, Block, Bools
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.subject import Subject

VIEW: Final = View.TIME
UPSIDE_DOWN: Final = Code(
    name="high_below_low",
    severity=Severity.ERROR,
    what="a bar's high is below its low",
    remedy="Fetch the bar again or take it from a second source; the run refuses it.",
)
OUTSIDE: Final = Code(
    name="outside_range",
    severity=Severity.ERROR,
    what="a bar's open or close lies outside its high and low",
    remedy="Fetch the bar again or take it from a second source; the run refuses it.",
)
CODES: Final = (UPSIDE_DOWN, OUTSIDE)


class Envelope:
    """Compares the four prices of each bar."""

    def __init__(self, subject: Subject) -> None:
        del subject
        self._upside_down = Tally(UPSIDE_DOWN)
        self._outside = Tally(OUTSIDE)

    def look(self, block: Block) -> None:
        """Judge each row by itself; what is not there is not outside."""
        rows = block.judged
        is_upside_down = rows.high < rows.low
        highest = np.fmax(rows.open, rows.close)
        lowest = np.fmin(rows.open, rows.close)
        is_outside = ((highest > rows.high) | (lowest < rows.low)) & ~is_upside_down
        self._put(self._upside_down, block, np.asarray(is_upside_down, dtype=np.bool_))
        self._put(self._outside, block, np.asarray(is_outside, dtype=np.bool_))

    def _put(self, tally: Tally, block: Block, chosen: Bools) -> None:
        if chosen.any():
            found = block.judged.taken(chosen)
            values = {name: getattr(found, name) for name in PRICES}
            tally.add(Hits(found.row, found.time_ns, values=values))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        return self._upside_down.finding(f"{self._upside_down.count} bars") + self._outside.finding(
            f"{self._outside.count} bars"
        )


open_check = Envelope
