"""Bars from CSV files, one instrument a file.

UTF-8 with a header line naming ts, open, high, low, close, volume; other columns are left alone.
`ts` is ISO 8601 with its offset (2024-01-01T00:00:00Z; a date alone is 00:00 UTC) or unix time in
seconds or milliseconds. The first readable row settles which of the three the file uses; a row in
another one has no readable time. Cells that are no number are NaN. Blank lines are no rows.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import Instrument, Timeframe
from hfl_data.dataset import DatasetFeed as Feed
from hfl_data.files import COLUMNS, check_columns, open_files
from hfl_data.request import FeedRequest
from hfl_data.rows import (
    CHUNK_ROWS,
    NOT_A_NUMBER,
    TIME_END_NS,
    TIME_FIRST_NS,
    UNREADABLE_NS,
    RawRow,
)

# 10^11 is the year 5138 in seconds and March 1973 in milliseconds.
_SECONDS_BELOW: Final = 1e11
_DATE_LENGTH: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class _Unit(Enum):
    ISO = "iso"
    SECONDS = 10**9
    MILLISECONDS = 10**6


def open_feed(request: FeedRequest) -> Feed:
    """Open the files of the request.

    Raises DataError when one is missing, badly named, no CSV text, without the columns or empty.
    """
    return open_files(request, _CsvSource)


class _CsvSource:
    """Implements `hfl_data.rows.Source`."""

    def __init__(self, path: Path, instrument: Instrument, frame: Timeframe) -> None:
        self.instrument = instrument
        self.frame = frame
        self._path = path
        if next(self.rows(0), None) is None:
            raise DataError(f"expected bars in {path}, found none: fill the file")

    def rows(self, start: int) -> Iterator[list[RawRow]]:
        """Yield the file's rows from number start on.

        Raises DataError when the file is no CSV text.
        """
        chunk: list[RawRow] = []
        read_time = _time_reader()
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                lines = csv.reader(file)
                cells_at = self._header(lines)
                number = -1
                for line in lines:
                    if not line:
                        continue
                    number += 1
                    row = _row(line, cells_at, read_time)
                    if number >= start:
                        chunk.append(row)
                    if len(chunk) == CHUNK_ROWS:
                        yield chunk
                        chunk = []
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(
                f"expected readable CSV text at {self._path}, found {error}: fetch the file again"
            ) from error
        if chunk:
            yield chunk

    def _header(self, lines: Iterator[list[str]]) -> tuple[int, ...]:
        names = [name.strip().lower() for name in next(lines, [])]
        check_columns(self._path, tuple(names))
        return tuple(names.index(column) for column in COLUMNS)


def _row(line: list[str], cells_at: tuple[int, ...], read_time: Callable[[str], int]) -> RawRow:
    try:
        time, open_, high, low, close, volume = [line[at] for at in cells_at]
    except IndexError:
        cells = [line[at] if at < len(line) else "" for at in cells_at]
        time, open_, high, low, close, volume = cells
    time_ns = read_time(time)
    try:
        return time_ns, float(open_), float(high), float(low), float(close), float(volume)
    except ValueError:
        return (
            time_ns,
            _number(open_),
            _number(high),
            _number(low),
            _number(close),
            _number(volume),
        )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return NOT_A_NUMBER


def _time_reader() -> Callable[[str], int]:
    """Return a function that reads one file's times; the first readable one settles the unit."""
    settled: _Unit | None = None

    def read(text: str) -> int:
        nonlocal settled
        unit, time_ns = _read_time(text.strip())
        if not TIME_FIRST_NS <= time_ns < TIME_END_NS:
            return UNREADABLE_NS
        settled = settled or unit
        return time_ns if unit is settled else UNREADABLE_NS

    return read


def _read_time(text: str) -> tuple[_Unit, int]:
    try:
        number = float(text)
    except ValueError:
        return _Unit.ISO, _iso_ns(text)
    if not abs(number) < TIME_END_NS:  # NaN too
        return _Unit.SECONDS, UNREADABLE_NS
    unit = _Unit.SECONDS if abs(number) < _SECONDS_BELOW else _Unit.MILLISECONDS
    if number == int(number):
        return unit, int(number) * int(unit.value)
    return unit, round(number * 1e6) * int(unit.value) // 10**6


def _iso_ns(text: str) -> int:
    if len(text) == _DATE_LENGTH:
        text += "T00:00:00Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return UNREADABLE_NS
    if moment.tzinfo is None:
        return UNREADABLE_NS
    return (moment - _EPOCH) // _MICROSECOND * 1000
