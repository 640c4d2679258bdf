"""Prices that stand alone: away from all neighbours, which agree among themselves."""

import math
from typing import Final

import numpy as np

from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.arrays import DAY_NS, Block, Floats, Ints
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.moves import SPIKE, MovesOf, volatility
from hfl_data.inspection.subject import Subject
from hfl_data.quality import SPIKE_VOLATILITIES

VIEW: Final = View.BARS
ALONE: Final = Code(
    name="spike",
    severity=Severity.ERROR,
    what="an open, a close or a whole bar stands off its neighbours and the price returns at once, "
    "without trade between",
    remedy="Fetch the bar again or take it from a second source: most such prints are errors.",
)
WICK: Final = Code(
    name="wick",
    severity=Severity.WARNING,
    what="a high or low is half as high again, or a third lower, than anything around it",
    remedy="Compare with a second source: a stop at that price would have been filled.",
)
CODES: Final = (ALONE, WICK)

WICK_FLOOR: Final = math.log(1.5)
WICK_FLOOR_FOREX: Final = 0.05
WICK_VOLATILITIES: Final = 1.5 * SPIKE_VOLATILITIES
_SHOWN: Final = ("high", "low", "close")
_FIELDS: Final = ("the open", "the close", "the whole bar")


class Spikes:
    """Takes the moves that return, and looks for long wicks."""

    def __init__(self, subject: Subject) -> None:
        self._moves = MovesOf.shared(subject)
        self._alone = Tally(ALONE)
        self._wick = Tally(WICK)
        is_forex = subject.name.asset_class is AssetClass.FOREX
        self._wick_floor = WICK_FLOOR_FOREX if is_forex else WICK_FLOOR
        self._has_wicks = subject.name.frame.nanoseconds <= DAY_NS

    def look(self, block: Block) -> None:
        """Judge the block's moves and its highs and lows."""
        moves = self._moves(block)
        chosen = moves.kind == SPIKE
        at = moves.at[chosen]
        if chosen.any():
            found = block.columns.taken(at)
            after = np.minimum(at + 1, len(block.columns.row) - 1)
            values = {
                "before": moves.before[chosen],
                "open": found.open,
                "close": found.close,
                "next_open": block.columns.open[after],
            }
            notes = tuple(_FIELDS[number] for number in moves.field[chosen])
            until_ns = block.columns.time_ns[after]
            self._alone.add(Hits(found.row, found.time_ns, until_ns, values=values, notes=notes))
        if self._has_wicks:
            self._look_at_wicks(block, at)

    def _look_at_wicks(self, block: Block, spikes: Ints) -> None:
        rows = block.judged
        times = math.exp(self._wick_floor)
        is_far = rows.high > np.maximum(rows.open, rows.close) * times
        is_far |= rows.low * times < np.minimum(rows.open, rows.close)
        at = np.flatnonzero(is_far) + block.begin
        at = np.setdiff1d(at, spikes)
        if not len(at):
            return
        columns = block.columns
        limit = np.maximum(self._wick_floor, WICK_VOLATILITIES * volatility(columns, at))
        last = len(columns.row) - 1
        beside = np.stack(
            [
                columns.open[at],
                columns.close[at],
                columns.close[np.maximum(at - 1, 0)],
                columns.open[np.minimum(at + 1, last)],
            ]
        )
        is_long = np.log(columns.high[at]) - np.log(beside.max(axis=0)) > limit
        is_long |= np.log(beside.min(axis=0)) - np.log(columns.low[at]) > limit
        found = columns.taken(at[is_long])
        values: dict[str, Floats] = {name: getattr(found, name) for name in _SHOWN}
        self._wick.add(Hits(found.row, found.time_ns, values=values))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        return self._alone.finding(f"{self._alone.count} bars") + self._wick.finding(
            f"{self._wick.count} bars"
        )


open_check = Spikes
