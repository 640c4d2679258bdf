"""Decide every recorded input again and compare every event; name the first that differs.

L0 folds the rows and compares the projections, L1 re-decides. A run whose recorded strategy, rules, features or engine differ from
today's is not comparable; the first difference is shown all the same.
"""

import argparse
import json
import sys
import time

from hfl_core.domain import events as ev
from hfl_core.engine.state import book_state
from hfl_core.runtime.recovery import Folder
from hfl_core.runtime.replay import Replayer, ReplayReport

from hfl.reading import RunSegment, Standpoint, differing, find_home, open_reader
from hfl.resume import rows_after
from hfl.verb import DIFFERENT, DONE, add_account, add_json


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add --verify."""
    del verb
    parser.add_argument(
        "--verify", action="store_true", help="compare (the default; kept for scripts)"
    )
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Replay the whole journal."""
    del verb
    home = find_home(arguments.home, arguments.account, arguments.mode)
    began_s = time.monotonic()
    with open_reader(home) as reader:
        standpoint = Standpoint(reader, home)
        report, not_comparable = _replay(standpoint)
    result = {
        "rows": report.rows,
        "inputs": report.inputs,
        "scans": report.scans,
        "pairs": report.decisions,
        "events_compared": report.outcomes,
        "snapshots_compared": report.snapshots,
        "mismatches": 0 if report.divergence is None else 1,
        "not_comparable": list(not_comparable),
        "first_difference": None
        if report.divergence is None
        else {
            "row": report.divergence.seq,
            "kind": report.divergence.kind,
            "recorded": report.divergence.recorded[:2000],
            "replayed": report.divergence.replayed[:2000],
        },
        "seconds": round(time.monotonic() - began_s, 3),
    }
    if arguments.is_json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        sys.stdout.write(_text(result))
    return DONE if report.divergence is None else DIFFERENT


def _replay(standpoint: Standpoint) -> tuple[ReplayReport, tuple[str, ...]]:
    """Go through every run; where the plan changes, the next engine starts from the fold of all before it."""
    replayer: Replayer | None = None
    plan_blob = ""
    strange: set[str] = set()
    total = ReplayReport()
    for segment in standpoint_segments(standpoint):
        plan = standpoint.plan(segment.started)
        strange.update(differing(segment.started, plan))
        if replayer is None or segment.started.plan_blob != plan_blob:
            replayer = _start(standpoint, segment)
            replayer.report = total
            plan_blob = segment.started.plan_blob
        replayer.run(_rows(standpoint, segment))
        if total.divergence is not None:
            break
    else:
        if replayer is not None:
            _check_fold(standpoint, replayer)
    return total, tuple(sorted(strange))


def standpoint_segments(standpoint: Standpoint) -> list[RunSegment]:
    """Return the runs of a journal."""
    from hfl.reading import runs

    return runs(standpoint.reader)


def _rows(standpoint: Standpoint, segment: RunSegment) -> list:  # type: ignore[type-arg]
    rows = []
    for row in rows_after(standpoint.reader, segment.row.seq - 1):
        if segment.next_seq and row.seq >= segment.next_seq:
            break
        rows.append(row)
    return rows


def _start(standpoint: Standpoint, segment: RunSegment) -> Replayer:
    engine = standpoint.plan(segment.started).engine()
    shelf = standpoint.shelf(segment.started)
    opened = None
    for dataset in standpoint.reader.rows_of("DatasetOpened"):
        if isinstance(dataset.event, ev.DatasetOpened) and dataset.seq > segment.row.seq:
            opened = dataset.event
            break
    folder = Folder(
        engine, shelf.reader, dataset_id=opened.dataset_id if opened is not None else ""
    )
    for row in rows_after(standpoint.reader, 0):
        if row.seq >= segment.row.seq:
            break
        folder.fold_row(row)
    return Replayer(engine, shelf.reader)


def _check_fold(standpoint: Standpoint, replayer: Replayer) -> None:
    """L0: the book as the replayed engine has it must be the plain fold of the rows."""
    from hfl_core.engine.book import Book

    book = Book()
    for row in rows_after(standpoint.reader, 0):
        book.apply(row.event, row.time_ns)
    assert book_state(book) == book_state(replayer.engine.core.book), "L0: fold and engine differ"


def _text(result: dict[str, object]) -> str:
    lines = [
        f"{result['rows']:,} rows, {result['inputs']:,} inputs, {result['scans']:,} scans, "
        f"{result['pairs']:,} (instrument, scan) pairs decided again in {result['seconds']} s",
        f"{result['events_compared']:,} events and {result['snapshots_compared']} snapshots compared, {result['mismatches']} mismatches",
    ]
    strange = result["not_comparable"]
    assert isinstance(strange, list)
    if strange:
        lines.append(f"NOT_COMPARABLE({', '.join(strange)}): recorded by other code than today's")
    difference = result["first_difference"]
    if isinstance(difference, dict):
        lines.append(f"first difference: row {difference['row']} {difference['kind']}")
        lines.append(f"  recorded {difference['recorded']}")
        lines.append(f"  replayed {difference['replayed']}")
    return "\n".join(lines) + "\n"
