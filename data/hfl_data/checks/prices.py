"""Prices that are not above zero."""

from typing import Final

import numpy as np

from hfl_data.inspection.arrays import PRICE_LEAST, PRICES, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.subject import Subject

VIEW: Final = View.TIME
NON_POSITIVE: Final = Code(
    name="non_positive_price",
    severity=Severity.ERROR,
    what="a bar has a price of zero or below",
    remedy="Fetch the bar again or take it from a second source; the run refuses it.",
)
CODES: Final = (NON_POSITIVE,)


class Prices:
    """Looks for zero and less."""

    def __init__(self, subject: Subject) -> None:
        del subject
        self._found = Tally(NON_POSITIVE)

    def look(self, block: Block) -> None:
        """Judge each row by itself."""
        rows = block.judged
        is_odd = np.zeros(len(rows.row), dtype=np.bool_)
        for name in PRICES:
            is_odd |= getattr(rows, name) < PRICE_LEAST
        if is_odd.any():
            found = rows.taken(is_odd)
            values = {name: getattr(found, name) for name in PRICES}
            self._found.add(Hits(found.row, found.time_ns, values=values))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        return self._found.finding(f"{self._found.count} bars")


open_check = Prices
