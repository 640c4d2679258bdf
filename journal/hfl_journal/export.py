"""Slices of a journal as JSON lines, CSV or Parquet, for other tools.

Hashes are hexadecimal text.
"""

import csv
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TextIO

from hfl_core.domain.errors import JournalError
from hfl_journal.reader import JournalReader
from hfl_journal.rows import RawRow

COLUMNS: Final = (
    "seq", "run_id", "kind", "version", "time_ns", "wall_ns", "mono_ns", "boot_ns", "cause_seq",
    "actor", "data", "prev", "hash",
)  # fmt: skip
FORMATS: Final = ("jsonl", "csv", "parquet")
_TYPES: Final = {
    name: "BIGINT" if name == "seq" or name.endswith(("_ns", "_seq")) else "VARCHAR"
    for name in COLUMNS
} | {"version": "INTEGER"}


def export_rows(
    reader: JournalReader, target: Path, *, kind: str, after_seq: int = 0, to_seq: int | None = None
) -> int:
    """Write the rows behind after_seq up to to_seq to a new file; return how many.

    kind: jsonl, csv or parquet (needs duckdb). Raises JournalError for another kind, an existing
    file, or a place that cannot be written.
    """
    writers: dict[str, Callable[[Iterator[RawRow], Path], int]] = {
        "jsonl": _write_json_lines,
        "csv": _write_csv,
        "parquet": _write_parquet,
    }
    if kind not in writers:
        raise JournalError(
            f"expected a format out of {', '.join(FORMATS)}, found {kind!r}: name one"
        )
    if target.exists():
        raise JournalError(f"expected a new file, found {target} already there: name another one")
    try:
        return writers[kind](reader.raw_rows(after_seq, to_seq), target)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise JournalError(
            f"expected to write {target}, found {error.strerror or error}: free space there or "
            "name another place"
        ) from error


def _write_json_lines(rows: Iterator[RawRow], target: Path) -> int:
    count = 0
    with target.open("w", encoding="utf-8") as file:
        for row in rows:
            record = dict(zip(COLUMNS, _values(row), strict=True))
            record["data"] = json.loads(row.body)["data"]
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def _write_csv(rows: Iterator[RawRow], target: Path) -> int:
    with target.open("w", encoding="utf-8", newline="") as file:
        return _csv_into(file, rows)


def _csv_into(file: TextIO, rows: Iterator[RawRow]) -> int:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow(_values(row))
        count += 1
    return count


def _write_parquet(rows: Iterator[RawRow], target: Path) -> int:
    try:
        import duckdb
    except ImportError as error:
        raise JournalError(
            "expected duckdb for Parquet, found none: install the program again, or "
            "export csv or jsonl"
        ) from error
    types = ", ".join(f"'{name}': '{_TYPES[name]}'" for name in COLUMNS)
    with tempfile.TemporaryDirectory(prefix="hfl-export-") as directory:
        source = Path(directory) / "rows.csv"
        count = _write_csv(rows, source)
        with duckdb.connect() as database:
            try:
                database.execute(
                    f"COPY (SELECT * FROM read_csv({_quoted(source)}, header = true,"  # noqa: S608
                    f" auto_detect = false, quote = '\"', escape = '\"', delim = ',',"
                    f" columns = {{{types}}}))"
                    f" TO {_quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
                )
            except duckdb.Error as error:
                target.unlink(missing_ok=True)
                raise JournalError(
                    f"expected to write {target}, found: {error}; free space there or name "
                    "another place"
                ) from error
    return count


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _values(row: RawRow) -> tuple[int | str, ...]:
    data = json.dumps(
        json.loads(row.body)["data"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return (*row[:10], data, row.prev.hex(), row.hash.hex())
