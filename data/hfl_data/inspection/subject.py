"""What is inspected: one file, what its name and stamps say, and what it is held against."""

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import AssetClass
from hfl_data.calendars.due import Due, due_of
from hfl_data.inspection.arrays import DAY_NS, Ints
from hfl_data.inspection.reading import UTC_ZONE, Reading, opened
from hfl_data.inspection.survey import Survey
from hfl_data.inspection.table import Stamps
from hfl_data.names import FileName

# A grid holds when nearly all days begin on it.
GRID_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One corporate action: prices up to last_day (days since 1970) are divided by ratio."""

    last_day: int
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks of a check.

    exchange: whose calendar, None for New York's or what the stamps show; until_ns: the series
    should reach so far; peers_end_ns: where others of its kind end; now_ns: bars that close later
    are not complete; factors: a file of corporate actions; against: a second source.
    """

    asset_class: AssetClass | None = None
    exchange: str | None = None
    until_ns: int | None = None
    peers_end_ns: int | None = None
    now_ns: int | None = None
    factors: Path | None = None
    against: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One file under inspection. memo: what its checks share."""

    path: Path
    name: FileName
    stamps: Stamps
    survey: Survey
    reading: Reading
    due: Due
    splits: tuple[Factor, ...] | None
    asked: Asked
    memo: dict[str, object] = field(default_factory=dict)

    def opened(self, time_ns: Ints) -> Ints:
        """Return when bars with these stamps opened, UTC."""
        return opened(self.reading, self.name.frame, time_ns)


def due_for(name: FileName, found: Survey, reading: Reading) -> Due:
    """Return which bars the market owes this file."""
    step_ns = name.frame.nanoseconds
    is_daily = step_ns >= DAY_NS
    return due_of(
        name.asset_class,
        name.frame,
        exchange=reading.exchange,
        grid_ns=None if is_daily else _grid(opened(reading, name.frame, found.first_ns), step_ns),
        zone=reading.zone if is_daily and reading.zone != UTC_ZONE else "",
        shift_days=reading.shift_days,
    )


def _grid(first_ns: Ints, step_ns: int) -> int | None:
    places, counts = np.unique(first_ns % step_ns, return_counts=True)
    best = int(np.argmax(counts))
    return int(places[best]) if counts[best] >= GRID_SHARE * len(first_ns) else None


def splits_of(path: Path) -> tuple[Factor, ...]:
    """Return the splits of a file of factors: last_date, price_factor, split_factor, ...

    Raises DataError when it is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").split()
        names = lines[0].split(",")
        date_at, split_at = names.index("last_date"), names.index("split_factor")
        rows = [line.split(",") for line in lines[1:]]
        pairs = [(_day(row[date_at]), float(row[split_at])) for row in rows]
    except (OSError, ValueError, IndexError, UnicodeDecodeError) as error:
        raise DataError(
            f"expected columns last_date and split_factor in {path}, found {error}: "
            "name a file of corporate actions, or none"
        ) from error
    return tuple(
        Factor(last_day=day, ratio=after / before)
        for (day, before), (_, after) in pairwise(pairs)
        if before > 0.0 and after != before
    )


def _day(text: str) -> int:
    found = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    return (found - date(1970, 1, 1)).days


def factors_beside(path: Path, symbol: str) -> Path | None:
    """Return the file of corporate actions of a folder layout class/, corporate_actions/."""
    found = path.parent.parent / "corporate_actions" / f"{symbol}_factors.csv"
    return found if found.is_file() else None
