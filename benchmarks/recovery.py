"""Recovery at 1,000,000 events: from opening the journal to an engine that could trade.

The journal is as after months: 900,000 rows behind the row that the last start verified, then
trading rows with a snapshot every 10,000 inputs. What is timed is what the daemon does: open and
compare with the head, verify the chain since then, restore the newest snapshot, fold the rest.
"""

import tempfile
import time
from collections.abc import Iterator

from benchmarks import w1
from benchmarks.journal import MachineClock, paths_in
from benchmarks.result import Result, at_most
from hfl.resume import fold_back, look_back
from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.runtime.recovery import SlotReader
from hfl_journal.keys import load_key
from hfl_journal.paths import JournalPaths
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_journal
from hfl_journal.writer import JournalWriter

GROUP = "recovery"
EVENTS = 1_000_000
TRADING_SHARE = 10
ROWS_A_COMMIT = 5_000
FAST, SLOW = 5, 10
BARS = 65_000
SECONDS_AIM = 5.0


class Grouped:
    """A journal that commits every so many rows: building a long one is not what is measured."""

    def __init__(self, journal: JournalWriter) -> None:
        self._journal = journal
        self.append = journal.append
        self.append_step = journal.append_step
        self.put_blob = journal.put_blob

    @property
    def seq(self) -> int:
        """Return the last row's number."""
        return self._journal.seq

    @property
    def head_hash(self) -> bytes:
        """Return the last row's hash."""
        return self._journal.head_hash

    @property
    def pending(self) -> int:
        """Return how many rows wait."""
        return self._journal.pending

    def commit(self) -> None:
        """Commit once enough rows wait."""
        if self._journal.pending >= ROWS_A_COMMIT:
            self._journal.commit()


def measure(events: int = EVENTS) -> Iterator[Result]:
    """Yield how long a start over a long journal takes."""
    slots = w1.bars(BARS)
    with tempfile.TemporaryDirectory(prefix="hfl-bench-") as folder:
        paths = paths_in(folder, "long")
        written, equity = write(paths, slots, events)
        began, began_cpu = time.perf_counter(), time.process_time()
        engine, verified = start(paths, slots)
        seconds = time.perf_counter() - began
        cpu = time.process_time() - began_cpu
    if engine.core.book.cash != equity or not engine.is_resting():
        raise SystemExit(f"expected cash {equity} at rest, found {engine.core.book.cash}")
    yield at_most(
        GROUP,
        f"start over {written:,} events",
        seconds,
        SECONDS_AIM,
        unit="s",
        cpu_s=cpu,
        rows_verified=verified,
    )


def write(paths: JournalPaths, slots: list[Slot], events: int) -> tuple[int, object]:
    """Write the long journal; return its rows and the cash it ends with."""
    with JournalWriter.open(paths, clock=MachineClock(), run_id="bench") as journal:
        old = events - events // TRADING_SHARE
        for number in range(1, old + 1):
            journal.append(ev.TimePassed(due_ns=number), time_ns=number, cause_seq=0, actor="timer")
            if not number % ROWS_A_COMMIT:
                journal.commit()
        journal.commit()
        journal.record_verified(journal.committed)
        backtest = w1.build(slots, w1.settings(fast=FAST, slow=SLOW), Grouped(journal))
        w1.trade(backtest)
        journal.commit()
        return journal.seq, backtest.runner.engine.core.book.cash


def start(paths: JournalPaths, slots: list[Slot]) -> tuple[Engine, int]:
    """Do what a daemon does before it may trade; return the engine and the rows verified."""
    with JournalWriter.open(paths, clock=MachineClock(), run_id="again") as journal:
        if not journal.head_report.is_sound:
            raise SystemExit(journal.head_report.sentence)
        report = verify_journal(
            paths.journal, head_path=paths.head, key=load_key(paths.key), is_full=False
        )
        if not report.is_clean:
            raise SystemExit(report.findings[0].text)
        engine = Engine(w1.settings(fast=FAST, slow=SLOW), make)

        def reader_of(_: ev.DatasetOpened) -> SlotReader:
            return lambda first, last: iter(slots[first:last])

        with JournalReader.open(paths.journal) as reader:
            past = look_back(reader)
            fold_back(engine, reader, past, dataset_id="w1", hashes=(), reader_of=reader_of)
    return engine, report.chain.rows
