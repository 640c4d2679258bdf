"""The rows of one file, in its own order or by time, a window at a time through DuckDB.

Memory is bounded whatever the file's size: windows of `WINDOW_ROWS`, and a sort by time goes to a
temporary file beside DuckDB's own limit of `MEMORY_MB`. Parquet is read where it lies; CSV is
turned into a temporary Parquet file first.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_data.duck import library
from hfl_data.files import COLUMNS
from hfl_data.inspection.arrays import Columns, Ints
from hfl_data.rows import TIME_END_NS, TIME_FIRST_NS, UNREADABLE_NS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Two of the row groups that DuckDB writes: a window reads no group in part.
WINDOW_ROWS: Final = 2 * 122_880
MEMORY_MB: Final = 512
SUFFIXES: Final = (".parquet", ".csv")
# Columns beside ts that hold the stamp as the vendor sent it.
RAW_NAMES: Final = ("unix", "epoch", "timestamp", "stamp")

_NUMBER = "coalesce(try_cast({0} as double), 'nan'::double)"
_NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_UNSIGNED = ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
_ZONED: Final = "TIMESTAMP WITH TIME ZONE"
# What a bare number counts, by its size: seconds, then milli-, micro- and nanoseconds.
_MICROSECONDS: Final = (
    "case when abs({0}) < 1e11 then {0} * 1e6 when abs({0}) < 1e14 then {0} * 1e3 "
    "when abs({0}) < 1e17 then {0} else {0} / 1e3 end"
)


class Stamps(NamedTuple):
    """What the file's time column is: its type there, has_zone, is_date (no time of day)."""

    type: str
    has_zone: bool
    is_date: bool


class Table:
    """One file of bars, open for reading; a context manager that removes what it made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = tempfile.TemporaryDirectory(prefix="hfl-check-")
        self._connection: DuckDBPyConnection | None = None
        self._sorted: Path | None = None
        try:
            self._file = self._opened()
            self.stamps, self._time, self._select = self._described()
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def as_found(self) -> Iterator[Columns]:
        """Yield all rows in the file's own order. Raises DataError when it is damaged."""
        return self._windows(self._select, self._file)

    def times(self) -> Iterator[Ints]:
        """Yield the stamps alone, in the file's own order; the rest of the file is not read."""
        select = f"select {self._time} as time_us from read_parquet(?, hive_partitioning = false)"  # noqa: S608
        return (_instants(found["time_us"]) for found in self._found(select, self._file))

    def by_time(self, *, is_sorted: bool) -> Iterator[Columns]:
        """Yield all rows by time, equal times in the file's order, unreadable ones first.

        is_sorted: that they stand so already. Raises DataError when the file is damaged.
        """
        if is_sorted:
            return self.as_found()
        if self._sorted is None:
            target = Path(self._folder.name) / "sorted.parquet"
            self._run(
                f"copy ({self._select} order by time_us, number) to '{target}' (format parquet)",
                [_literal(self._file)],
            )
            self._sorted = target
        names = "number, time_us, open, high, low, close, volume, raw"
        return self._windows(f"select {names} from read_parquet(?)", self._sorted)  # noqa: S608 - a fixed text

    def last_ns(self) -> int:
        """Return the latest stamp, without reading anything else."""
        first, end = TIME_FIRST_NS // 1000, TIME_END_NS // 1000
        found = self._run(
            f"select max(time_us) from ({self._select}) where time_us >= ? and time_us < ?",  # noqa: S608
            [_literal(self._file), first, end],
        ).fetchall()[0][0]
        return UNREADABLE_NS if found is None else int(found) * 1000

    def _windows(self, select: str, file: Path) -> Iterator[Columns]:
        return (_columns(found) for found in self._found(select, file))

    def _found(self, select: str, file: Path) -> Iterator[dict[str, Any]]:
        start = 0
        clause = "where file_row_number >= ? and file_row_number < ?"
        while True:
            found = self._run(
                f"{select} {clause}", [_literal(file), start, start + WINDOW_ROWS]
            ).fetchnumpy()
            rows = len(found["time_us"])
            if rows:
                yield found
            if rows < WINDOW_ROWS:
                return
            start += WINDOW_ROWS

    def _opened(self) -> Path:
        """Return the Parquet file to read."""
        if not self.path.is_file():
            raise DataError(f"expected a file at {self.path}, found none: check the path")
        if self.path.suffix != ".csv":
            return self.path
        target = Path(self._folder.name) / "table.parquet"
        read = "select * from read_csv(?, all_varchar = true, header = true)"
        self._run(f"copy ({read}) to '{target}' (format parquet)", [_literal(self.path)])
        return target

    def _described(self) -> tuple[Stamps, str, str]:
        """Return what the stamps are, how they are read, and how all columns are."""
        described = self._run(
            "describe select * from read_parquet(?, hive_partitioning = false)",
            [_literal(self._file)],
        ).fetchall()
        types = {str(name).strip().lower(): (str(name), str(kind)) for name, kind, *_ in described}
        if missing := [name for name in COLUMNS if name not in types]:
            raise DataError(
                f"expected columns {', '.join(COLUMNS)} in {self.path}, "
                f"found no {', '.join(missing)}: rename or add them"
            )
        time_us, stamps, raw = self._times(types)
        numbers = ", ".join(
            f"{_NUMBER.format(_quoted(types[name][0]))} as {name}" for name in COLUMNS[1:]
        )
        # Names are quoted, values are bound.
        select = (
            f"select file_row_number as number, {time_us} as time_us, {numbers}, {raw} as raw "  # noqa: S608
            "from read_parquet(?, hive_partitioning = false)"
        )
        if not self._run(f"{select} limit 1", [_literal(self._file)]).fetchall():
            raise DataError(f"expected bars in {self.path}, found an empty table: fill the file")
        return stamps, time_us, select

    def _times(self, types: dict[str, tuple[str, str]]) -> tuple[str, Stamps, str]:
        """Return how the time is read in microseconds, what it is, and the bare number."""
        name, kind = types["ts"]
        column = _quoted(name)
        other = next(
            (
                _quoted(found)
                for key, (found, type_) in types.items()
                if key != "ts" and _is_number(type_) and any(part in key for part in RAW_NAMES)
            ),
            "null",
        )
        if _is_number(kind):
            time = f"({_MICROSECONDS.format(f'{column}::double')})::hugeint"
            return _bounded(time), Stamps(kind, has_zone=True, is_date=False), f"{column}::double"
        if kind == "VARCHAR":
            return self._text_times(column, other)
        time = f"epoch_us(case when isfinite({column}) then {column}::timestamp end)"
        if kind == _ZONED:
            time = f"epoch_us(case when isfinite({column}) then {column} end)"
        if kind != "DATE" and not kind.startswith("TIMESTAMP"):
            raise DataError(
                f"expected column ts of {self.path} to be {_ZONED}, found {kind}: "
                "store it with its time zone"
            )
        stamps = Stamps(kind, kind == _ZONED, kind == "DATE")
        return _bounded(time), stamps, f"coalesce({other}::double, 'nan'::double)"

    def _text_times(self, column: str, other: str) -> tuple[str, Stamps, str]:
        """Return the same for a column of text: numbers, or ISO 8601."""
        number = f"try_cast({column} as double)"
        time = (
            f"case when {number} is not null "
            f"then ({_MICROSECONDS.format(number)})::hugeint "
            f"else epoch_us(try_cast({column} as timestamptz))::hugeint end"
        )
        odd = self._run(
            f"select count(*) filter (where {number} is null and length({column}) > 10 and not "  # noqa: S608
            f"regexp_matches({column}, '(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')), "
            f"count(*) filter (where {number} is null and length({column}) = 10), count(*) "
            "from read_parquet(?)",
            [_literal(self._file)],
        ).fetchall()[0]
        stamps = Stamps("text", not odd[0], bool(odd[2]) and odd[1] == odd[2])
        return _bounded(time), stamps, f"coalesce({number}, {other}::double, 'nan'::double)"

    def _run(self, query: str, parameters: Sequence[object]) -> Any:  # noqa: ANN401 - DuckDB's cursor
        duckdb = library()
        try:
            if self._connection is None:
                settings = {
                    "threads": 1,
                    "memory_limit": f"{MEMORY_MB}MB",
                    "temp_directory": self._folder.name,
                }
                self._connection = duckdb.connect(":memory:", config=settings)
                # It would stand between the lines of a report.
                self._connection.execute("set enable_progress_bar = false")
            return self._connection.execute(query, parameters)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0].rstrip(".")
            what = "CSV text" if self.path.suffix == ".csv" else "Parquet file"
            raise DataError(
                f"expected a readable {what} at {self.path}, found {reason}: fetch the file again"
            ) from error

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._folder.cleanup()


def _columns(found: dict[str, Any]) -> Columns:
    numbers = [
        np.ascontiguousarray(np.ma.filled(found[name], np.nan), dtype=np.float64)
        for name in (*COLUMNS[1:], "raw")
    ]
    return Columns(found["number"].astype(np.int64), _instants(found["time_us"]), *numbers)


def _instants(time_us: Any) -> Ints:  # noqa: ANN401 - a column of DuckDB's answer
    found = time_us.astype(np.int64)
    is_known = (found >= TIME_FIRST_NS // 1000) & (found < TIME_END_NS // 1000)
    times = np.where(is_known, np.where(is_known, found, 0) * 1000, UNREADABLE_NS)
    return np.asarray(times, dtype=np.int64)


def _bounded(time: str) -> str:
    """Return SQL that reads a time no bigint holds as the earliest of all."""
    return f"coalesce(try_cast({time} as bigint), {UNREADABLE_NS})"


def _is_number(kind: str) -> bool:
    return kind.startswith((*_NUMERIC, *_UNSIGNED)) and not kind.endswith("]")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(path: Path) -> str:
    """Return the path so that DuckDB reads it literally: each wildcard as a set of itself."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
