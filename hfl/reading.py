"""Opening a journal to read it, and bringing an engine to any point of it.

Nothing here writes or needs a daemon.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hfl.home import Home, home_paths
from hfl.plan import Plan, plan_from
from hfl.resume import Opened, id_of, opened_before, rows_after
from hfl.shelf import FeedShelf
from hfl.whereabouts import find
from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.errors import ConfigError, DataError, HflError, JournalError
from hfl_core.domain.values import Record
from hfl_core.engine.step import Engine
from hfl_core.ports import JournalRow
from hfl_core.runtime.recovery import Folder, SlotReader, restore_snapshot
from hfl_journal.reader import JournalReader

if TYPE_CHECKING:
    # What most questions need not: they are answered by the short way.
    from hfl_core.runtime.replay import Replayer

PAGE_ROWS_FIRST: Final = 64
PAGE_ROWS: Final = 1_000
# Rows of scans fetched at once behind a time; hardly ever is more than one of them looked at.
SCANS_AHEAD: Final = 4
RUNS_SHOWN: Final = 5
# The time of whoever asks for the newest.
NEWEST_NS: Final = (1 << 62) - 1
# What restoring a state that other code wrote may raise.
STRANGE_STATE = (
    HflError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    IndexError,
)


def find_home(override: str | None, account: str | None, mode: str = "paper") -> Home:
    """Return the home of the named account, or of the only journal there is.

    Raises ConfigError or JournalError.
    """
    where = find(override, account, mode)
    return Home(paths=home_paths(override), mode=where.mode, account=where.account)


def open_reader(home: Home) -> JournalReader:
    """Open the account's journal read-only. Raises JournalError when there is none."""
    return open_journal(home.journal.journal)


def open_journal(path: Path) -> JournalReader:
    """Open a journal read-only. Raises JournalError when there is none."""
    if not path.exists():
        raise JournalError(
            f"expected the journal {path}, found none: start the bot with `hfl run` or `hfl demo`, "
            "or name another home with --home DIR"
        )
    return JournalReader.open(path)


class RunSegment(Record, frozen=True, kw_only=True):
    """One run's part of the journal: its RunStarted row and the seq of the next run's.

    0 for the last.
    """

    row: JournalRow
    started: ev.RunStarted
    next_seq: int


def runs(reader: JournalReader) -> list[RunSegment]:
    """Return every run, oldest first."""
    rows = list(reader.rows_of("RunStarted"))
    found = []
    for number, row in enumerate(rows):
        assert isinstance(row.event, ev.RunStarted)
        following = rows[number + 1].seq if number + 1 < len(rows) else 0
        found.append(RunSegment(row=row, started=row.event, next_seq=following))
    return found


def plan_of(reader: JournalReader, started: ev.RunStarted, home: Home) -> Plan:
    """Build the plan of a recorded run with today's code. Raises HflError."""
    if not started.plan_blob:
        raise JournalError(
            f"expected the recorded plan of run {started.run_id}, "
            "found none: it was not started by `hfl run`"
        )
    return plan_from(reader.blob(started.plan_blob), search=home.strategy_folders)


def differing(started: ev.RunStarted, plan: Plan) -> tuple[str, ...]:
    """Return the deciding components whose code or content is not what the run recorded."""
    from hfl.hashes import DECIDING, component_hashes

    then = dict(started.hashes)
    now = dict(component_hashes(plan.strategies, config_hash=then.get("config", "")))
    return tuple(name for name in DECIDING if then.get(name) != now.get(name))


class Stand(Record, frozen=True, kw_only=True):
    """An engine right before a row.

    is_as_recorded: it stands as the run's own did; otherwise the rows were folded, because today's
    code decides differently, and what rests on earlier refusals may differ.
    """

    engine: Engine
    opened: Opened
    is_as_recorded: bool


class Standpoint:
    """Brings engines to any row of one journal, re-deciding from the nearest snapshot before it."""

    def __init__(self, reader: JournalReader, home: Home) -> None:
        self.reader = reader
        self._home = home
        self.segments = runs(reader)
        self._plans: dict[str, Plan] = {}
        self._shelves: dict[str, FeedShelf] = {}
        self._readers: dict[tuple[str, str], SlotReader] = {}
        if not self.segments:
            raise JournalError(
                "expected at least one run in the journal, found none: start the bot with `hfl run`"
            )

    def segment_at(self, seq: int) -> RunSegment:
        """Return the run that a row belongs to."""
        inside = [segment for segment in self.segments if segment.row.seq <= seq]
        if not inside:
            raise JournalError(
                f"expected row {seq} inside a run, found it before "
                "the first: run `hfl journal verify`"
            )
        return inside[-1]

    def plan(self, started: ev.RunStarted) -> Plan:
        """Return a run's plan, built once."""
        if started.plan_blob not in self._plans:
            self._plans[started.plan_blob] = plan_of(self.reader, started, self._home)
        return self._plans[started.plan_blob]

    def reader_of(self, started: ev.RunStarted) -> Callable[[ev.DatasetOpened], SlotReader]:
        """Return what opens a run's data sets; ranges that follow each other share one pass."""
        shelf = self._shelves.setdefault(
            started.plan_blob,
            FeedShelf(self.plan(started).instruments, kept=self._home.kept_rows),
        )

        def open_reader_of(opened: ev.DatasetOpened) -> SlotReader:
            key = (started.plan_blob, opened.dataset_id)
            if key not in self._readers:
                self._readers[key] = shelf.reader(opened)
            return self._readers[key]

        return open_reader_of

    def before(self, row: JournalRow) -> Stand:
        """Return an engine that stands right before an input row.

        And the data set open there. Raises HflError.
        """
        segment = self.segment_at(row.seq)
        opened = self.dataset_before(row.seq)
        if opened is None:
            raise DataError(
                "expected an open data set before this row, found none: run `hfl journal verify`"
            )
        try:
            replayer, start = self.replayer_near(segment, row.seq)
            is_as_recorded = self.advance(replayer, start, row.seq)
        except STRANGE_STATE:
            is_as_recorded = False
        engine = replayer.engine if is_as_recorded else self.folded(segment, row.seq, id_of(opened))
        engine.core.anchor = row.prev
        return Stand(engine=engine, opened=opened, is_as_recorded=is_as_recorded)

    def replayer_near(self, segment: RunSegment, seq: int) -> "tuple[Replayer, int]":
        """Return a replayer at the newest snapshot of the run in front of a row.

        Else at its start; and behind which row.
        """
        snapshot = newest_before(self.reader, "SnapshotTaken", seq)
        if snapshot is None or snapshot.seq < segment.row.seq:
            return self.replayer_at_start(segment), segment.row.seq - 1
        return self.replayer_at(segment, snapshot), snapshot.seq

    def replayer_at(self, segment: RunSegment, snapshot: JournalRow) -> "Replayer":
        """Return a replayer that stands right behind a snapshot of a run."""
        from hfl_core.runtime.replay import Replayer

        replayer = Replayer(self.restored(segment, snapshot), self.reader_of(segment.started))
        opened = self.dataset_before(snapshot.seq)
        if isinstance(opened, ev.DatasetOpened):
            replayer.resume(opened)
        return replayer

    def restored(self, segment: RunSegment, snapshot: JournalRow) -> Engine:
        """Return an engine in the state that a snapshot of a run holds."""
        engine = self.plan(segment.started).engine()
        assert isinstance(snapshot.event, ev.SnapshotTaken)
        restore_snapshot(engine, snapshot.event, self.reader.blob)
        return engine

    def replayer_at_start(self, segment: RunSegment) -> "Replayer":
        """Return a replayer whose engine is the fold of everything before a run.

        As the run's own recovery had it.
        """
        from hfl_core.runtime.replay import Replayer

        kinds = ("DatasetOpened", "StreamOpened")
        row = next(self.reader.rows_of(*kinds, after_seq=segment.row.seq, limit=1), None)
        opened = None if row is None else row.event
        own_id = id_of(opened) if isinstance(opened, Opened) else ""
        engine = self.folded(segment, segment.row.seq, own_id)
        return Replayer(engine, self.reader_of(segment.started))

    def folded(
        self, segment: RunSegment, seq: int, dataset_id: str, *, plan: Plan | None = None
    ) -> Engine:
        """Return an engine with everything before a row folded in, nothing decided.

        plan: None for the run's own.
        """
        engine = (plan or self.plan(segment.started)).engine()
        folder = Folder(engine, self.reader_of(segment.started), dataset_id=dataset_id)
        for row in rows_after(self.reader, 0):
            if row.seq >= seq:
                break
            folder.fold_row(row)
        return engine

    def advance(self, replayer: "Replayer", start: int, end: int) -> bool:
        """Re-decide the rows behind start and before end; tell whether all came out as recorded."""
        return replayer.run(self.between(start, end)).divergence is None

    def between(self, start: int, end: int) -> Iterator[JournalRow]:
        """Yield the rows behind start and before end; no more is decoded than is asked for."""
        size = PAGE_ROWS_FIRST
        while start < end - 1:
            page = self.reader.rows(start, min(size, end - 1 - start))
            yield from page
            if not page:
                return
            start, size = page[-1].seq, PAGE_ROWS

    def batches_between(self, start: int, end: int) -> Iterator[list[JournalRow]]:
        """Yield the rows behind start and before end as inputs with what they caused."""
        from hfl_core.runtime.replay import batches

        return batches(self.between(start, end))

    def dataset_before(self, seq: int) -> Opened | None:
        """Return the data set or stream that was open right before a row."""
        return opened_before(self.reader, seq)

    def slots(
        self, opened: Opened, segment: RunSegment, scans: ev.ScansCoalesced
    ) -> Iterator[Slot]:
        """Yield the slots of one row of a data set's scans."""
        if not isinstance(opened, ev.DatasetOpened):
            raise JournalError(f"expected scans of a data set, found the stream {opened.stream_id}")
        read = self.reader_of(segment.started)(opened)
        for item in read(scans.cursor_from, scans.cursor_to):
            if not isinstance(item, RefusedRows):
                yield item


def chosen(standpoint: Standpoint, name: str) -> RunSegment:
    """Return the run whose id begins so. Raises ConfigError."""
    found = [each for each in standpoint.segments if each.started.run_id.startswith(name)]
    if len(found) != 1:
        known = ", ".join(each.started.run_id for each in standpoint.segments[-RUNS_SHOWN:])
        raise ConfigError(
            f"expected one run beginning with {name!r}, found {len(found)}: the newest are {known}"
        )
    return found[0]


# --- rows by time and kind ------------------------------------------------------------------------


def newest_before(reader: JournalReader, kind: str, seq: int) -> JournalRow | None:
    """Return the newest row of an indexed kind in front of a row."""
    query = "SELECT seq FROM event_ref WHERE ref = ? AND seq < ? ORDER BY seq DESC LIMIT 1"
    found = reader.connection.execute(query, (f"@{kind}", seq)).fetchone()
    return None if found is None else reader.row(int(found[0]))


def seq_at(reader: JournalReader, time_ns: int) -> int:
    """Return the last row whose engine time is not after time_ns, 0 for none: by halving.

    Engine time never steps back.
    """
    low, high = 0, reader.last().seq
    query = "SELECT time_ns FROM event WHERE seq = ?"
    while low < high:
        middle = (low + high + 1) // 2
        found = reader.connection.execute(query, (middle,)).fetchone()
        if found is None:
            raise JournalError(f"expected row {middle}, found none: run `hfl journal verify`")
        if int(found[0]) <= time_ns:
            low = middle
        else:
            high = middle - 1
    return low


def scans_at(reader: JournalReader, time_ns: int) -> JournalRow | None:
    """Return the row whose scans hold the last slot at or before a time.

    None when the journal begins later.
    """
    seq = seq_at(reader, time_ns)
    found = newest_before(reader, "ScansCoalesced", seq + 1)
    # A group of scans begins before its row, and a slot of a stream waits for its bars.
    while page := list(reader.rows_of("ScansCoalesced", after_seq=seq, limit=SCANS_AHEAD)):
        for following in page:
            event = following.event
            if not isinstance(event, ev.ScansCoalesced) or event.slot_first_ns > time_ns:
                return found
            found = following
        seq = page[-1].seq
    return found


def input_of(reader: JournalReader, row: JournalRow) -> JournalRow:
    """Return the input that a row of scans came of: itself, or the end of a stream's slot."""
    cause = reader.row(row.cause_seq) if row.cause_seq else None
    return row if cause is None else cause
