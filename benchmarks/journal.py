"""What the journal costs: commits against the bare disk, encoding, chaining, verifying.

Ratios hold within one run; absolute figures are this machine's. Run: python -m benchmarks.journal
"""

import hashlib
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hfl_core.domain import events as ev
from hfl_journal import codec
from hfl_journal.memory import MemoryJournal
from hfl_journal.paths import JournalPaths
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_chain
from hfl_journal.writer import JournalWriter

COMMITS = 300
GROUP = 100
ROUNDS = 3
VERIFY_ROWS = 1_000_000
VERIFY_GROUP = 5_000
REASON = "the slot closed and every watched instrument delivered, nothing was due before it"
EVENT = ev.Transitioned(trigger="slot_closed", source="idle", target="scanning", reason=REASON)


class MachineClock:
    """The machine's own clocks."""

    wall_ns = staticmethod(time.time_ns)
    monotonic_ns = staticmethod(time.monotonic_ns)
    boot_ns = staticmethod(time.monotonic_ns)


def paths_in(directory: str, name: str) -> JournalPaths:
    """Return the paths of a fresh journal."""
    root = Path(directory) / name
    return JournalPaths(
        directory=root, key_directory=root / "keys", mode="backtest", account="bench"
    )


def append(journal: MemoryJournal | JournalWriter, count: int) -> None:
    """Append events of about 300 bytes."""
    for number in range(count):
        journal.append(
            EVENT, time_ns=1_700_000_000_000_000_000 + number, cause_seq=0, actor="engine"
        )


def timed(work: Callable[[], None], count: int) -> list[float]:
    """Return the wall seconds of each of count calls."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return taken


def cpu_us(work: Callable[[], None], items: int) -> float:
    """Return the least CPU microseconds an item over some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return round(best / items * 1e6, 3)


def durable(directory: str) -> list[dict[str, Any]]:
    """Measure commits of one row and of a hundred against append + fdatasync of the same bytes.

    Interleaved.
    """
    journal = JournalWriter.open(
        paths_in(directory, "durable"), clock=MachineClock(), run_id="bench"
    )
    append(journal, 1)
    journal.commit()
    with JournalReader.open(journal.paths.journal) as reader:
        size = len(reader.page(0)[0].body) + 64 + 80
    # A log that has been grown once is written over: the steady state of a running bot.
    for _ in range(20):
        append(journal, GROUP)
        journal.commit()
    journal.checkpoint_passive()
    file = os.open(Path(directory) / "bare", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def bare() -> None:
        os.write(file, b"x" * size)
        os.fdatasync(file)

    def single() -> None:
        append(journal, 1)
        journal.commit()

    def group() -> None:
        append(journal, GROUP)
        journal.commit()

    taken: dict[str, list[float]] = {"bare": [], "single": [], "group": []}
    for _ in range(ROUNDS):
        taken["bare"] += timed(bare, COMMITS)
        taken["single"] += timed(single, COMMITS)
        taken["group"] += timed(group, COMMITS // 10)
        journal.checkpoint_passive()
    os.close(file)
    journal.close()
    middle = {name: statistics.median(values) for name, values in taken.items()}
    return [
        {
            "case": "durable commit, one row",
            "bytes": size,
            "p50_us": round(middle["single"] * 1e6, 1),
            "fdatasync_p50_us": round(middle["bare"] * 1e6, 1),
            "ratio": round(middle["single"] / middle["bare"], 2),
            "aim": "<= 1.6",
        },
        {
            "case": f"group of {GROUP} against singles, rows/s",
            "group_rows_s": round(GROUP / statistics.fmean(taken["group"])),
            "single_rows_s": round(1 / statistics.fmean(taken["single"])),
            "ratio_mean": round(
                GROUP * statistics.fmean(taken["single"]) / statistics.fmean(taken["group"]), 1
            ),
            "ratio_p50": round(GROUP * middle["single"] / middle["group"], 1),
            "aim": ">= 100",
        },
    ]


def cpu_costs() -> list[dict[str, Any]]:
    """Measure encoding, decoding, chaining and inserting.

    With this machine's SHA-256 as the yardstick.
    """
    count = 20_000
    encoded = codec.encode_event(EVENT)
    tail = codec.envelope_template(kind="Transitioned", version=1, run_id="bench", actor="engine")
    body = b'{"data":' + encoded.data + tail % (1, 0, 1, 1, 1, 1)

    def repeat(work: Callable[[], object]) -> Callable[[], None]:
        def loop() -> None:
            for _ in range(count):
                work()

        return loop

    def chained() -> None:
        journal = MemoryJournal(run_id="bench", clock=MachineClock())
        for _ in range(count // GROUP):
            append(journal, GROUP)
            journal.commit()

    def inserted() -> None:
        journal = MemoryJournal(run_id="bench", clock=MachineClock())
        database = sqlite3.connect(":memory:", isolation_level=None)
        database.execute(f"CREATE TABLE event ({', '.join('abcdefghijklm')})")
        for _ in range(count // GROUP):
            append(journal, GROUP)
            database.execute("BEGIN")
            database.executemany(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                journal._rows,  # noqa: SLF001  # what a commit would insert
            )
            database.execute("COMMIT")
            journal.commit()
        database.close()

    return [
        {
            "case": "CPU us an event",
            "bytes": len(body),
            "sha256_500B": cpu_us(repeat(lambda: hashlib.sha256(bytes(500)).digest()), count),
            "encode": cpu_us(repeat(lambda: codec.encode_event(EVENT)), count),
            "decode": cpu_us(repeat(lambda: codec.decode_event("Transitioned", 1, body)), count),
            "encode_and_chain": cpu_us(chained, count),
            "encode_chain_insert": cpu_us(inserted, count),
            "aim": "encode + chain + insert <= 5, decode <= 2",
        }
    ]


def verification(directory: str, rows: int = VERIFY_ROWS) -> list[dict[str, Any]]:
    """Measure writing and verifying a long journal, bare and with every event handed to a fold."""
    paths = paths_in(directory, "long")
    with JournalWriter.open(paths, clock=MachineClock(), run_id="bench") as journal:
        began = time.process_time()
        for _ in range(rows // VERIFY_GROUP):
            append(journal, VERIFY_GROUP)
            journal.commit()
        written = time.process_time() - began
    with JournalReader.open(paths.journal) as reader:
        connection = reader.connection
        began = time.process_time()
        report = verify_chain(connection)
        bare = time.process_time() - began
        began = time.process_time()
        verify_chain(connection, on_event=lambda *_: None)
        folded = time.process_time() - began
        began = time.process_time()
        for _ in connection.execute("SELECT * FROM event"):
            pass
        walked = time.process_time() - began
    return [
        {
            "case": f"verify {report.rows} events",
            "findings": len(report.findings),
            "rows_s": round(rows / bare),
            "with_decode_and_fold_rows_s": round(rows / folded),
            "plain_walk_rows_s": round(rows / walked),
            "written_us_a_row_cpu": round(written / rows * 1e6, 2),
            "aim": ">= 500000, with the book fold >= 250000",
        }
    ]


def run(rows: int = VERIFY_ROWS) -> list[dict[str, Any]]:
    """Return every result of this file; prints nothing."""
    with tempfile.TemporaryDirectory(prefix="bench-journal-") as directory:
        results = durable(directory) + cpu_costs() + verification(directory, rows)
    return [{"group": "journal", **result} for result in results]


if __name__ == "__main__":
    for line in run(int(sys.argv[1]) if len(sys.argv) > 1 else VERIFY_ROWS):
        print(json.dumps(line))
