"""Calendar periods of the loss limits.

Day, ISO week, month, in the zone that the configuration names.

Knows nothing of equity. The zone arrives as a tzinfo object; nothing is read here.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

NANOSECONDS: Final = 1_000_000_000
DAY: Final = "day"
WEEK: Final = "week"
MONTH: Final = "month"
PERIODS: Final = (DAY, WEEK, MONTH)

# boundaries(period, time_ns) -> the first instant after time_ns at which the next period begins
Boundaries = Callable[[str, int], int]


def boundaries_in(zone: tzinfo) -> Boundaries:
    """Return the function that finds a period's end in a zone.

    An instant that is exactly a boundary belongs to the period that begins there.
    """

    def end_of(period: str, time_ns: int) -> int:
        moment = datetime.fromtimestamp(time_ns // NANOSECONDS, UTC).astimezone(zone)
        start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if period == DAY:
            following = start + timedelta(days=1)
        elif period == WEEK:
            following = start + timedelta(days=7 - start.weekday())
        elif period == MONTH:
            following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        else:
            raise ValueError(f"expected day, week or month, found {period!r}")
        return int(following.astimezone(UTC).timestamp()) * NANOSECONDS

    return end_of
