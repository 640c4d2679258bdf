"""Look at files of bars: what is wrong with them, where, and what to do.

  check PATH...   every finding of every file; a PATH is a Parquet or CSV file named
                  SYMBOL_TIMEFRAME, or a folder with such files below it. Nothing is changed and
                  nothing is repaired.

Stocks and indices are held against the calendar of --exchange (XNYS unless the stamps show
another), forex against New York's week, crypto against the clock. Splits listed in
corporate_actions/SYMBOL_factors.csv beside the class's folder, or in --factors, are no finding.

Exit codes: 0 no error found (warnings may be), 2 arguments, 3 a file cannot be read, 8 an error
found.
"""

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from hfl.verb import DATA, DIFFERENT, DONE, USAGE, add_json
from hfl.words import time_of, write_json
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.instruments import AssetClass
from hfl_core.runtime.clock import MachineClock

if TYPE_CHECKING:
    from hfl_data.inspection.finding import Finding, Place
    from hfl_data.inspection.inspect import Report
    from hfl_data.inspection.several import Refused
    from hfl_data.inspection.subject import Asked

PLACES_SHOWN: Final = 3
Json: TypeAlias = "str | int | list[Json] | dict[str, Json] | None"


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the actions."""
    del verb
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="find what is wrong", allow_abbrev=False)
    # The verb's own --home stays when the action does not repeat it.
    check.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    check.add_argument("paths", nargs="+", metavar="PATH", help="files or folders")
    check.add_argument(
        "--class",
        dest="asset_class",
        choices=tuple(AssetClass),
        help="the class of files whose folder names none",
    )
    check.add_argument("--exchange", metavar="CODE", help="whose calendar: XNYS, XLON, XETR, ...")
    check.add_argument(
        "--until", metavar="TIME", help="the series should reach so far; else it has ended early"
    )
    check.add_argument("--factors", metavar="FILE", help="corporate actions of the one file")
    check.add_argument("--against", metavar="FILE", help="a second source of the one file")
    check.add_argument(
        "--places",
        type=int,
        metavar="N",
        help=f"show the first N places of a finding (text {PLACES_SHOWN}, JSON up to 1000)",
    )
    add_json(check)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Check the files."""
    del verb
    try:
        asked = _asked(arguments)
    except ValueError as error:
        sys.stderr.write(f"hfl: {error}\n")
        return USAGE
    from hfl_data.inspection.several import choose, inspect_all

    chosen = choose([Path(path) for path in arguments.paths])
    one_only = arguments.factors or arguments.against
    if one_only and len(chosen.paths) > 1:
        raise ConfigError(
            f"expected one file with --factors or --against, found {len(chosen.paths)}: "
            "check them one by one"
        )
    results = inspect_all(chosen.paths, asked)
    if arguments.is_json:
        return _as_json(results, left_out=chosen.left_out, places=arguments.places)
    places = PLACES_SHOWN if arguments.places is None else arguments.places
    return _as_text(results, left_out=chosen.left_out, places=places)


def _asked(arguments: argparse.Namespace) -> "Asked":
    """Return what was asked. Raises ValueError for a wrong time or number."""
    if arguments.places is not None and arguments.places < 0:
        raise ValueError(f"expected --places of at least 0, found {arguments.places}: correct it")
    until_ns = None if arguments.until is None else time_of(arguments.until)
    try:
        from hfl_data.inspection.subject import Asked
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"expected the libraries of data checks, found no {error.name}: install the extra with "
            "`pip install 'hedgefund-lite[data]'`"
        ) from error
    return Asked(
        asset_class=arguments.asset_class and AssetClass(arguments.asset_class),
        exchange=arguments.exchange,
        until_ns=until_ns,
        now_ns=MachineClock().wall_ns(),
        factors=arguments.factors and Path(arguments.factors),
        against=arguments.against and Path(arguments.against),
    )


def _as_text(results: Iterable["Report | Refused"], *, left_out: int, places: int) -> int:
    from hfl_data.inspection.several import Refused

    total: Counter[str] = Counter()
    for result in results:
        total["files"] += 1
        if isinstance(result, Refused):
            total["refused"] += 1
            sys.stderr.write(f"hfl: {result.reason}\n")
            continue
        total["rows"] += result.survey.rows
        total.update(finding.code.severity.value for finding in result.findings)
        sys.stdout.write("\n".join(_lines(result, places)) + "\n")
    told = f"{_counted(total['files'], 'file')}, {_counted(total['rows'], 'bar')}: "
    told += f"{_counted(total['error'], 'error')}, {_counted(total['warning'], 'warning')}, "
    told += _counted(total["info"], "note")
    if left_out:
        told += f"; left out as not named SYMBOL_TIMEFRAME: {_counted(left_out, 'file')}"
    sys.stdout.write(told + "\n")
    return _code(total)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _code(total: Counter[str]) -> int:
    if total["refused"]:
        return DATA
    return DIFFERENT if total["error"] else DONE


def _lines(report: "Report", places: int) -> Iterator[str]:
    found = report.survey
    span = f"{_instant(found.begin_ns)} to {_instant(found.end_ns)}"
    yield f"{report.path}: {found.rows} bars, {span}: {report.verdict}"
    for finding in report.findings:
        code = finding.code
        yield f"  {code.severity:<8}{code.name}: {code.what} ({finding.evidence})"
        for place in finding.places[:places]:
            yield f"          {_place_line(place)}"
        hidden = finding.count - min(places, len(finding.places))
        if places and hidden:
            yield f"          and {hidden} more"
        yield f"          -> {code.remedy}"


def _place_line(place: "Place") -> str:
    parts = [] if place.row < 0 else [f"row {place.row}"]
    if place.time_ns is not None:
        until = "" if place.until_ns is None else f" to {_instant(place.until_ns)}"
        parts.append(_instant(place.time_ns) + until)
    if place.bars > 1:
        parts.append(f"{place.bars} bars")
    parts += [f"{name} {value:g}" for name, value in place.values]
    return "  ".join([*parts, place.note]).rstrip()


def _as_json(results: Iterable["Report | Refused"], *, left_out: int, places: int | None) -> int:
    from hfl_data.inspection.several import Refused

    total: Counter[str] = Counter()
    files: list[Json] = []
    refused: list[Json] = []
    for result in results:
        total["files"] += 1
        if isinstance(result, Refused):
            total["refused"] += 1
            refused.append({"path": str(result.path), "reason": result.reason})
            continue
        total["rows"] += result.survey.rows
        total.update(finding.code.severity.value for finding in result.findings)
        files.append(report_json(result, places))
    totals: Json = {
        "files": total["files"],
        "rows": total["rows"],
        "errors": total["error"],
        "warnings": total["warning"],
        "notes": total["info"],
        "left_out": left_out,
    }
    write_json({"files": files, "refused": refused, "totals": totals})
    return _code(total)


def report_json(report: "Report", places: int | None) -> Json:
    """Return one file's report as plain values; places: how many of each finding, None for all."""
    found = report.survey
    return {
        "path": str(report.path),
        "symbol": report.name.symbol,
        "class": report.name.asset_class.value,
        "timeframe": report.name.frame.name,
        "rows": found.rows,
        "first": _instant(found.begin_ns),
        "last": _instant(found.end_ns),
        "verdict": report.verdict,
        "findings": [_finding_json(finding, places) for finding in report.findings],
    }


def _finding_json(finding: "Finding", places: int | None) -> Json:
    code = finding.code
    return {
        "code": code.name,
        "severity": code.severity.value,
        "what": code.what,
        "count": finding.count,
        "bars": finding.bars,
        "evidence": finding.evidence,
        "remedy": code.remedy,
        "places": [_place_json(place) for place in finding.places[:places]],
    }


def _place_json(place: "Place") -> Json:
    return {
        "row": None if place.row < 0 else place.row,
        "time": None if place.time_ns is None else _instant(place.time_ns),
        "until": None if place.until_ns is None else _instant(place.until_ns),
        "bars": place.bars,
        "values": {
            name: repr(value) if math.isfinite(value) else None for name, value in place.values
        },
        "note": place.note,
    }


def _instant(time_ns: int) -> str:
    from hfl_data.rows import time_text

    return time_text(time_ns)
