"""Lists of records as a table, CSV or JSON: rich on a terminal, plain columns elsewhere."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import ConfigError

Record = Mapping[str, str | int | float | None]
STDOUT: Final = "-"


def write_csv(records: Sequence[Record], columns: Sequence[str], target: str) -> None:
    """Write the columns of every record to a new file, or to stdout for "-". Raises ConfigError."""
    import csv

    if target == STDOUT:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_blank(record.get(name)) for name in columns] for record in records)
        return
    try:
        with Path(target).open("x", encoding="utf-8", newline="") as file:
            csv_writer = csv.writer(file)
            csv_writer.writerow(columns)
            csv_writer.writerows(
                [_blank(record.get(name)) for name in columns] for record in records
            )
    except FileExistsError as error:
        raise ConfigError(
            f"expected a new file, found {target} already there: name another one"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"expected to write {target}, found {error.strerror}: name another place"
        ) from error


def show(records: Sequence[Record], columns: Sequence[str], *, title: str) -> None:
    """Print a table; numbers stand right."""
    if sys.stdout.isatty():
        _show_rich(records, columns, title)
        return
    texts = [[str(_blank(record.get(name))) for name in columns] for record in records]
    widths = [
        max([len(name), *(len(row[index]) for row in texts)]) for index, name in enumerate(columns)
    ]
    is_right = [_is_numeric([record.get(name) for record in records]) for name in columns]
    for row in [list(columns), *texts]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_right, strict=True)
        ]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
    if not records:
        sys.stdout.write("(none)\n")


def _show_rich(records: Sequence[Record], columns: Sequence[str], title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", border_style="dim")
    for name in columns:
        right = _is_numeric([record.get(name) for record in records])
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for record in records:
        table.add_row(*(str(_blank(record.get(name))) for name in columns))
    Console().print(table)


def _blank(value: str | float | None) -> str | int | float:
    return "" if value is None else value


def _is_numeric(values: Sequence[str | int | float | None]) -> bool:
    texts = [str(value) for value in values if value not in (None, "")]
    return bool(texts) and all(text.lstrip("+-").replace(".", "", 1).isdigit() for text in texts)
