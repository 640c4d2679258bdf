"""The week of the forex market: Sunday 17:00 to Friday 17:00 in New York, less two holidays.

Christmas and New Year are thin or closed, and every vendor ends and begins them at another hour:
between 24 December 13:00 and 26 December 08:00, and between 31 December 13:00 and 2 January 03:00,
New York time, bars are allowed and none is due.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from hfl_data.calendars.clock import utc_of
from hfl_data.inspection.arrays import DAY_NS, Bools, Ints

ZONE: Final = "America/New_York"

_HOUR_NS: Final = 3600 * 10**9
_WEEKS: Final = 52 * 80
# 1970-01-04, a Sunday.
_FIRST_SUNDAY: Final = 3
_YEARS: Final = range(1970, 2050)


class Spans(NamedTuple):
    """Stretches of time, UTC nanoseconds, in order, each from begin to end (excluded)."""

    begin_ns: Ints
    end_ns: Ints


@lru_cache(maxsize=1)
def weeks() -> Spans:
    """Return when the market is open, holidays included."""
    sunday = (_FIRST_SUNDAY + 7 * np.arange(_WEEKS, dtype=np.int64)) * DAY_NS
    begin = utc_of(sunday + 17 * _HOUR_NS, ZONE)
    end = utc_of(sunday + 5 * DAY_NS + 17 * _HOUR_NS, ZONE)
    return Spans(begin, end)


@lru_cache(maxsize=1)
def due() -> Spans:
    """Return when bars are due: the weeks less the holidays."""
    begin, end = weeks()
    rest = _holidays()
    begins, ends = [begin], [end]
    for open_ns, close_ns in zip(*rest, strict=True):
        # A holiday cuts the week it falls into: what is before it, and what is behind it.
        begins.append(np.array([close_ns]))
        ends.append(np.array([open_ns]))
    edges = np.concatenate(begins), np.concatenate(ends)
    moments = np.concatenate(edges)
    steps = np.concatenate([np.ones(len(edges[0])), -np.ones(len(edges[1]))])
    # A holiday wholly inside the weekend closes what is closed; counting open minus closed tells.
    order = np.argsort(moments, kind="stable")
    moments, level = moments[order], np.cumsum(steps[order])
    is_open = level > 0
    before = np.concatenate([[False], is_open[:-1]])
    return Spans(moments[is_open & ~before], moments[~is_open & before])


def _holidays() -> Spans:
    christmas = np.array([_day(year, 12, 24) for year in _YEARS], dtype=np.int64)
    new_year = np.array([_day(year, 12, 31) for year in _YEARS], dtype=np.int64)
    begin = np.concatenate([christmas + 13 * _HOUR_NS, new_year + 13 * _HOUR_NS])
    end = np.concatenate(
        [christmas + 2 * DAY_NS + 8 * _HOUR_NS, new_year + 2 * DAY_NS + 3 * _HOUR_NS]
    )
    return Spans(utc_of(begin, ZONE), utc_of(end, ZONE))


def _day(year: int, month: int, day: int) -> int:
    found = np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D").astype(np.int64)
    return int(found) * DAY_NS


def is_holiday(day: Ints) -> Bools:
    """Tell which days, counted from 1970, are 25 December or 1 January."""
    dates = day.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    number = (dates - month).astype(np.int64) + 1
    of_year = month.astype(np.int64) % 12 + 1
    found = ((of_year == 12) & (number == 25)) | ((of_year == 1) & (number == 1))
    return np.asarray(found, dtype=np.bool_)
