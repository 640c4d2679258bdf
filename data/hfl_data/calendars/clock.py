"""From a local clock to UTC for whole columns: what a vendor that stamps in local time means."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from hfl_data.inspection.arrays import DAY_NS, SECOND_NS, Ints

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK_HOURS: Final = 168
_LAST_HOUR: Final = 24 * 30_000  # 2052


def utc_of(local_ns: Ints, zone: str, *, ahead_ns: int = 0) -> Ints:
    """Return the instants that a clock in a zone, set ahead by some time, shows as local_ns."""
    edges, offsets = _offsets(zone)
    clock_ns = local_ns - ahead_ns
    # The offset of the zone at nearly that instant; the hour of a change itself is not told apart.
    near = clock_ns - offsets[_at(edges, clock_ns)]
    return np.asarray(clock_ns - offsets[_at(edges, near)], dtype=np.int64)


def local_of(time_ns: Ints, zone: str) -> Ints:
    """Return what a clock in the zone shows, as if it were UTC."""
    edges, offsets = _offsets(zone)
    return np.asarray(time_ns + offsets[_at(edges, time_ns)], dtype=np.int64)


def _at(edges: Ints, time_ns: Ints) -> Ints:
    found = np.searchsorted(edges, time_ns, side="right") - 1
    return np.asarray(np.maximum(found, 0), dtype=np.int64)


@lru_cache(maxsize=32)
def _offsets(zone: str) -> tuple[Ints, Ints]:
    """Return when the zone's offset changes, to the hour, and the offset from then on."""
    info = ZoneInfo(zone)
    edges: list[int] = [0]
    offsets: list[int] = [_offset(info, 0) * SECOND_NS]
    # No zone keeps an offset for less than a week.
    for hour in range(_WEEK_HOURS, _LAST_HOUR, _WEEK_HOURS):
        after = _offset(info, hour)
        if after * SECOND_NS == offsets[-1]:
            continue
        first = next(
            early for early in range(hour - _WEEK_HOURS, hour + 1) if _offset(info, early) == after
        )
        edges.append(first * 3600 * SECOND_NS)
        offsets.append(after * SECOND_NS)
    return np.array(edges, dtype=np.int64), np.array(offsets, dtype=np.int64)


def _offset(info: ZoneInfo, hour: int) -> int:
    moment = _EPOCH + timedelta(hours=hour)
    offset = moment.astimezone(info).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def day_of(time_ns: Ints) -> Ints:
    """Return the day of each instant, counted from 1970."""
    return np.asarray(np.floor_divide(time_ns, DAY_NS), dtype=np.int64)
