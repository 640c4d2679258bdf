"""Decide every recorded input again and compare every event; name the first that differs.

L0 folds the rows and compares the projections, L1 re-decides. A run whose recorded strategy,
rules, features or engine differ from today's is NOT_COMPARABLE; its first difference is shown
all the same. Exit codes: 0, 3 data gone, 4 journal, 8 a comparable run differs.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hfl.glance import Data
from hfl.progress import Progress
from hfl.reading import RunSegment, Standpoint, differing, find_home, open_reader
from hfl.resume import rows_after
from hfl.verb import DIFFERENT, DONE, add_account, add_json
from hfl.words import write_json
from hfl_core.engine.book import Book
from hfl_core.engine.state import book_state
from hfl_core.ports import JournalRow
from hfl_core.runtime.replay import Divergence, Replayer, ReplayReport

TEXT_MAX: Final = 2000
FOLD: Final = "L0"


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add --verify."""
    del verb
    parser.add_argument(
        "--verify", action="store_true", help="compare (the default; kept for scripts)"
    )
    add_account(parser)
    add_json(parser)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReplay:
    """What came of one run. not_comparable: the components that are not what the run recorded."""

    run_id: str
    report: ReplayReport
    not_comparable: tuple[str, ...]


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Replay the whole journal."""
    del verb
    home = find_home(arguments.home, arguments.account, arguments.mode)
    began_s = time.monotonic()
    with open_reader(home) as reader:
        standpoint = Standpoint(reader, home)
        with Progress(
            "deciding again", total=reader.last().seq, is_quiet=arguments.is_json
        ) as progress:
            found = WholeReplay(standpoint, progress).go()
    result = _record(found, seconds=time.monotonic() - began_s)
    if arguments.is_json:
        write_json(result)
    else:
        sys.stdout.write(_text(result))
    return DIFFERENT if result["mismatches"] else DONE


class WholeReplay:
    """Goes through every run once, row by row; where the plan changes.

    An engine starts from the fold of all before it.
    """

    def __init__(self, standpoint: Standpoint, progress: Progress) -> None:
        self._standpoint = standpoint
        self._progress = progress
        # L0 runs beside L1: the plain fold of the rows, compared where both have gone through
        # the same ones.
        self._book = Book()
        self._folded = 0

    def go(self) -> list[RunReplay]:
        """Replay until the end, or the first difference of a comparable run."""
        found: list[RunReplay] = []
        replayer: Replayer | None = None
        plan_blob = ""
        for row in self._standpoint.between(0, self._standpoint.segments[0].row.seq):
            self._fold(row)
        for segment in self._standpoint.segments:
            started = segment.started
            strange = differing(started, self._standpoint.plan(started))
            report = ReplayReport()
            found.append(RunReplay(run_id=started.run_id, report=report, not_comparable=strange))
            try:
                if replayer is None or started.plan_blob != plan_blob:
                    replayer = self._standpoint.replayer_at_start(segment)
                    plan_blob = started.plan_blob
                replayer.report = report
                replayer.run(self._rows(segment))
            except (AssertionError, KeyError, ValueError) as error:
                report.divergence = _broken(self._folded, error)
            if report.divergence is None:
                self._compare_fold(report, replayer)
            if report.divergence is not None:
                if not strange:
                    break
                replayer = None
                self._fold_rest(segment)
        return found

    def _rows(self, segment: RunSegment) -> Iterator[JournalRow]:
        for row in rows_after(self._standpoint.reader, max(segment.row.seq - 1, self._folded)):
            if segment.next_seq and row.seq >= segment.next_seq:
                return
            self._fold(row)
            yield row

    def _fold_rest(self, segment: RunSegment) -> None:
        for _ in self._rows(segment):
            pass

    def _fold(self, row: JournalRow) -> None:
        self._book.apply(row.event, row.time_ns)
        self._folded = row.seq
        self._progress.at(row.seq)

    def _compare_fold(self, report: ReplayReport, replayer: Replayer | None) -> None:
        assert replayer is not None
        folded, decided = book_state(self._book), book_state(replayer.engine.core.book)
        for name, value in folded.items():
            if decided[name] != value:
                report.divergence = Divergence(
                    seq=self._folded,
                    kind=f"{FOLD} {name}",
                    recorded=str(value),
                    replayed=str(decided[name]),
                )
                return


def _broken(seq: int, error: Exception) -> Divergence:
    return Divergence(
        seq=seq,
        kind="input",
        recorded="an input that the engine takes",
        replayed=f"{type(error).__name__}: {error}",
    )


def _record(found: list[RunReplay], *, seconds: float) -> Data:
    mismatches = [
        each for each in found if each.report.divergence is not None and not each.not_comparable
    ]
    strange = sorted({name for each in found for name in each.not_comparable})
    first = next(
        (each.report.divergence for each in [*mismatches, *found] if each.report.divergence), None
    )
    total = {
        name: sum(getattr(each.report, field) for each in found)
        for name, field in (
            ("rows", "rows"), ("inputs", "inputs"), ("scans", "scans"), ("pairs", "decisions"),
            ("events_compared", "outcomes"), ("snapshots_compared", "snapshots"),
        )
    }  # fmt: skip
    return {
        **total,
        "mismatches": len(mismatches),
        "not_comparable": strange,
        "first_difference": None if first is None else _difference(first),
        "runs": [
            {
                "run": each.run_id,
                "rows": each.report.rows,
                "pairs": each.report.decisions,
                "not_comparable": list(each.not_comparable),
                "first_difference": None
                if each.report.divergence is None
                else _difference(each.report.divergence),
            }
            for each in found
        ],
        "seconds": round(seconds, 3),
    }


def _difference(found: Divergence) -> Data:
    return {
        "row": found.seq,
        "kind": found.kind,
        "recorded": found.recorded[:TEXT_MAX],
        "replayed": found.replayed[:TEXT_MAX],
    }


def _text(result: Data) -> str:
    lines = [
        (
            f"{result['rows']:,} rows of {len(result['runs'])} run(s), "
            f"{result['inputs']:,} inputs, {result['scans']:,} scans, "
            f"{result['pairs']:,} (instrument, scan) pairs decided again in {result['seconds']} s"
        ),
        (
            f"{result['events_compared']:,} events and "
            f"{result['snapshots_compared']} snapshots compared, "
            f"{result['mismatches']} mismatches"
        ),
    ]
    for each in result["runs"]:
        if each["not_comparable"]:
            differs = (
                "all the same no difference" if each["first_difference"] is None else "differs"
            )
            lines.append(
                f"run {each['run']}: NOT_COMPARABLE({', '.join(each['not_comparable'])}), "
                "recorded by other code than "
                f"today's; {differs}"
            )
    difference = result["first_difference"]
    if difference is not None:
        lines.append(f"first difference: row {difference['row']} {difference['kind']}")
        lines.append(f"  recorded {difference['recorded']}")
        lines.append(f"  replayed {difference['replayed']}")
    return "\n".join(lines) + "\n"
