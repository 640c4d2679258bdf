"""Prices that are a hundred times what they were: pence for pounds, cents for euros."""

from typing import Final

from hfl_data.inspection.arrays import Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Place, Severity, Tally
from hfl_data.inspection.moves import UNITS, MovesOf
from hfl_data.inspection.subject import Subject

VIEW: Final = View.BARS
HUNDREDFOLD: Final = Code(
    name="price_units",
    severity=Severity.ERROR,
    what="prices change to a hundred times or a hundredth: another unit of the same currency",
    remedy="Divide or multiply the stretch by 100; which side is right, the quote of today tells.",
)
CODES: Final = (HUNDREDFOLD,)


class PriceUnits:
    """Pairs changes of unit: from one to the next one back is a stretch."""

    def __init__(self, subject: Subject) -> None:
        self._moves = MovesOf.shared(subject)
        self._end_ns = subject.survey.end_ns
        self._found = Tally(HUNDREDFOLD)
        # The change that has not been taken back: row, time, ratio, and bars since.
        self._open: tuple[int, int, float] | None = None
        self._bars = 0
        self._passed = 0

    def look(self, block: Block) -> None:
        """Follow the block's changes of unit."""
        moves = self._moves(block)
        chosen = moves.kind == UNITS
        for at, ratio in zip(moves.at[chosen], moves.ratio[chosen], strict=True):
            number = self._passed + int(at) - block.begin
            row, time_ns = int(block.columns.row[at]), int(block.columns.time_ns[at])
            if self._open is not None and (self._open[2] > 1.0) != (ratio > 1.0):
                self._put(number - self._bars, until_ns=time_ns)
                continue
            if self._open is not None:
                self._put(1, until_ns=None)
            self._open, self._bars = (row, time_ns, float(ratio)), number
        self._passed += block.end - block.begin

    def _put(self, bars: int, *, until_ns: int | None) -> None:
        if self._open is None:
            return
        row, time_ns, ratio = self._open
        note = "until the next change" if until_ns else "from here on, or before it"
        place = Place(
            row=row,
            time_ns=time_ns,
            until_ns=until_ns,
            bars=bars,
            values=(("times", 1.0 / ratio),),
            note=note,
        )
        self._found.put(place)
        self._open = None

    def findings(self) -> list[Finding]:
        """Return what was found."""
        self._put(1, until_ns=None)
        return self._found.finding(f"{self._found.count} stretches")


open_check = PriceUnits
