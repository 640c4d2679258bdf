"""Opening a journal to read it, and bringing an engine to any point of it. Nothing here writes or needs a daemon."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.errors import DataError, JournalError
from hfl_core.engine.step import Engine
from hfl_core.ports import JournalRow
from hfl_core.runtime.recovery import restore_snapshot
from hfl_core.runtime.replay import Replayer, batches
from hfl_journal.reader import JournalReader

from hfl.hashes import DECIDING, component_hashes
from hfl.home import Home, home_paths
from hfl.plan import Plan, plan_from
from hfl.resume import rows_after
from hfl.shelf import FeedShelf

ACCOUNT_DEFAULT: Final = "main"


def find_home(override: str | None, account: str | None, mode: str = "paper") -> Home:
    """Return the home of the named account, or of the only journal there is. Raises ConfigError or JournalError."""
    paths = home_paths(override)
    if account is None:
        found = sorted(Path(paths.journal).glob(f"{mode}-*.sqlite")) if paths.journal else []
        names = [path.name.removeprefix(f"{mode}-").removesuffix(".sqlite") for path in found]
        if len(names) > 1 and ACCOUNT_DEFAULT not in names:
            raise JournalError(
                f"expected one account, found {', '.join(names)}: choose with --account NAME"
            )
        account = names[0] if len(names) == 1 else ACCOUNT_DEFAULT
    return Home(paths=paths, mode=mode, account=account)


def open_reader(home: Home) -> JournalReader:
    """Open the account's journal read-only. Raises JournalError when there is none."""
    path = home.journal.journal
    if not path.exists():
        raise JournalError(
            f"expected the journal {path}, found none: start the bot with `hfl run` or `hfl demo`, "
            "or name another home with --home DIR"
        )
    return JournalReader.open(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSegment:
    """One run's part of the journal: its RunStarted row and the seq of the next run's, 0 for the last."""

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
    return plan_from(reader.blob(started.plan_blob), search=home.strategy_folders)


def differing(started: ev.RunStarted, plan: Plan) -> tuple[str, ...]:
    """Return the deciding components whose code or content is not what the run recorded."""
    then = dict(started.hashes)
    now = dict(component_hashes(plan.strategies, config_hash=then.get("config", "")))
    return tuple(name for name in DECIDING if then.get(name) != now.get(name))


class Standpoint:
    """An engine that can be brought to any row of one journal, re-deciding from the nearest snapshot before it."""

    def __init__(self, reader: JournalReader, home: Home) -> None:
        self.reader = reader
        self._home = home
        self._segments = runs(reader)
        self._plans: dict[str, Plan] = {}
        self._shelves: dict[str, FeedShelf] = {}
        if not self._segments:
            raise JournalError(
                "expected at least one run in the journal, found none: start the bot"
            )

    def segment_at(self, seq: int) -> RunSegment:
        """Return the run that a row belongs to."""
        inside = [segment for segment in self._segments if segment.row.seq <= seq]
        if not inside:
            raise JournalError(f"expected row {seq} inside a run, found it before the first")
        return inside[-1]

    def plan(self, started: ev.RunStarted) -> Plan:
        """Return a run's plan, built once."""
        if started.plan_blob not in self._plans:
            self._plans[started.plan_blob] = plan_of(self.reader, started, self._home)
        return self._plans[started.plan_blob]

    def shelf(self, started: ev.RunStarted) -> FeedShelf:
        """Return a run's data sets, opened once."""
        if started.plan_blob not in self._shelves:
            self._shelves[started.plan_blob] = FeedShelf(self.plan(started).instruments)
        return self._shelves[started.plan_blob]

    def before(self, row: JournalRow) -> tuple[Engine, ev.DatasetOpened]:
        """Return an engine that stands right before an input row, and the data set open there.

        It is restored from the newest snapshot before the row and re-decides what lies between. Raises JournalError when that does not
        come out as recorded.
        """
        segment = self.segment_at(row.seq)
        plan = self.plan(segment.started)
        engine = plan.engine()
        replayer = Replayer(engine, self.shelf(segment.started).reader)
        start, opened = self._restore(engine, row, segment, replayer)
        for batch in batches(self._between(start, row.seq)):
            for each in batch:
                if isinstance(each.event, ev.DatasetOpened):
                    opened = each.event
            report = replayer.run(batch)
            if report.divergence is not None:
                raise JournalError(
                    f"expected row {report.divergence.seq} to be decided again as recorded, found "
                    f"{report.divergence.kind} differing: run `hfl replay --verify`"
                )
        if opened is None:
            raise DataError("expected an open data set before this row, found none")
        engine.core.anchor = row.prev
        return engine, opened

    def _restore(
        self, engine: Engine, row: JournalRow, segment: RunSegment, replayer: Replayer
    ) -> tuple[int, ev.DatasetOpened | None]:
        """Put the newest usable snapshot into the engine; return the seq behind which to go on."""
        snapshot = self._snapshot_before(row.seq)
        if snapshot is None or snapshot.seq < segment.row.seq and segment.started.changed:
            return 0, None
        assert isinstance(snapshot.event, ev.SnapshotTaken)
        restore_snapshot(engine, snapshot.event, self.reader.blob)
        opened = None
        for dataset in self.reader.rows_of("DatasetOpened"):
            if dataset.seq < snapshot.seq and isinstance(dataset.event, ev.DatasetOpened):
                opened = dataset.event
        if opened is not None:
            replayer.resume(opened)
        return snapshot.seq, opened

    def _snapshot_before(self, seq: int) -> JournalRow | None:
        found = None
        for row in self.reader.rows_of("SnapshotTaken"):
            if row.seq >= seq:
                break
            found = row
        return found

    def _between(self, start: int, end: int) -> Iterator[JournalRow]:
        for row in rows_after(self.reader, start):
            if row.seq >= end:
                return
            yield row

    def slots(
        self, opened: ev.DatasetOpened, segment: RunSegment, scans: ev.ScansCoalesced
    ) -> Iterator[Slot]:
        """Yield the slots of one row of scans."""
        read = self.shelf(segment.started).reader(opened)
        for item in read(scans.cursor_from, scans.cursor_to):
            if not isinstance(item, RefusedRows):
                yield item


def scans_at(reader: JournalReader, time_ns: int) -> JournalRow:
    """Return the row whose scans hold the last slot at or before a time. Raises JournalError when there is none."""
    at_or_before = reader.last_before(time_ns, "ScansCoalesced")
    after = at_or_before.seq if at_or_before is not None else 0
    following = next(reader.rows_of("ScansCoalesced", after_seq=after, limit=1), None)
    if following is not None and isinstance(following.event, ev.ScansCoalesced):
        if following.event.slot_first_ns <= time_ns:
            return following
    if at_or_before is None:
        raise JournalError(
            "expected a scan at or before that time, found none: the journal begins later"
        )
    return at_or_before
