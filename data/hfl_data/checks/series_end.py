"""A series that ends before others of its kind, or before the time it should reach."""

from typing import Final

from hfl_data.inspection.arrays import DAY_NS, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Place, Severity, Tally
from hfl_data.inspection.subject import Subject

VIEW: Final = View.FILE
DEAD: Final = Code(
    name="series_ends",
    severity=Severity.WARNING,
    what="the series ends before the time that was asked for (--until)",
    remedy="Fetch the rest; if there is none, the instrument was delisted or renamed: close what "
    "is held and look for its new ticker.",
)
EARLIER: Final = Code(
    name="ends_before_others",
    severity=Severity.INFO,
    what="the series ends before others of its class and timeframe in the same check",
    remedy="Compare what ends together only; find out whether the ticker changed.",
)
CODES: Final = (DEAD, EARLIER)

# Ten bars may be late, and any series by a long weekend.
LATE_BARS: Final = 10
LATE_NS: Final = 5 * DAY_NS


class SeriesEnd:
    """Compares the last stamp with what was asked for, and with the others."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def look(self, block: Block) -> None:
        """Need no row."""

    def findings(self) -> list[Finding]:
        """Return what was found."""
        asked = self._subject.asked
        if asked.until_ns is not None:
            return self._ends(DEAD, asked.until_ns)
        return [] if asked.peers_end_ns is None else self._ends(EARLIER, asked.peers_end_ns)

    def _ends(self, code: Code, until_ns: int) -> list[Finding]:
        end_ns = self._subject.survey.end_ns
        late_ns = max(LATE_BARS * self._subject.name.frame.nanoseconds, LATE_NS)
        found = Tally(code)
        if until_ns - end_ns > late_ns:
            found.put(Place(time_ns=end_ns, until_ns=until_ns, bars=0))
        return found.finding(f"{(until_ns - end_ns) / DAY_NS:.0f} days before")


open_check = SeriesEnd
