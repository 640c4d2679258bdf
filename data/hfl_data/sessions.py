"""When a bar is known and when the next one is due: the calendar each asset class keeps.

A bar is known at its close:

- intraday and weekly bars: open + length;
- daily bars are stamped with the trading date at 00:00 UTC: known one day later (a US session ends
  before that, so nothing is known too early);
- monthly bars: known at 00:00 UTC on the first day of the month behind the stamp's month, whether
  they are stamped at the month's first or last day; a bar of n months stamped on a first day: n
  months later.

A gap is a distance between two accepted bars in which a bar was due:

- crypto trades always: any distance above the timeframe (months: above n months);
- forex rests at the weekend: Friday 21:00 UTC to Sunday 22:00 UTC (New York's daylight saving moves
  both by an hour inside that span); daily bars: above three days;
- stocks and indices: daily and longer: above five days (weekends with holidays); intraday: bars
  missing inside one UTC date (a US session never crosses one), or above five days.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from hfl_core.domain.instruments import MONTH_SECONDS_NOMINAL, AssetClass, Timeframe

_SECOND: Final = 10**9
_DAY: Final = 86_400 * _SECOND
_WEEK: Final = 7 * _DAY
# The epoch was a Thursday 00:00 UTC, so weeks are counted from there.
_WEEKEND_FROM: Final = _DAY + 21 * 3600 * _SECOND
_WEEKEND_TO: Final = 3 * _DAY + 22 * 3600 * _SECOND
_STOCKS_REST_MAX: Final = 5 * _DAY
_FOREX_REST_MAX: Final = 3 * _DAY
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS_A_YEAR: Final = 12


def months_of(frame: Timeframe) -> int:
    """Return how many calendar months a bar spans, 0 for bars of a fixed length."""
    return frame.seconds // MONTH_SECONDS_NOMINAL if frame.name.endswith("mo") else 0


def close_ns(open_ns: int, frame: Timeframe) -> int:
    """Return when a bar that is stamped open_ns is known, UTC nanoseconds."""
    months = months_of(frame)
    if not months:
        return open_ns + frame.nanoseconds
    stamp = _date(open_ns)
    number = stamp.year * _MONTHS_A_YEAR + stamp.month - 1 + (months if stamp.day == 1 else 1)
    first = datetime(number // _MONTHS_A_YEAR, number % _MONTHS_A_YEAR + 1, 1, tzinfo=UTC)
    return (first - _EPOCH) // timedelta(microseconds=1) * 1000


def is_gap(last_ns: int, time_ns: int, *, asset_class: AssetClass, frame: Timeframe) -> bool:
    """Tell whether a bar was due between two bars that opened at last_ns and time_ns."""
    months = months_of(frame)
    if months:
        return _month_number(time_ns) - _month_number(last_ns) > months
    step = frame.nanoseconds
    distance = time_ns - last_ns
    if distance <= step:
        return False
    if asset_class is AssetClass.CRYPTO:
        return True
    if asset_class is AssetClass.FOREX:
        return _is_forex_gap(last_ns, time_ns, step)
    if step >= _DAY:
        return distance > max(_STOCKS_REST_MAX, step)
    return distance > _STOCKS_REST_MAX or last_ns // _DAY == time_ns // _DAY


def is_weekend(open_ns: int) -> bool:
    """Tell whether a forex bar that opens then has no market."""
    return _WEEKEND_FROM <= open_ns % _WEEK < _WEEKEND_TO


def _is_forex_gap(last_ns: int, time_ns: int, step: int) -> bool:
    if step >= _DAY:
        return time_ns - last_ns > max(_FOREX_REST_MAX, step)
    due_ns = last_ns + step
    week_ns = due_ns - due_ns % _WEEK
    return not (is_weekend(due_ns) and time_ns < week_ns + _WEEKEND_TO + step)


def _date(time_ns: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_ns // 1000)


def _month_number(time_ns: int) -> int:
    moment = _date(time_ns)
    return moment.year * _MONTHS_A_YEAR + moment.month
