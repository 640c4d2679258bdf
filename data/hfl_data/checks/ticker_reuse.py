"""A long hole with another price behind it: the ticker may have passed to another company."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import DAY_NS, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.moves import HOLE_NS, TICKER, MovesOf
from hfl_data.inspection.subject import Subject

VIEW: Final = View.BARS
REUSED: Final = Code(
    name="ticker_reuse",
    severity=Severity.ERROR,
    what=f"after more than {HOLE_NS // DAY_NS} days without a bar the price is another one",
    remedy="Cut the series at the hole unless a history of listings says it is one company.",
)
CODES: Final = (REUSED,)

_BARS: Final = 20


class TickerReuse:
    """Takes the moves across long holes."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._moves = MovesOf.shared(subject)
        self._found = Tally(REUSED)

    def look(self, block: Block) -> None:
        """Judge the block's moves."""
        moves = self._moves(block)
        columns = block.columns
        for at in moves.at[moves.kind == TICKER]:
            before = np.median(columns.volume[max(at - _BARS, 0) : at])
            after = np.median(columns.volume[at : at + _BARS])
            times = float(after / before) if before > 0.0 else np.nan
            values = {
                "before": columns.close[at - 1 : at],
                "open": columns.open[at : at + 1],
                "volume_times": np.array([times]),
            }
            rows, time_ns = columns.row[at : at + 1], columns.time_ns[at - 1 : at]
            self._found.add(Hits(rows, time_ns, columns.time_ns[at : at + 1], values=values))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        told = f"{self._found.count} holes with another price behind"
        for place in self._found.places[:1]:
            values = dict(place.values)
            told += (
                f"; {values['before']:g} before, {values['open']:g} behind, "
                f"volume {values['volume_times']:.3g} times as large"
            )
        return self._found.finding(told)


open_check = TickerReuse
