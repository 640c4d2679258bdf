"""Bars in which nothing was traded, and files that have no volume at all."""

from typing import Final

import numpy as np

from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.arrays import Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Place, Severity, Tally
from hfl_data.inspection.subject import Subject

VIEW: Final = View.TIME
ZERO: Final = Code(
    name="zero_volume",
    severity=Severity.WARNING,
    what="a bar has no volume while others have",
    remedy="Take its price as a quote, not as a trade: it allows no entry; fetch it again if many.",
)
NONE: Final = Code(
    name="no_volume",
    severity=Severity.INFO,
    what="no bar has volume",
    remedy="Declare volume = none for the instrument, so that rules of volume do not apply.",
)
CODES: Final = (ZERO, NONE)


class Volume:
    """Counts bars of zero volume."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._zero = Tally(ZERO)
        self._traded = 0

    def look(self, block: Block) -> None:
        """Judge each row by itself."""
        rows = block.judged
        is_zero = rows.volume == 0.0
        self._traded += int((rows.volume > 0.0).sum())
        if is_zero.any():
            found = rows.taken(np.asarray(is_zero, dtype=np.bool_))
            self._zero.add(Hits(found.row, found.time_ns, values={"close": found.close}))

    def findings(self) -> list[Finding]:
        """Return what was found."""
        survey = self._subject.survey
        if self._traded:
            if self._subject.name.asset_class is AssetClass.FOREX:
                return []
            return self._zero.finding(f"{self._zero.count} of {survey.rows} bars")
        none = Tally(NONE)
        none.put(Place(time_ns=survey.begin_ns, until_ns=survey.end_ns, bars=survey.rows))
        return none.finding(f"all {survey.rows} bars have none")


open_check = Volume
