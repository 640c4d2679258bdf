"""Inspect one file: survey it, settle what its stamps mean, and let every check see it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_data.inspection.arrays import Block, Columns
from hfl_data.inspection.blocks import AFTER, BEFORE, bars_of, with_neighbours
from hfl_data.inspection.check import Check, Kind, View, all_checks
from hfl_data.inspection.finding import Finding, Severity
from hfl_data.inspection.reading import read_stamps
from hfl_data.inspection.subject import Asked, Subject, due_for, factors_beside, splits_of
from hfl_data.inspection.survey import Survey, survey
from hfl_data.inspection.table import SUFFIXES, Table
from hfl_data.names import FileName, read_name

SEVERITIES: Final = tuple(Severity)


class Report(NamedTuple):
    """What was found in one file; the gravest first."""

    path: Path
    name: FileName
    survey: Survey
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """Return the gravest severity, `clean` without any but info."""
        grave = [f.code.severity for f in self.findings if f.code.severity is not Severity.INFO]
        return min(grave, key=SEVERITIES.index).value if grave else "clean"


def inspect(path: Path, asked: Asked) -> Report:
    """Inspect a file. Raises DataError when it cannot be read or named."""
    name = read_name(str(path), asked.asset_class)
    if path.suffix not in SUFFIXES:
        raise DataError(
            f"expected a file of bars ending in {' or '.join(SUFFIXES)}, found {path.name!r}: "
            "name another one"
        )
    with Table(path) as table:
        found = survey(table.times())
        if found.unreadable == found.rows:
            raise DataError(
                f"expected times in column ts of {path}, found none that can be read: "
                "store them as instants with their time zone"
            )
        subject = _subject(path, name, table=table, found=found, asked=asked)
        # A file may hold any number; what comes of it is compared, and NaN is never more or less.
        with np.errstate(all="ignore"):
            return Report(path, name, found, _checked(table, subject))


def _subject(path: Path, name: FileName, *, table: Table, found: Survey, asked: Asked) -> Subject:
    reading = read_stamps(found, name.asset_class, name.frame, exchange_name=asked.exchange)
    factors = asked.factors or factors_beside(path, name.symbol)
    return Subject(
        path=path,
        name=name,
        stamps=table.stamps,
        survey=found,
        reading=reading,
        due=due_for(name, found, reading),
        splits=None if factors is None else splits_of(factors),
        asked=asked,
    )


def _checked(table: Table, subject: Subject) -> tuple[Finding, ...]:
    opened = [(kind, kind.open(subject)) for kind in all_checks()]
    is_sorted = subject.survey.is_sorted
    rows = table.by_time(is_sorted=is_sorted)
    # Rows that stand by time are read once for both.
    if is_sorted:
        of_rows = _of(opened, View.FILE) + _of(opened, View.TIME)
    else:
        of_rows = _of(opened, View.TIME)
        _show(with_neighbours(table.as_found(), before=1, after=0), _of(opened, View.FILE))
    bars = bars_of(_seen(with_neighbours(rows, before=1, after=0), of_rows))
    _show(with_neighbours(bars, before=BEFORE, after=AFTER), _of(opened, View.BARS))
    found = [finding for _, check in opened for finding in check.findings()]
    return tuple(sorted(found, key=lambda f: (SEVERITIES.index(f.code.severity), f.code.name)))


def _of(opened: list[tuple[Kind, Check]], view: View) -> list[Check]:
    return [check for kind, check in opened if kind.view is view]


def _show(blocks: Iterable[Block], checks: list[Check]) -> None:
    for block in blocks:
        for check in checks:
            check.look(block)


def _seen(blocks: Iterable[Block], checks: list[Check]) -> Iterator[Columns]:
    """Show every block to the checks and pass its rows on."""
    for block in blocks:
        for check in checks:
            check.look(block)
        yield block.judged
