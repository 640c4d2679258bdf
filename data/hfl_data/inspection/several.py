"""Inspect several files: whole folders, each file held against the others of its kind."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from hfl_core.domain.errors import DataError
from hfl_data.inspection.inspect import Report, inspect
from hfl_data.inspection.subject import Asked
from hfl_data.inspection.table import SUFFIXES, Table
from hfl_data.names import FileName, read_name

FILES_MAX: Final = 100_000


class Refused(NamedTuple):
    """A file that cannot be inspected, and why, in one sentence."""

    path: Path
    reason: str


class Chosen(NamedTuple):
    """Files to inspect, and how many of the folders' files are not named as bars are."""

    paths: tuple[Path, ...]
    left_out: int


def choose(paths: Sequence[Path]) -> Chosen:
    """Return the files, folders with all below them in the order of their names.

    In a folder only files named SYMBOL_TIMEFRAME.parquet or .csv are taken. Raises DataError for a
    path that is not there, or when nothing is left.
    """
    found: list[Path] = []
    left_out = 0
    for path in paths:
        if path.is_dir():
            inside = list(_inside(path))
            named = [each for each in inside if _is_named(each)]
            left_out += len(inside) - len(named)
            found += named
        elif path.is_file():
            found.append(path)
        else:
            raise DataError(f"expected a file or folder at {path}, found none: check the path")
    if not found:
        names = ", ".join(str(path) for path in paths)
        raise DataError(
            f"expected files such as BTC-USDT_1h.parquet in {names}, found none: name a folder "
            "that holds some"
        )
    return Chosen(tuple(dict.fromkeys(found)), left_out)


def inspect_all(paths: Sequence[Path], asked: Asked) -> Iterator[Report | Refused]:
    """Yield what was found in each file, in the order given.

    Of several files of one class and timeframe, those that end before the others are told.
    """
    ends = _ends(paths, asked) if len(paths) > 1 else {}
    for path in paths:
        try:
            yield inspect(path, replace(asked, peers_end_ns=ends.get(path)))
        except DataError as error:
            yield Refused(path, str(error))


def _inside(folder: Path) -> Iterator[Path]:
    taken = 0
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix not in SUFFIXES:
                continue
            taken += 1
            if taken > FILES_MAX:
                raise DataError(
                    f"expected at most {FILES_MAX} files in {folder}, found more: name folders "
                    "one by one"
                )
            yield path


def _is_named(path: Path) -> bool:
    try:
        _name(path, Asked())
    except DataError as error:
        # Without its class a file is still one of bars; the inspection says what is missing.
        return "--class" in str(error)
    return True


def _name(path: Path, asked: Asked) -> FileName:
    return read_name(str(path), asked.asset_class)


def _ends(paths: Sequence[Path], asked: Asked) -> dict[Path, int]:
    """Return for each file the latest stamp among those of its class and timeframe."""
    ends: dict[Path, tuple[tuple[str, str], int]] = {}
    for path in paths:
        try:
            name = _name(path, asked)
            with Table(path) as table:
                ends[path] = ((name.asset_class, name.frame.name), table.last_ns())
        except DataError:
            # The inspection itself says why.
            continue
    latest: dict[tuple[str, str], int] = {}
    for kind, end_ns in ends.values():
        latest[kind] = max(latest.get(kind, end_ns), end_ns)
    return {path: latest[kind] for path, (kind, _) in ends.items()}
