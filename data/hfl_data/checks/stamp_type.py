"""What the time column is: with or without a time zone, with or without a time of day."""

from typing import Final

from hfl_data.inspection.arrays import DAY_NS, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Place, Severity, Tally
from hfl_data.inspection.subject import Subject

VIEW: Final = View.FILE
NAIVE: Final = Code(
    name="no_time_zone",
    severity=Severity.WARNING,
    what="the time column says no time zone; it was read as UTC",
    remedy="Store ts with its zone; the run takes Parquet only with one.",
)
DATES: Final = Code(
    name="dates_only",
    severity=Severity.WARNING,
    what="the time column holds dates without a time of day",
    remedy="Store daily bars as 00:00 UTC of the trading date; intraday bars need their time.",
)
CODES: Final = (NAIVE, DATES)


class StampType:
    """Looks at the column's type, and at intraday files whose stamps are all midnight."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def look(self, block: Block) -> None:
        """Need no row."""

    def findings(self) -> list[Finding]:
        """Return what was found."""
        stamps, survey = self._subject.stamps, self._subject.survey
        naive, dates = Tally(NAIVE), Tally(DATES)
        whole = Place(time_ns=survey.begin_ns, until_ns=survey.end_ns, bars=survey.rows)
        is_midnight = not (survey.first_ns % DAY_NS).any() and not (survey.last_ns % DAY_NS).any()
        is_intraday = self._subject.name.frame.nanoseconds < DAY_NS
        if stamps.is_date or (is_midnight and is_intraday and survey.rows > 1):
            dates.put(whole)
        elif not stamps.has_zone:
            naive.put(whole)
        told = f"the column is {stamps.type}"
        if is_intraday and is_midnight:
            told += f", every stamp is midnight in a {self._subject.name.frame.name} file"
        return naive.finding(told) + dates.finding(told)


open_check = StampType
