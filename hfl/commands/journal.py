"""Verify, count, export, back up, restore or re-key the journal.

  verify                      every row, blob, index and the head; exit 8 when something does not
                              hold, 4 when it cannot be read
  stats                       rows by kind, runs, blobs, sizes
  export --out FILE           rows as parquet, csv or jsonl (--format), for other tools
  backup FILE                 a verified copy with its own signed head; works beside a running bot
  restore FILE --reason TEXT  put a verified backup in the journal's place; the replaced file is
                              kept
  rekey --reason TEXT         replace the head's key after verifying everything; refused while a
                              daemon runs

Exit codes: 0, 2 arguments, 4 journal, 8 a difference found.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from hfl.home import Home
from hfl.progress import Progress
from hfl.reading import find_home, open_reader
from hfl.verb import DIFFERENT, DONE, JOURNAL, add_account, add_json
from hfl.words import instant, write_json
from hfl_core.runtime.clock import MachineClock
from hfl_journal.keys import load_key

UNREADABLE = "UNREADABLE"


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the six actions."""
    del verb
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, what in (
        ("verify", "check everything"),
        ("stats", "count everything"),
        ("export", "write rows for other tools"),
        ("backup", "write a verified copy"),
        ("restore", "put a backup in the journal's place"),
        ("rekey", "replace the head's key"),
    ):
        action = actions.add_parser(name, help=what, allow_abbrev=False)
        # The verb's own --home stays when the action does not repeat it.
        action.add_argument(
            "--home", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        add_account(action)
        add_json(action)
        if name == "export":
            action.add_argument("--format", default="parquet", choices=("parquet", "csv", "jsonl"))
            action.add_argument("--out", metavar="FILE", required=True, help="a new file")
            action.add_argument(
                "--from", type=int, default=1, metavar="ROW", dest="first", help="first row"
            )
            action.add_argument("--to", type=int, metavar="ROW", dest="last", help="last row")
        if name in {"backup", "restore"}:
            action.add_argument("file", metavar="FILE")
        if name in {"restore", "rekey"}:
            action.add_argument(
                "--reason", metavar="TEXT", required=True, help="why, for the journal"
            )


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Carry one action out."""
    del verb
    home = find_home(arguments.home, arguments.account, arguments.mode)
    actions: dict[str, Callable[[Home, argparse.Namespace], int]] = {
        "verify": _verify,
        "stats": _stats,
        "export": _export,
        "backup": _backup,
        "restore": _restore,
        "rekey": _rekey,
    }
    return actions[arguments.action](home, arguments)


def _verify(home: Home, arguments: argparse.Namespace) -> int:
    from hfl_journal.verify import verify_journal

    with open_reader(home) as reader:
        last = reader.last().seq
    progress = Progress("verifying", total=last, is_quiet=arguments.is_json)
    with progress:
        report = verify_journal(
            home.journal.journal,
            head_path=home.journal.head,
            key=load_key(home.journal.key),
            on_event=(lambda _event, _time_ns, seq: progress.at(seq))
            if progress.is_shown
            else None,
        )
    findings = [
        {"code": found.code, "row": found.seq, "text": found.text} for found in report.findings
    ]
    result = {
        "clean": report.is_clean,
        "rows": report.chain.rows,
        "last_row": report.chain.last.seq,
        "last_hash": report.chain.last.hash.hex(),
        "blobs": report.blobs,
        "head": report.head.state.value,
        "head_says": report.head.sentence,
        "rows_not_anchored": report.head.rows_ahead,
        "findings": findings,
    }
    if arguments.is_json:
        write_json(result)
    else:
        lines = [
            (
                f"{report.chain.rows:,} rows and {report.blobs:,} blobs verified: "
                f"{'clean' if report.is_clean else 'NOT CLEAN'}"
            )
        ]
        lines.append(f"head: {report.head.sentence}")
        lines += [f"{found.code} at row {found.seq}: {found.text}" for found in report.findings]
        sys.stdout.write("\n".join(lines) + "\n")
    if report.is_clean:
        return DONE
    return JOURNAL if any(found.code == UNREADABLE for found in report.findings) else DIFFERENT


def _stats(home: Home, arguments: argparse.Namespace) -> int:
    from dataclasses import asdict

    from hfl_journal.stats import read_stats

    with open_reader(home) as reader:
        stats = read_stats(reader)
    size = home.journal.journal.stat().st_size
    if arguments.is_json:
        write_json({**asdict(stats), "file_bytes": size})
        return DONE
    lines = [
        f"journal    {stats.journal_id}, {stats.mode}-{stats.account}, {home.journal.journal}",
        f"rows       {stats.rows:,}, {stats.body_bytes:,} bytes; file {size:,} bytes",
        f"time       {instant(stats.first_time_ns or 0)} to {instant(stats.last_time_ns or 0)}",
        (
            f"blobs      {stats.blobs:,}, {stats.blob_bytes:,} "
            f"bytes, stored in {stats.blob_bytes_stored:,}"
        ),
    ]
    lines += [
        f"  {kind.kind:<20} {kind.rows:>10,} rows {kind.bytes:>14,} bytes" for kind in stats.kinds
    ]
    lines += [
        f"  run {each.run_id:<16} rows {each.first_seq:,} to "
        f"{each.last_seq:,}, {instant(each.first_wall_ns)} to "
        f"{instant(each.last_wall_ns)}"
        for each in stats.runs
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return DONE


def _export(home: Home, arguments: argparse.Namespace) -> int:
    from hfl_journal.export import export_rows

    target = Path(arguments.out)
    with open_reader(home) as reader:
        rows = export_rows(
            reader,
            target,
            kind=arguments.format,
            after_seq=arguments.first - 1,
            to_seq=arguments.last,
        )
    return _say(
        arguments,
        {"rows": rows, "file": str(target), "format": arguments.format},
        f"{rows:,} rows in {target}",
    )


def _backup(home: Home, arguments: argparse.Namespace) -> int:
    from hfl_journal.backup import back_up

    open_reader(home).close()
    made = back_up(home.journal, Path(arguments.file))
    result = {
        "file": str(made.path),
        "last_row": made.last.seq,
        "last_hash": made.last.hash.hex(),
        "bytes": made.bytes,
    }
    return _say(
        arguments,
        result,
        f"{made.path}: rows up to {made.last.seq:,}, {made.bytes:,} bytes, verified",
    )


def _restore(home: Home, arguments: argparse.Namespace) -> int:
    from hfl_journal.maintenance import restore

    done = restore(
        home.journal, Path(arguments.file), reason=arguments.reason, clock=MachineClock()
    )
    result = {
        "last_row": done.last.seq,
        "given_up_row": done.old.seq,
        "given_up_hash": done.old.hash.hex(),
        "kept": None if done.kept is None else str(done.kept),
        "proved": done.is_proved,
    }
    kept = f"; the replaced journal is {done.kept}" if done.kept is not None else ""
    proof = "" if done.is_proved else "; its own head did not prove it"
    return _say(arguments, result, f"restored, now at row {done.last.seq:,}{kept}{proof}")


def _rekey(home: Home, arguments: argparse.Namespace) -> int:
    from hfl_journal.maintenance import rekey

    open_reader(home).close()
    last = rekey(home.journal, reason=arguments.reason, clock=MachineClock())
    return _say(
        arguments, {"last_row": last.seq}, f"the head has a new key and stands at row {last.seq:,}"
    )


def _say(arguments: argparse.Namespace, result: dict[str, object], text: str) -> int:
    if arguments.is_json:
        write_json(result)
    else:
        sys.stdout.write(text + "\n")
    return DONE
