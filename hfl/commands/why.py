"""Why an instrument was or was not traded at a time: the furthest gate, the reason code and every number.

The scan is decided again from the journal's nearest snapshot; the answer is for the last slot at or before TIME (the newest without
TIME). `--audit N` re-decides N random pairs and compares them with the journal's digests.
"""

import argparse
import json
import random
import sys
from datetime import UTC, datetime
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.errors import HflError, JournalError
from hfl_core.engine.tracing import Trace, trace_slot
from hfl_core.ports import JournalRow
from hfl_journal.reader import JournalReader

from hfl.reading import Standpoint, find_home, open_reader, scans_at
from hfl.tell import trace_json, trace_text
from hfl.verb import DIFFERENT, DONE, NOT_FOUND, USAGE, add_account, add_json

NEWEST: Final = (1 << 63) - 1
NANOSECONDS: Final = 1_000_000_000


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add symbol and time."""
    del verb
    parser.add_argument("symbol", nargs="?", help="an instrument, such as BTC-USDT")
    parser.add_argument(
        "time", nargs="?", help="ISO 8601, UTC unless it names a zone, such as 2020-03-12T10:00Z"
    )
    parser.add_argument(
        "--audit", type=int, metavar="N", help="re-decide N random (instrument, scan) pairs"
    )
    parser.add_argument("--seed", type=int, default=1, help="which pairs --audit takes")
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Answer one question, or audit many."""
    del verb
    home = find_home(arguments.home, arguments.account, arguments.mode)
    with open_reader(home) as reader:
        standpoint = Standpoint(reader, home)
        if arguments.audit:
            return _audit(standpoint, arguments)
        if not arguments.symbol:
            sys.stderr.write("hfl: expected an instrument, found none: hfl why SYMBOL [TIME]\n")
            return USAGE
        try:
            time_ns = NEWEST if arguments.time is None else time_of(arguments.time)
        except ValueError as error:
            sys.stderr.write(f"hfl: {error}\n")
            return USAGE
        row = scans_at(reader, time_ns)
        trace = trace_at(standpoint, row, arguments.symbol, time_ns)
        if trace is None:
            known = ", ".join(standpoint.plan(standpoint.segment_at(row.seq).started).instruments)
            sys.stderr.write(
                f"hfl: expected one of {known}, found {arguments.symbol!r}: choose a watched instrument\n"
            )
            return NOT_FOUND
        if arguments.is_json:
            sys.stdout.write(json.dumps(trace_json(trace, row), ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(trace_text(trace, row))
    return DONE


def trace_at(standpoint: Standpoint, row: JournalRow, symbol: str, time_ns: int) -> Trace | None:
    """Decide the last slot of a row at or before a time again; None when the symbol is not watched."""
    engine, opened = standpoint.before(row)
    if symbol not in engine.core.lanes:
        return None
    scans = row.event
    assert isinstance(scans, ev.ScansCoalesced)
    segment = standpoint.segment_at(row.seq)
    slots = [s for s in standpoint.slots(opened, segment, scans) if s.time_ns <= time_ns]
    for slot in slots[:-1]:
        engine.scan(slot)
    return trace_slot(engine, slots[-1], symbol)


def time_of(text: str) -> int:
    """Read an instant. Raises ValueError with one sentence."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected a time such as 2020-03-12T10:00Z, found {text!r}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * NANOSECONDS


def _audit(standpoint: Standpoint, arguments: argparse.Namespace) -> int:
    """Prove the 100 %: every pair has a code, and random pairs decided again match the recorded digests."""
    reader = standpoint.reader
    rows, counts, pairs = _all_scans(reader)
    if not rows:
        raise JournalError("expected scans in the journal, found none: run the bot first")
    chance = random.Random(arguments.seed)  # noqa: S311 - a sample, not a secret
    weights = [row.event.scans for row in rows if isinstance(row.event, ev.ScansCoalesced)]
    chosen = sorted(chance.choices(range(len(rows)), weights=weights, k=arguments.audit))
    checked = 0
    differences: list[str] = []
    for index in chosen:
        try:
            checked += _check_group(standpoint, rows[index], chance)
        except HflError as error:
            differences.append(str(error))
    report = {
        "pairs": pairs,
        "coded": sum(counts.values()),
        "counts": counts,
        "sampled": arguments.audit,
        "matching": checked,
        "differences": differences[:10],
    }
    if arguments.is_json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        sys.stdout.write(_audit_text(report))
    return DONE if checked == arguments.audit and report["coded"] == pairs else DIFFERENT


def _all_scans(reader: JournalReader) -> tuple[list[JournalRow], dict[str, int], int]:
    rows = list(reader.rows_of("ScansCoalesced"))
    counts: dict[str, int] = {}
    pairs = 0
    instruments = 0
    opened = {row.seq: row.event for row in reader.rows_of("DatasetOpened")}
    for row in rows:
        assert isinstance(row.event, ev.ScansCoalesced)
        for seq, dataset in opened.items():
            if seq < row.seq and isinstance(dataset, ev.DatasetOpened):
                instruments = len(dataset.symbols)
        pairs += row.event.scans * instruments
        for code, number in row.event.counts:
            counts[code] = counts.get(code, 0) + number
    return rows, dict(sorted(counts.items(), key=lambda item: -item[1])), pairs


def _check_group(standpoint: Standpoint, row: JournalRow, chance: random.Random) -> int:
    """Re-decide one random pair of a row, then the rest of the row, and compare the digest."""
    engine, opened = standpoint.before(row)
    scans = row.event
    assert isinstance(scans, ev.ScansCoalesced)
    slots = list(standpoint.slots(opened, standpoint.segment_at(row.seq), scans))
    target = chance.randrange(len(slots))
    symbol = chance.choice(sorted(engine.core.lanes))
    for number, slot in enumerate(slots):
        if number == target:
            trace = trace_slot(engine, slot, symbol)
            if not trace.code:
                raise JournalError(f"row {row.seq}: expected a reason code, found none")
        else:
            engine.scan(slot)
    group = engine.close_group()
    if group is None or group.digest != scans.digest or group.counts != scans.counts:
        raise JournalError(f"row {row.seq}: expected digest {scans.digest}, found another")
    return 1


def _audit_text(report: dict[str, object]) -> str:
    counts = report["counts"]
    assert isinstance(counts, dict)
    lines = [
        f"{report['pairs']:,} (instrument, scan) pairs, {report['coded']:,} with a reason code"
    ]
    lines.extend(f"  {code:<20} {number:>9,}" for code, number in counts.items())
    lines.append(
        f"{report['sampled']} random pairs decided again: {report['matching']} match the journal's digest"
    )
    differences = report["differences"]
    assert isinstance(differences, list)
    lines.extend(f"  {text}" for text in differences)
    return "\n".join(lines) + "\n"
