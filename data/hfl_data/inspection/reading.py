"""What a file's stamps mean, told by the edges of its sessions and weeks, not by what it says.

A clock and a mark (open or end of the bar) are tried in turn; the one under which most sessions
begin and end when the market does is taken, the convention (UTC, bar open) when several fit. Where
none fits (extended hours, crypto, too few days) the convention stands.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.instruments import AssetClass, Timeframe
from hfl_data.calendars import forex_week
from hfl_data.calendars.clock import day_of, local_of, utc_of
from hfl_data.calendars.exchange import EXCHANGE_USUAL, Exchange, exchange, exchange_names
from hfl_data.inspection.arrays import DAY_NS, Bools, Ints
from hfl_data.inspection.survey import Survey
from hfl_data.rows import UNREADABLE_NS
from hfl_data.sessions import months_of

UTC_ZONE: Final = "UTC"
# Fewer sessions or weeks prove nothing; and most of them must agree.
EDGES_MIN: Final = 3
SHARE_MIN: Final = 0.6
MONTH_END_SHARE: Final = 0.9
SHIFT_SHARE: Final = 0.97
SHIFT_GAIN: Final = 0.05

_HOUR_NS: Final = 3600 * 10**9
_WEEKEND_NS: Final = 36 * _HOUR_NS
_SLACK_NS: Final = _HOUR_NS // 4
_ZONES: Final = ("America/New_York", "Europe/London", "Europe/Berlin", "Europe/Athens")
_BROKER_AHEAD_NS: Final = 7 * _HOUR_NS


class Reading(NamedTuple):
    """zone, ahead_ns: the clock of the stamps; is_end: they mark the bar's end.

    shift_days: to be added to daily stamps; share, edges: how many of how many sessions or weeks
    say so, 0 where nothing could be tried; exchange: whose sessions they are.
    """

    exchange: Exchange
    zone: str = UTC_ZONE
    ahead_ns: int = 0
    is_end: bool = False
    shift_days: int = 0
    share: float = 0.0
    edges: int = 0

    @property
    def is_utc(self) -> bool:
        """Tell whether the clock is UTC's."""
        return self.zone == UTC_ZONE and not self.ahead_ns


class _Edges(NamedTuple):
    """Stamps that should be a market's first and last bar, and the market's hours."""

    first_ns: Ints
    last_ns: Ints
    opens_ns: Ints
    closes_ns: Ints


def read_stamps(
    found: Survey, asset_class: AssetClass, frame: Timeframe, *, exchange_name: str | None
) -> Reading:
    """Return what the stamps mean. exchange_name: None where nobody named one."""
    usual = exchange(exchange_name or EXCHANGE_USUAL)
    plain = Reading(usual)
    if months_of(frame):
        return plain._replace(is_end=_is_month_end(found))
    if asset_class is AssetClass.CRYPTO or frame.nanoseconds > DAY_NS:
        return plain
    if frame.nanoseconds == DAY_NS:
        return _read_days(found, asset_class, plain)
    if asset_class is AssetClass.FOREX:
        candidates = _forex_candidates(plain)
    else:
        names = [usual.name]
        if exchange_name is None:
            names += [name for name in exchange_names() if name != usual.name]
        candidates = _exchange_candidates(plain, names)
    return _best(found, asset_class, frame, candidates) or plain


def opened(reading: Reading, frame: Timeframe, time_ns: Ints) -> Ints:
    """Return when the bars with these stamps opened, UTC; unreadable ones stay so."""
    if frame.nanoseconds >= DAY_NS or (reading.is_utc and not reading.is_end):
        # Daily and longer bars name a day; the calendar reads it.
        return time_ns
    found = time_ns
    if not reading.is_utc:
        found = utc_of(np.maximum(time_ns, 0), reading.zone, ahead_ns=reading.ahead_ns)
    if reading.is_end:
        found = found - frame.nanoseconds
    return np.asarray(np.where(time_ns == UNREADABLE_NS, time_ns, found), dtype=np.int64)


def _is_month_end(found: Survey) -> bool:
    days = found.days.astype("datetime64[D]")
    is_last = (days + 1).astype("datetime64[M]") != days.astype("datetime64[M]")
    return bool(is_last.mean() >= MONTH_END_SHARE)


def _exchange_candidates(plain: Reading, names: list[str]) -> Iterator[Reading]:
    for name in names:
        known = plain.exchange if name == plain.exchange.name else exchange(name)
        for zone in (UTC_ZONE, known.zone):
            for is_end in (False, True):
                yield Reading(known, zone=zone, is_end=is_end)


def _forex_candidates(plain: Reading) -> Iterator[Reading]:
    yield plain
    yield plain._replace(is_end=True)
    clocks = [("America/New_York", _BROKER_AHEAD_NS), *((zone, 0) for zone in _ZONES)]
    clocks += [(UTC_ZONE, hours * _HOUR_NS) for hours in range(-12, 15) if hours]
    # The end of an hour on one clock is the open on the next one's; the open is likelier.
    for is_end in (False, True):
        for zone, ahead_ns in clocks:
            yield plain._replace(zone=zone, ahead_ns=ahead_ns, is_end=is_end)


def _best(
    found: Survey, asset_class: AssetClass, frame: Timeframe, candidates: Iterator[Reading]
) -> Reading | None:
    best: Reading | None = None
    for candidate in candidates:
        edges = (
            _weeks(found, candidate, frame)
            if asset_class is AssetClass.FOREX
            else _sessions(found, candidate, frame)
        )
        if len(edges.first_ns) < EDGES_MIN:
            continue
        slack_ns = _SLACK_NS if asset_class is AssetClass.FOREX else 0
        fits = _fits(edges, frame.nanoseconds, slack_ns=slack_ns, is_end=candidate.is_end)
        share = float(fits.mean())
        if share >= SHARE_MIN and (best is None or share > best.share):
            best = candidate._replace(share=share, edges=len(fits))
    return best


def _fits(edges: _Edges, step_ns: int, *, slack_ns: int, is_end: bool) -> Bools:
    """Tell which sessions begin in the first bar and end in the last one.

    A print at the very close, one bar behind the last, fits too.
    """
    behind_ns = max(slack_ns - step_ns, 0)
    begins = (edges.first_ns <= edges.opens_ns + behind_ns) & (
        edges.opens_ns < edges.first_ns + step_ns
    )
    ends = (edges.last_ns < edges.closes_ns) & (
        edges.closes_ns <= edges.last_ns + step_ns + behind_ns
    )
    if not is_end:
        ends |= edges.last_ns == edges.closes_ns
    return np.asarray(begins & ends, dtype=np.bool_)


def _sessions(found: Survey, reading: Reading, frame: Timeframe) -> _Edges:
    """Return the file's days that are sessions, with their first and last bars."""
    known = reading.exchange
    # The day as the stamps write it; sessions with a pause count as one.
    at = np.searchsorted(known.days, found.days)
    at = np.minimum(at, len(known.days) - 1)
    is_session = known.days[at] == found.days
    days = known.days[at][is_session] * DAY_NS
    first = opened(reading, frame, found.first_ns[is_session])
    last = opened(reading, frame, found.last_ns[is_session])
    midnight = utc_of(days, known.zone)
    opens = np.searchsorted(known.opens_ns, midnight)
    closes = np.searchsorted(known.closes_ns, midnight + DAY_NS) - 1
    opens = np.minimum(opens, len(known.opens_ns) - 1)
    return _Edges(first, last, known.opens_ns[opens], known.closes_ns[closes])


def _weeks(found: Survey, reading: Reading, frame: Timeframe) -> _Edges:
    """Return the bars around the file's weekends, each with the week that it should begin or end.

    first_ns and last_ns stand around the same weekend: the close is that of the week before.
    """
    is_weekend = found.first_ns[1:] - found.last_ns[:-1] >= _WEEKEND_NS
    last = opened(reading, frame, found.last_ns[:-1][is_weekend])
    first = opened(reading, frame, found.first_ns[1:][is_weekend])
    weeks = forex_week.weeks()
    middle = (last + first) // 2
    after = np.minimum(np.searchsorted(weeks.begin_ns, middle), len(weeks.begin_ns) - 1)
    # The middle of a long rest may lie behind the opening.
    near = np.abs(weeks.begin_ns[after] - first) <= np.abs(weeks.begin_ns[after - 1] - first)
    after = np.where(near, after, after - 1)
    before = np.maximum(after - 1, 0)
    return _Edges(first, last, weeks.begin_ns[after], weeks.end_ns[before])


def _read_days(found: Survey, asset_class: AssetClass, plain: Reading) -> Reading:
    """Return the meaning of daily stamps: the date at 00:00 UTC, a local midnight, or a day off."""
    zone = plain.exchange.zone
    if asset_class is not AssetClass.FOREX and (found.first_ns % DAY_NS != 0).mean() > SHARE_MIN:
        local = local_of(found.first_ns, zone) % DAY_NS == 0
        if local.mean() >= SHARE_MIN:
            return plain._replace(zone=zone, share=float(local.mean()), edges=len(local))
        return _at_close(found, plain)
    owed = plain.exchange.days
    if asset_class is AssetClass.FOREX:
        weeks = day_of(forex_week.weeks().begin_ns)
        # Sunday to Friday.
        owed = (weeks[:, None] + np.arange(6)[None, :]).reshape(-1)
    shares = {shift: _share_in(found.days + shift, owed) for shift in (0, 1, -1)}
    best = max(shares, key=lambda shift: shares[shift])
    if (
        len(found.days) >= 4 * EDGES_MIN
        and shares[best] >= SHIFT_SHARE
        and shares[best] > shares[0] + SHIFT_GAIN
    ):
        return plain._replace(shift_days=best, share=shares[best], edges=len(found.days))
    return plain


def _at_close(found: Survey, plain: Reading) -> Reading:
    """Return whether daily stamps are the session's close."""
    closes = plain.exchange.closes_ns
    at = np.minimum(np.searchsorted(closes, found.first_ns), len(closes) - 1)
    share = float((closes[at] == found.first_ns).mean())
    if share < SHARE_MIN or len(found.days) < EDGES_MIN:
        return plain
    return plain._replace(is_end=True, share=share, edges=len(found.days))


def _share_in(days: Ints, owed: Ints) -> float:
    inside = days[(days >= owed[0]) & (days <= owed[-1])]
    return float(np.isin(inside, owed).mean()) if len(inside) else 0.0
