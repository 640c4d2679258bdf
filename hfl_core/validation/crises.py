"""Results inside the crises that everybody remembers. Knows no market.

Each span runs from the end of the day of a peak to the end of the day of the trough that followed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import Numbers, Whole, numbers, same_rows, whole_numbers
from hfl_core.validation.intervals import Metric
from hfl_core.validation.regimes import RegimeResult, by_regime

DAY_NS: Final = 86_400_000_000_000
OUTSIDE: Final = ""


class Crisis(NamedTuple):
    """peak, trough: days; the fall is what happened after the one until the end of the other."""

    name: str
    peak: date
    trough: date


# Closing peaks and troughs of the S&P 500 (the first two and March 2020) and of bitcoin.
CRISES: Final = (
    Crisis("dot-com 2000-02", date(2000, 3, 24), date(2002, 10, 9)),
    Crisis("financial 2007-09", date(2007, 10, 9), date(2009, 3, 9)),
    Crisis("crypto winter 2018", date(2017, 12, 16), date(2018, 12, 15)),
    Crisis("March 2020", date(2020, 2, 19), date(2020, 3, 23)),
    Crisis("May 2021", date(2021, 5, 8), date(2021, 5, 23)),
)


class CrisisResult(NamedTuple):
    """is_whole: whether the returns reach over the whole span, from its first to its last day."""

    result: RegimeResult
    is_whole: bool


def by_crisis(
    returns: Numbers,
    times_ns: Whole,
    metrics: Mapping[str, Metric],
    *,
    crises: Sequence[Crisis] = CRISES,
) -> dict[str, CrisisResult]:
    """Return results inside each crisis that the returns touch, in the order of the crises.

    returns: (n,) per period; times_ns: (n,) when each was complete, UTC: a daily bar's is the end
    of its day, not the stamp at its beginning.
    Raises DataError without rows, with holes, for lengths that differ or times out of order.
    """
    rows, times = numbers("returns", returns), whole_numbers("times_ns", times_ns)
    same_rows("times_ns", len(times), len(rows))
    if (np.diff(times) < 0).any():
        raise DataError("expected times in ascending order, found others: sort the rows")
    found = {}
    for crisis in crises:
        begin, end = _end_of(crisis.peak), _end_of(crisis.trough)
        if begin >= end:
            raise DataError(
                f"expected a trough behind the peak of {crisis.name}, found {crisis.trough}:"
                " correct it"
            )
        names = np.where((times > begin) & (times <= end), crisis.name, OUTSIDE)
        result = by_regime(rows, names.tolist(), metrics).get(crisis.name)
        if result is not None:
            # A market may be closed on the first days behind a peak: its row before it will do.
            is_whole = bool(times[0] <= begin + DAY_NS and times[-1] >= end)
            found[crisis.name] = CrisisResult(result, is_whole)
    return found


def _end_of(day: date) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(midnight.timestamp()) * 1_000_000_000 + DAY_NS
