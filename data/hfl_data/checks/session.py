"""Bars stamped while the market was closed."""

from typing import Final

import numpy as np

from hfl_core.domain.instruments import AssetClass
from hfl_data.calendars.clock import day_of, local_of
from hfl_data.inspection.arrays import DAY_NS, Block, Bools, Ints
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Severity, Tally
from hfl_data.inspection.subject import Subject

VIEW: Final = View.BARS
CLOSED: Final = Code(
    name="out_of_session",
    severity=Severity.WARNING,
    what="a bar is stamped when the market was closed: a weekend, a holiday, or outside its hours",
    remedy="Check the stamp's time zone and the exchange (--exchange); else drop the bar.",
)
EXTENDED: Final = Code(
    name="extended_hours",
    severity=Severity.INFO,
    what="bars lie before or after the regular session, within extended hours",
    remedy="Use the regular session alone where volume and spread matter: both are thin outside.",
)
CODES: Final = (CLOSED, EXTENDED)

# Extended hours of a US session, New York time: from 04:00 to 20:00.
_HOUR_NS: Final = 3600 * 10**9
EXTENDED_FROM_NS: Final = 4 * _HOUR_NS
EXTENDED_TO_NS: Final = 20 * _HOUR_NS
EXTENDED_ZONE: Final = "America/New_York"


class Session:
    """Asks the calendar about every stamp."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._closed = Tally(CLOSED)
        self._extended = Tally(EXTENDED)
        is_exchange = subject.name.asset_class in {AssetClass.STOCKS, AssetClass.INDICES}
        self._may_extend = is_exchange and subject.name.frame.nanoseconds < DAY_NS

    def look(self, block: Block) -> None:
        """Judge each stamp."""
        rows = block.judged
        opened = self._subject.opened(rows.time_ns)
        is_outside = ~self._subject.due.is_traded(opened)
        if not is_outside.any():
            return
        is_extended = np.zeros(len(opened), dtype=np.bool_)
        if self._may_extend:
            is_extended = is_outside & self._is_extended(opened)
        for tally, chosen in (
            (self._closed, is_outside & ~is_extended),
            (self._extended, is_extended),
        ):
            found = rows.taken(np.asarray(chosen, dtype=np.bool_))
            tally.add(Hits(found.row, found.time_ns, values={"close": found.close}))

    def _is_extended(self, opened: Ints) -> Bools:
        exchange = self._subject.reading.exchange
        if exchange.zone != EXTENDED_ZONE:
            return np.zeros(len(opened), dtype=np.bool_)
        local = local_of(opened, exchange.zone)
        clock = local % DAY_NS
        is_session = np.isin(day_of(local), exchange.days)
        return np.asarray(
            is_session & (clock >= EXTENDED_FROM_NS) & (clock < EXTENDED_TO_NS), dtype=np.bool_
        )

    def findings(self) -> list[Finding]:
        """Return what was found."""
        name = self._subject.reading.exchange.name
        market = {AssetClass.FOREX: "New York's forex week"}.get(
            self._subject.name.asset_class, name
        )
        return self._closed.finding(
            f"{self._closed.count} bars, by the calendar of {market}"
        ) + self._extended.finding(f"{self._extended.count} bars, by the calendar of {market}")


open_check = Session
