"""What a raw row is and how it is told to a person, for every source of bars.

A raw row is the plain tuple (time_ns, open, high, low, close, volume): time_ns the bar's OPEN in
UTC nanoseconds, `UNREADABLE_NS` where the source has none that can be read; floats as found, NaN
where the source has no number. Nothing is repaired on the way here.
"""

import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, TypeAlias

from hfl_core.domain.instruments import Instrument, Timeframe

RawRow: TypeAlias = tuple[int, float, float, float, float, float]

NOT_A_NUMBER: Final = float("nan")
UNREADABLE_NS: Final = -(2**63)
# Times outside 1900..2200 are unreadable: they come from a wrong unit, never from a market.
TIME_FIRST_NS: Final = -2_208_988_800 * 10**9
TIME_END_NS: Final = 7_258_118_400 * 10**9
CHUNK_ROWS: Final = 4096

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ROW: Final = struct.Struct("<qddddd")
ROW_BYTES: Final = _ROW.size


class Source(Protocol):
    """The raw rows of one instrument, in the order in which they were found."""

    @property
    def instrument(self) -> Instrument: ...
    @property
    def frame(self) -> Timeframe: ...

    def rows(self, start: int) -> Iterator[list[RawRow]]:
        """Yield the rows from number start on, from 0, in chunks of about `CHUNK_ROWS`.

        Raises DataError when they cannot be read.
        """
        ...


def packed(rows: Iterable[RawRow]) -> bytes:
    """Return the rows' bytes as the content hash covers them: 48 a row, little-endian."""
    pack = _ROW.pack
    return b"".join([pack(*row) for row in rows])


def unpacked(data: bytes) -> list[RawRow]:
    """Return the rows whose bytes these are, exactly as they were packed."""
    return list(_ROW.iter_unpack(data))


def time_text(time_ns: int) -> str:
    """Return an instant as ISO 8601 in UTC, to the second or as fine as needed."""
    if not TIME_FIRST_NS <= time_ns < TIME_END_NS:
        return "unreadable time"
    moment = _EPOCH + timedelta(microseconds=time_ns // 1000)
    return moment.isoformat().replace("+00:00", "Z")


def row_text(row: RawRow) -> str:
    """Return one raw row for a report, numbers as found."""
    time_ns, open_, high, low, close, volume = row
    return (
        f"{time_text(time_ns)} open {open_!r} high {high!r} low {low!r} "
        f"close {close!r} volume {volume!r}"
    )
