"""Which bars a market owes: how many were due between two stamps, and which stamps it trades at.

`usual` counts as if there were no holidays, so that a pause a calendar explains can be told from
an ordinary night or weekend.
"""

from typing import Final, NamedTuple, Protocol

import numpy as np

from hfl_core.domain.instruments import AssetClass, Timeframe
from hfl_data.calendars import forex_week
from hfl_data.calendars.clock import day_of, local_of
from hfl_data.calendars.exchange import Exchange
from hfl_data.calendars.forex_week import Spans
from hfl_data.inspection.arrays import DAY_NS, Bools, Ints
from hfl_data.sessions import months_of

WEEK_NS: Final = 7 * DAY_NS
# A daily series of an exchange may rest this long (weekend and holidays) without a word.
REST_MAX_NS: Final = 5 * DAY_NS


class Due(Protocol):
    """What a market owes in one timeframe; all times are bar opens, UTC nanoseconds."""

    def missing(self, before_ns: Ints, after_ns: Ints) -> Ints:
        """Return how many bars were due between each two stamps."""
        ...

    def is_closure(self, before_ns: Ints, after_ns: Ints) -> Bools:
        """Tell which distances without a missing bar are longer than an ordinary rest."""
        ...

    def is_traded(self, time_ns: Ints) -> Bools:
        """Tell which stamps fall into the market's hours."""
        ...


class Always(NamedTuple):
    """A market that never closes, in bars of one length."""

    step_ns: int

    def missing(self, before_ns: Ints, after_ns: Ints) -> Ints:
        """Return how many bars were due between each two stamps."""
        return np.asarray(np.maximum((after_ns - before_ns - 1) // self.step_ns, 0), np.int64)

    def is_closure(self, before_ns: Ints, after_ns: Ints) -> Bools:
        """Tell that there is none."""
        return np.zeros_like(after_ns > before_ns)

    def is_traded(self, time_ns: Ints) -> Bools:
        """Tell that every stamp is."""
        return np.ones(len(time_ns), dtype=np.bool_)


class Periods(NamedTuple):
    """Weeks or months, of which none may be missing. months: 0 for weeks."""

    step_ns: int
    months: int

    def missing(self, before_ns: Ints, after_ns: Ints) -> Ints:
        """Return how many bars were due between each two stamps."""
        if self.months:
            steps = (_month(after_ns) - _month(before_ns)) // self.months
        else:
            # Stamps of weeks move by a day around holidays.
            steps = np.rint((after_ns - before_ns) / self.step_ns).astype(np.int64)
        return np.asarray(np.maximum(steps - 1, 0), dtype=np.int64)

    def is_closure(self, before_ns: Ints, after_ns: Ints) -> Bools:
        """Tell that there is none."""
        return np.zeros_like(after_ns > before_ns)

    def is_traded(self, time_ns: Ints) -> Bools:
        """Tell that every stamp is."""
        return np.ones(len(time_ns), dtype=np.bool_)


class Days(NamedTuple):
    """Daily bars of a list of days. zone: stamps are that zone's midnight, empty for UTC's."""

    days: Ints
    holidays: Ints
    usual_rest_ns: int
    zone: str
    shift_days: int = 0
    also: int = -1

    def missing(self, before_ns: Ints, after_ns: Ints) -> Ints:
        """Return how many bars were due between each two stamps."""
        before = np.searchsorted(self.days, self._day(before_ns), side="right")
        after = np.searchsorted(self.days, self._day(after_ns), side="left")
        return np.asarray(np.maximum(after - before, 0), dtype=np.int64)

    def is_closure(self, before_ns: Ints, after_ns: Ints) -> Bools:
        """Tell which rests are longer than usual, or hold a holiday where that is rare."""
        is_long = after_ns - before_ns > self.usual_rest_ns
        if len(self.holidays):
            first = np.searchsorted(self.holidays, self._day(before_ns), side="right")
            last = np.searchsorted(self.holidays, self._day(after_ns), side="left")
            is_long = is_long | (last > first)
        return np.asarray(is_long, dtype=np.bool_)

    def is_traded(self, time_ns: Ints) -> Bools:
        """Tell which stamps name a session, or the other weekday that may have a short one."""
        day = self._day(time_ns)
        # Of forex there may be bars on its holidays; of an exchange there are none.
        found = np.isin(day, self.days) | np.isin(day, self.holidays)
        if self.also >= 0:
            found |= (day + 3) % 7 == self.also
        # Nothing is known beyond the calendar's ends.
        return np.asarray(found | (day < self.days[0]) | (day > self.days[-1]), dtype=np.bool_)

    def _day(self, time_ns: Ints) -> Ints:
        local = local_of(time_ns, self.zone) if self.zone else time_ns
        return np.asarray(day_of(local) + self.shift_days, dtype=np.int64)


class Hours(NamedTuple):
    """Intraday bars of a market with hours.

    due: when bars are due; usual: the same without holidays, for what is no exchange; grid_ns:
    where stamps fall, modulo step_ns, None when they are counted from each opening.
    """

    due: Spans
    usual: Spans
    step_ns: int
    grid_ns: int | None

    def missing(self, before_ns: Ints, after_ns: Ints) -> Ints:
        """Return how many bars were due between each two stamps."""
        return self._between(self.due, before_ns, after_ns)

    def is_closure(self, before_ns: Ints, after_ns: Ints) -> Bools:
        """Tell which distances are explained by holidays alone."""
        if self.usual is self.due:
            return np.asarray(after_ns - before_ns > REST_MAX_NS, dtype=np.bool_)
        return np.asarray(self._between(self.usual, before_ns, after_ns) > 0, dtype=np.bool_)

    def is_traded(self, time_ns: Ints) -> Bools:
        """Tell which bars overlap the market's hours."""
        begin, end = self.usual
        at = np.searchsorted(end, time_ns, side="right")
        last = np.minimum(at, len(begin) - 1)
        found = begin[last] < time_ns + self.step_ns
        return np.asarray(found | (time_ns < begin[0]) | (time_ns >= end[-1]), dtype=np.bool_)

    def _between(self, spans: Spans, before_ns: Ints, after_ns: Ints) -> Ints:
        found = self._due_before(spans, after_ns) - self._due_before(spans, before_ns + 1)
        return np.asarray(np.maximum(found, 0), dtype=np.int64)

    def _due_before(self, spans: Spans, time_ns: Ints) -> Ints:
        """Return how many bars of all spans are stamped before each instant."""
        anchor = _opening(self.usual, spans.begin_ns)
        if self.grid_ns is not None:
            # The bar that holds the opening belongs to the span.
            anchor = (anchor - self.grid_ns) // self.step_ns * self.step_ns + self.grid_ns
        # Where a holiday cuts a span, only whole bars are due.
        late = spans.begin_ns - anchor
        first = anchor + np.where(late < self.step_ns, 0, -(-late // self.step_ns)) * self.step_ns
        is_cut = ~np.isin(spans.end_ns, self.usual.end_ns)
        length = spans.end_ns - first
        bars = np.where(is_cut, length // self.step_ns, -(-length // self.step_ns))
        bars = np.maximum(bars, 0)
        total = np.concatenate([[0], np.cumsum(bars)])
        at = np.searchsorted(first, time_ns, side="left") - 1
        known = np.maximum(at, 0)
        inside = np.clip(-((first[known] - time_ns) // self.step_ns), 0, bars[known])
        return np.asarray(np.where(at < 0, 0, total[known] + inside), dtype=np.int64)


def due_of(
    asset_class: AssetClass,
    frame: Timeframe,
    *,
    exchange: Exchange,
    grid_ns: int | None,
    zone: str = "",
    shift_days: int = 0,
) -> Due:
    """Return what a market owes. zone, shift_days: how daily stamps name their day."""
    months, step = months_of(frame), frame.nanoseconds
    if months:
        return Periods(step, months)
    if asset_class is AssetClass.CRYPTO:
        return Always(step)
    if step % WEEK_NS == 0:
        return Periods(step, 0)
    if step > DAY_NS:
        return Always(step + REST_MAX_NS)
    if asset_class is AssetClass.FOREX:
        if step == DAY_NS:
            return _forex_days(zone, shift_days)
        return Hours(forex_week.due(), forex_week.weeks(), step, grid_ns)
    if step == DAY_NS:
        none = np.zeros(0, dtype=np.int64)
        return Days(exchange.days, none, REST_MAX_NS, zone, shift_days)
    spans = Spans(exchange.opens_ns, exchange.closes_ns)
    return Hours(spans, spans, step, grid_ns)


def _opening(usual: Spans, begin_ns: Ints) -> Ints:
    """Return when the week or session opened that each span belongs to."""
    at = np.maximum(np.searchsorted(usual.begin_ns, begin_ns, side="right") - 1, 0)
    return np.asarray(usual.begin_ns[at], dtype=np.int64)


def _forex_days(zone: str, shift_days: int) -> Days:
    weeks = day_of(forex_week.weeks().begin_ns)
    # Monday to Friday behind the Sunday on which a week opens.
    days = (weeks[:, None] + np.arange(1, 6)[None, :]).reshape(-1)
    is_rest = forex_week.is_holiday(days)
    sunday = 6
    return Days(days[~is_rest], days[is_rest], 3 * DAY_NS, zone, shift_days, sunday)


def _month(time_ns: Ints) -> Ints:
    found = day_of(time_ns).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(found, dtype=np.int64)
