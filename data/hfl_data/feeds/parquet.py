"""Bars from Parquet files, one instrument a file, read through DuckDB.

Columns `ts` (timestamp with time zone, the bar's open), `open`, `high`, `low`, `close`, `volume`;
others are left alone. Rows come in the file's own order.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import Instrument, Timeframe
from hfl_data.dataset import DatasetFeed as Feed
from hfl_data.duck import library
from hfl_data.files import check_columns, open_files
from hfl_data.request import FeedRequest
from hfl_data.rows import CHUNK_ROWS, TIME_END_NS, TIME_FIRST_NS, UNREADABLE_NS, RawRow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TIME_TYPE: Final = "TIMESTAMP WITH TIME ZONE"
# Windows grow, so that a short read behind a far cursor stays short and a long one is not chopped.
_WINDOW_FIRST: Final = 2 * CHUNK_ROWS
_WINDOW_MAX: Final = 64 * CHUNK_ROWS
_WINDOW_GROWTH: Final = 4

_DESCRIBE: Final = "describe select * from read_parquet(?, hive_partitioning = false)"
_NUMBER = "coalesce(try_cast({0} as double), 'nan'::double)"
# Only constants of this file are put into the text; path and rows are bound parameters.
_SELECT: Final = f"""
select case when ts >= make_timestamptz({TIME_FIRST_NS // 1000})
             and ts < make_timestamptz({TIME_END_NS // 1000})
            then epoch_us(ts) * 1000 else {UNREADABLE_NS} end,
       {", ".join(_NUMBER.format(column) for column in ("open", "high", "low", "close", "volume"))}
from read_parquet(?, hive_partitioning = false)
where file_row_number >= ? and file_row_number < ?
"""  # noqa: S608 - see above


def open_feed(request: FeedRequest) -> Feed:
    """Open the files of the request.

    Raises DataError when one is missing, badly named, no Parquet, without the columns or empty.
    """
    reader = _Reader()

    def open_source(path: Path, instrument: Instrument, frame: Timeframe) -> _ParquetSource:
        source = _ParquetSource(reader, path, instrument, frame)
        # A data set with marks was looked at before; looking again costs 12 ms a file.
        if not request.marks:
            source.check()
        return source

    return open_files(request, open_source)


class _Reader:
    """One DuckDB connection for all files of a feed (40 ms to open), opened when first needed."""

    def __init__(self) -> None:
        self._connection: DuckDBPyConnection | None = None

    def chunks(
        self, path: Path, query: str, parameters: Sequence[object]
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the answer's rows; raise DataError when the file at path cannot be read."""
        duckdb = library()
        try:
            if self._connection is None:
                self._connection = duckdb.connect(":memory:", config={"threads": 1})
            with self._connection.cursor() as cursor:
                cursor.execute(query, parameters)
                while chunk := cursor.fetchmany(CHUNK_ROWS):
                    yield chunk
        except duckdb.Error as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise DataError(
                f"expected a readable Parquet file at {path}, found {reason}: fetch the file again"
            ) from error


class _ParquetSource:
    """Implements `hfl_data.rows.Source`."""

    def __init__(
        self, reader: _Reader, path: Path, instrument: Instrument, frame: Timeframe
    ) -> None:
        self.instrument = instrument
        self.frame = frame
        self._reader = reader
        self._path = path
        self._pattern = _without_wildcards(path)

    def rows(self, start: int) -> Iterator[list[RawRow]]:
        """Yield the file's rows from number start on.

        Raises DataError when the file is damaged.
        """
        window = _WINDOW_FIRST
        while True:
            found = 0
            for chunk in self._chunks(_SELECT, start, start + window):
                found += len(chunk)
                yield chunk
            if found < window:
                return
            start += window
            window = min(window * _WINDOW_GROWTH, _WINDOW_MAX)

    def check(self) -> None:
        """Raise DataError unless the file has the columns of bars and at least one row."""
        described = [column for chunk in self._chunks(_DESCRIBE) for column in chunk]
        types = {str(column[0]): str(column[1]) for column in described}
        check_columns(self._path, tuple(types))
        if types["ts"] != TIME_TYPE:
            raise DataError(
                f"expected column ts of {self._path} to be {TIME_TYPE}, found {types['ts']}: "
                "store it with its time zone"
            )
        if not any(self._chunks(_SELECT, 0, 1)):
            raise DataError(f"expected bars in {self._path}, found an empty table: fill the file")

    def _chunks(self, query: str, *more: int) -> Iterator[list[Any]]:
        return self._reader.chunks(self._path, query, [self._pattern, *more])


def _without_wildcards(path: Path) -> str:
    """Return the path so that DuckDB reads it literally: each wildcard as a set of itself."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
