"""Stamps on another clock than UTC, and stamps of the bar's end, told by the edges of sessions."""

from typing import Final

from hfl_data.inspection.arrays import DAY_NS, Block
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Place, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.sessions import months_of

VIEW: Final = View.FILE
SHIFTED: Final = Code(
    name="time_zone",
    severity=Severity.ERROR,
    what="the stamps are not UTC: sessions or weeks begin and end as on another clock",
    remedy="Convert the stamps to UTC from the clock named in the evidence; else bars are known "
    "hours too early or too late.",
)
BAR_END: Final = Code(
    name="bar_end_stamps",
    severity=Severity.ERROR,
    what="the stamps mark the end of each bar, not its open",
    remedy="Move every stamp back by one bar; else each bar is known one bar too late and the "
    "first of a session is missing.",
)
MONTH_END: Final = Code(
    name="month_end_stamps",
    severity=Severity.INFO,
    what="monthly bars are stamped with the month's last day",
    remedy="Nothing to do for the run, which knows such a bar at the month's end; keep it in mind "
    "when joining with stamps of the first day.",
)
CODES: Final = (SHIFTED, BAR_END, MONTH_END)

_HOUR_NS: Final = 3600 * 10**9


class TimeZone:
    """Tells what the survey of the file's edges made of its stamps."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def look(self, block: Block) -> None:
        """Need no row."""

    def findings(self) -> list[Finding]:
        """Return what was found."""
        reading, survey = self._subject.reading, self._subject.survey
        frame = self._subject.name.frame
        whole = Place(row=0, time_ns=survey.begin_ns, until_ns=survey.end_ns, bars=survey.rows)
        share = f"{reading.share:.0%} of {reading.edges}"
        shifted, ended, month = Tally(SHIFTED), Tally(BAR_END), Tally(MONTH_END)
        if months_of(frame):
            if reading.is_end:
                month.put(whole)
            return month.finding("nearly all stamps are the last day of a month")
        unit = "days" if frame.nanoseconds >= DAY_NS else "sessions or weeks"
        if not reading.is_utc or reading.shift_days:
            shifted.put(whole)
        if reading.is_end:
            ended.put(whole)
        return shifted.finding(f"{share} {unit} fit {self._clock()}") + ended.finding(
            f"{share} {unit} begin one bar after the open and end at the close of "
            f"{reading.exchange.name} ({self._clock()})"
        )

    def _clock(self) -> str:
        reading = self._subject.reading
        if reading.shift_days:
            way = "early" if reading.shift_days > 0 else "late"
            return f"a calendar once they are moved: they are {abs(reading.shift_days)} day {way}"
        hours = reading.ahead_ns / _HOUR_NS
        ahead = "" if not hours else f" {hours:+g} h"
        return f"the clock of {reading.zone}{ahead}"


open_check = TimeZone
