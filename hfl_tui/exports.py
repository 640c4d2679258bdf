"""Writes what a screen shows into a file of its own: JSON, CSV, text, or the screen as SVG.

Values go out exact, as the screen was given them, times in full; what is never written over is
what is there.
"""

import csv
import dataclasses
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import ConfigError
from hfl_core.domain.money import plain
from hfl_tui.formats import SECOND_NS

FORMATS: Final = ("csv", "json", "text", "svg")
SUFFIXES: Final = {"text": "txt"}
FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
# Files of one name and second; nobody makes more by hand.
SAME_MAX: Final = 100
# What a spreadsheet would take for a formula; a plain number is none.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
# Rich's SVG asks a foreign server for its font: nobody's picture should.
_FOREIGN: Final = re.compile(r"@font-face\s*\{[^}]*\}|<!--.*?-->", re.DOTALL)
FONTS: Final = '"DejaVu Sans Mono", Menlo, Consolas, monospace'

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What is exported. name: of the file; items: dataclasses of one kind; text: as it is shown."""

    name: str
    items: Sequence[object]
    text: Sequence[str]


def record(item: object) -> dict[str, Value]:
    """Return a value's fields, exact numbers as text, nanoseconds as UTC."""
    assert dataclasses.is_dataclass(item)
    return {
        field.name.removesuffix("_ns"): _told(field.name, getattr(item, field.name))
        for field in dataclasses.fields(item)
    }


def _told(name: str, value: object) -> Value:
    if name.endswith("_ns") and isinstance(value, int):
        return instant(value) if value else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Sequence):
        return [_told("", one) for one in value]
    return record(value) if dataclasses.is_dataclass(value) else str(value)


def instant(time_ns: int) -> str:
    """Return a time in full, UTC, to the microsecond."""
    moment = datetime.fromtimestamp(time_ns // SECOND_NS, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ns % SECOND_NS // 1_000:06d}Z"


def as_json(table: Table) -> str:
    """Return the items as a list of objects."""
    return json.dumps([record(item) for item in table.items], indent=1, ensure_ascii=False) + "\n"


def as_csv(table: Table) -> str:
    """Return the items as rows under their names; no cell is a formula to a spreadsheet."""
    records = [record(item) for item in table.items]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    if records:
        writer.writerow(list(records[0]))
    for found in records:
        writer.writerow([harmless(_cell(value)) for value in found.values()])
    return sink.getvalue()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet computes: an apostrophe stands before what it might."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def as_svg(drawn: str) -> str:
    """Return a screenshot that fetches nothing from anywhere."""
    bare = _FOREIGN.sub("", drawn)
    bare = re.sub(r"font-family:[^;]*;", f"font-family: {FONTS};", bare)
    return "\n".join(row.rstrip() for row in bare.splitlines() if row.strip()) + "\n"


def render(table: Table, kind: str) -> str:
    """Return a table as one of the formats, but for the picture."""
    if kind == "csv":
        return as_csv(table)
    return as_json(table) if kind == "json" else "\n".join(table.text) + "\n"


def write(folder: Path, stem: str, kind: str, content: str) -> Path:
    """Write a new file and return its path; one that is there gets a number behind its name.

    Raises ConfigError with one sentence.
    """
    suffix = SUFFIXES.get(kind, kind)
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        for number in range(1, SAME_MAX + 1):
            path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.{suffix}"
            try:
                with path.open("x", encoding="utf-8", newline="") as file:
                    file.write(content)
            except FileExistsError:
                continue
            path.chmod(FILE_MODE)
            return path
    except OSError as error:
        raise ConfigError(
            f"expected to write into {folder}, found {error.strerror or error}: make room or rights"
        ) from error
    raise ConfigError(
        f"expected a free name beside {path}, found {SAME_MAX} files of that second: wait for one"
    )
