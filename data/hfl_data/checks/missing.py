"""Numbers that are not there."""

from typing import Final

import numpy as np

from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.arrays import PRICE_MOST, PRICES, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.subject import Subject

VIEW: Final = View.TIME
PRICE: Final = Code(
    name="missing_price",
    severity=Severity.ERROR,
    what="a bar lacks its open, high, low or close, or one is infinite or beyond any price",
    remedy="Fetch the bar again or take it from a second source; it is never filled forward.",
)
VOLUME: Final = Code(
    name="missing_volume",
    severity=Severity.WARNING,
    what="a bar's volume is missing or below zero",
    remedy="Fetch the bar again; where no volume is traded, declare volume = none.",
)
CODES: Final = (PRICE, VOLUME)


class Missing:
    """Looks for NaN, null and infinity."""

    def __init__(self, subject: Subject) -> None:
        self._has_volume = subject.name.asset_class is not AssetClass.FOREX
        self._price = Tally(PRICE)
        self._volume = Tally(VOLUME)

    def look(self, block: Block) -> None:
        """Judge each row by itself."""
        rows = block.judged
        is_missing = np.zeros(len(rows.row), dtype=np.bool_)
        for name in PRICES:
            is_missing |= ~(np.abs(getattr(rows, name)) <= PRICE_MOST)
        if is_missing.any():
            found = rows.taken(is_missing)
            values = {name: getattr(found, name) for name in PRICES}
            self._price.add(Hits(found.row, found.time_ns, values=values))
        is_odd = ~np.isfinite(rows.volume) | (rows.volume < 0.0)
        # A bar without prices is told once.
        is_odd &= ~is_missing
        if self._has_volume and is_odd.any():
            found = rows.taken(np.asarray(is_odd, dtype=np.bool_))
            self._volume.add(Hits(found.row, found.time_ns, values={"volume": found.volume}))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        return self._price.finding(f"{self._price.count} bars") + self._volume.finding(
            f"{self._volume.count} bars"
        )


open_check = Missing
