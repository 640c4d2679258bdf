"""Splits in the prices: not adjusted, listed by the corporate actions, or listed and not there."""

import math
from typing import Final

from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.arrays import DAY_NS, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Place, Severity, Tally
from hfl_data.inspection.moves import (
    LISTED_TOLERANCE,
    RATIO_TOLERANCE,
    SPLIT,
    SPLIT_LISTED,
    MovesOf,
)
from hfl_data.inspection.subject import Subject

VIEW: Final = View.BARS
UNADJUSTED: Final = Code(
    name="split_unadjusted",
    severity=Severity.ERROR,
    what="the price opened at a simple fraction of the last close, without unusual turnover: a "
    "split that was not adjusted",
    remedy="Give the file of corporate actions (--factors), or fetch adjusted prices; until then "
    "no return across that bar is true.",
)
RAW: Final = Code(
    name="split_listed",
    severity=Severity.INFO,
    what="the prices are raw: a split that the corporate actions list shows as a move",
    remedy="Adjust prices before it with the listed factor; the move is no loss.",
)
ABSENT: Final = Code(
    name="split_absent",
    severity=Severity.WARNING,
    what="the corporate actions list a split that the prices do not show",
    remedy="Do not apply the factor: the prices are adjusted already, or the list is another's.",
)
CODES: Final = (UNADJUSTED, RAW, ABSENT)


class Splits:
    """Takes the moves of split size, and asks the list of splits for the rest."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._moves = MovesOf.shared(subject)
        self._tallies = {SPLIT: Tally(UNADJUSTED), SPLIT_LISTED: Tally(RAW)}
        self._absent = Tally(ABSENT)
        is_stock = subject.name.asset_class is AssetClass.STOCKS
        self._listed = [
            split
            for split in (subject.splits or ())
            if is_stock and abs(math.log(split.ratio)) > LISTED_TOLERANCE
        ]

    def look(self, block: Block) -> None:
        """Judge the block's moves, and look for the listed ones."""
        moves = self._moves(block)
        for kind, tally in self._tallies.items():
            chosen = moves.kind == kind
            if chosen.any():
                found = block.columns.taken(moves.at[chosen])
                values = {
                    "before": moves.before[chosen],
                    "open": found.open,
                    "close": found.close,
                    "ratio": moves.ratio[chosen],
                }
                tally.add(Hits(found.row, found.time_ns, values=values))
        for split in self._listed:
            self._look_for(block, split.last_day, split.ratio)

    def _look_for(self, block: Block, last_day: int, ratio: float) -> None:
        days = block.columns.time_ns // DAY_NS
        after = int((days <= last_day).sum())
        if not (block.first_pair <= after < block.end):
            return
        gap = math.log(block.columns.close[after - 1] / block.columns.open[after])
        is_there = abs(gap - math.log(ratio)) <= LISTED_TOLERANCE
        if not is_there:
            row, time_ns = int(block.columns.row[after]), int(block.columns.time_ns[after])
            values = (("listed", ratio), ("found", math.exp(gap)))
            self._absent.put(Place(row=row, time_ns=time_ns, values=values))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        unadjusted, raw = self._tallies[SPLIT], self._tallies[SPLIT_LISTED]
        ratios = [f"{dict(place.values)['ratio']:.2f}" for place in unadjusted.places]
        told = f"{unadjusted.count} moves; old price to new: {', '.join(ratios[:10])}"
        if self._subject.splits is not None:
            told += "; the corporate actions do not list them"
        listed = [f"{dict(place.values)['ratio']:.2f}" for place in raw.places]
        return (
            unadjusted.finding(told)
            + raw.finding(f"{raw.count} splits; old price to new: {', '.join(listed[:10])}")
            + self._absent.finding(f"{self._absent.count} splits (within {RATIO_TOLERANCE:.0%})")
        )


open_check = Splits
