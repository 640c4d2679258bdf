"""What a check says: a code with its severity and remedy, and where the evidence stands."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.values import Value
from hfl_data.inspection.arrays import Floats, Ints

# A finding counts everything and shows this many places; so a broken file stays a short report.
PLACES_MAX: Final = 1_000
WHOLE_FILE: Final = -1


class Severity(StrEnum):
    """error: numbers are wrong; warning: they may be; info: a property to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Code(Value, frozen=True, kw_only=True):
    """One kind of finding. what: a sentence without its end; remedy: what to do, a sentence."""

    name: str
    severity: Severity
    what: str
    remedy: str


class Place(Value, frozen=True, kw_only=True):
    """Where something was found.

    row: number in the file from 0, `WHOLE_FILE` for none; time_ns: the stamp as in the file, UTC,
    None for none; until_ns: the end of a stretch; bars: how many bars it is about.
    """

    row: int = WHOLE_FILE
    time_ns: int | None = None
    until_ns: int | None = None
    bars: int = 1
    values: tuple[tuple[str, float], ...] = ()
    note: str = ""


class Finding(Value, frozen=True, kw_only=True):
    """All places of one code in one file, the first `PLACES_MAX` of them in detail."""

    code: Code
    count: int
    bars: int
    evidence: str
    places: tuple[Place, ...] = ()


class Hits(NamedTuple):
    """Places found in one block, as columns; values are shown as they stand in the file."""

    row: Ints
    time_ns: Ints
    until_ns: Ints | None = None
    bars: Ints | None = None
    values: Mapping[str, Floats] = {}
    notes: tuple[str, ...] = ()


class Tally:
    """Gathers the places of one code."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.count = 0
        self.bars = 0
        self._places: list[Place] = []

    def add(self, hits: Hits) -> None:
        """Count the hits and keep the first."""
        found = len(hits.row)
        self.count += found
        self.bars += found if hits.bars is None else int(hits.bars.sum())
        for at in range(min(found, PLACES_MAX - len(self._places))):
            self._places.append(_place(hits, at))

    def put(self, place: Place) -> None:
        """Count one place and keep it if there is room."""
        self.count += 1
        self.bars += place.bars
        if len(self._places) < PLACES_MAX:
            self._places.append(place)

    @property
    def places(self) -> tuple[Place, ...]:
        """Return the places that were kept, in the order they were found."""
        return tuple(self._places)

    def finding(self, evidence: str) -> list[Finding]:
        """Return one finding, or none when nothing was found."""
        if not self.count:
            return []
        return [
            Finding(
                code=self.code,
                count=self.count,
                bars=self.bars,
                evidence=evidence,
                places=self.places,
            )
        ]


def _place(hits: Hits, at: int) -> Place:
    return Place(
        row=int(hits.row[at]),
        time_ns=_instant(hits.time_ns, at),
        until_ns=None if hits.until_ns is None else _instant(hits.until_ns, at),
        bars=1 if hits.bars is None else int(hits.bars[at]),
        values=tuple((name, float(column[at])) for name, column in hits.values.items()),
        note=hits.notes[at] if hits.notes else "",
    )


def _instant(times: Ints, at: int) -> int | None:
    found = int(times[at])
    return None if found == np.iinfo(np.int64).min else found
