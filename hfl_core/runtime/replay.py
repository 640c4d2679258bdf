"""Replay: re-decide the recorded inputs and name the first event that comes out differently.

L0 folds the rows; L1 re-decides them. Both read the journal only. A row whose `cause_seq` is 0 is
an input; the rows after it that name it as their cause are what the engine made of it then, and
must be what it makes of it now.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows
from hfl_core.domain.values import Record
from hfl_core.engine.step import Engine
from hfl_core.ports import JournalRow
from hfl_core.runtime.recovery import ReaderOf, SlotReader, slots_between, state_bytes


class Divergence(Record, frozen=True, kw_only=True):
    """The first row that replay does not reproduce."""

    seq: int
    kind: str
    recorded: str
    replayed: str


@dataclass(slots=True, kw_only=True)
class ReplayReport:
    """What a replay went through and whether all of it came out the same."""

    rows: int = 0
    inputs: int = 0
    scans: int = 0
    decisions: int = 0
    outcomes: int = 0
    snapshots: int = 0
    divergence: Divergence | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_equal(self) -> bool:
        """Tell whether every event was reproduced."""
        return self.divergence is None


class DivergedError(Exception):
    """Carries the first difference out of the replay loop."""

    def __init__(self, divergence: Divergence) -> None:
        super().__init__(divergence.kind)
        self.divergence = divergence


class Replayer:
    """Re-decides rows with an engine that starts where they start."""

    def __init__(self, engine: Engine, reader_of: ReaderOf) -> None:
        self.engine = engine
        self.report = ReplayReport()
        self._reader_of = reader_of
        self._reader: SlotReader | None = None

    def resume(self, opened: ev.DatasetOpened) -> None:
        """Go on behind a snapshot: this data set was open then."""
        self._reader = self._reader_of(opened)

    def run(self, rows: Iterable[JournalRow]) -> ReplayReport:
        """Replay until the end or the first difference."""
        try:
            for batch in batches(rows):
                self._replay(batch)
        except DivergedError as diverged:
            self.report.divergence = diverged.divergence
        return self.report

    def _replay(self, batch: list[JournalRow]) -> None:
        head, expected = batch[0], batch[1:]
        event = head.event
        report = self.report
        report.rows += len(batch)
        report.inputs += 1
        self.engine.core.anchor = head.prev
        if isinstance(event, ev.SnapshotTaken):
            self._check_snapshot(head, event)
            return
        if isinstance(event, ev.ScansCoalesced):
            found = self._scan(head, event)
        else:
            if isinstance(event, ev.DatasetOpened):
                self._reader = self._reader_of(event)
            elif isinstance(event, ev.StreamOpened):
                self._reader = None
            elif isinstance(event, ev.BarsRejected):
                self._check_refused(head, event)
            found = self.engine.step(event, head.time_ns).events
            for outcome in found:
                if isinstance(outcome, ev.ScansCoalesced):
                    self._count(outcome)
        self._compare(head, expected, found)

    def _scan(self, row: JournalRow, event: ev.ScansCoalesced) -> list[ev.Event]:
        engine = self.engine
        found: list[ev.Event] = []
        for slot in slots_between(self._reader, event):
            if found:
                raise DivergedError(_difference(row, "a quiet scan", found[0]))
            result = engine.scan(slot)
            if result is not None:
                found = result.events
        group = engine.close_group()
        if group != event:
            raise DivergedError(_difference(row, event, group))
        self._count(event)
        return found

    def _count(self, event: ev.ScansCoalesced) -> None:
        self.report.scans += event.scans
        for code, number in event.counts:
            self.report.counts[code] = self.report.counts.get(code, 0) + number
            self.report.decisions += number

    def _compare(self, head: JournalRow, expected: list[JournalRow], found: list[ev.Event]) -> None:
        for row, outcome in zip(expected, found, strict=False):
            if row.event != outcome:
                raise DivergedError(_difference(row, row.event, outcome))
        if len(found) > len(expected):
            raise DivergedError(_difference(head, "no further event", found[len(expected)]))
        if len(expected) > len(found):
            row = expected[len(found)]
            raise DivergedError(_difference(row, row.event, "no event"))
        self.report.outcomes += len(found)

    def _check_snapshot(self, row: JournalRow, event: ev.SnapshotTaken) -> None:
        """Compare the state itself, bit for bit."""
        self.report.snapshots += 1
        now = hashlib.sha256(state_bytes(self.engine)).hexdigest()
        if now != event.blob:
            raise DivergedError(_difference(row, f"state {event.blob}", f"state {now}"))

    def _check_refused(self, row: JournalRow, event: ev.BarsRejected) -> None:
        if self._reader is None:
            return
        for item in self._reader(event.first_row, event.last_row + 1):
            if isinstance(item, RefusedRows) and item.first_row == event.first_row:
                if item.count == event.count and item.symbol == event.symbol:
                    return
                raise DivergedError(_difference(row, event, item))


def batches(rows: Iterable[JournalRow]) -> Iterator[list[JournalRow]]:
    """Group rows into an input and what it caused."""
    batch: list[JournalRow] = []
    for row in rows:
        if row.cause_seq == 0:
            if batch:
                yield batch
            batch = [row]
        else:
            batch.append(row)
    if batch:
        yield batch


def _difference(row: JournalRow, recorded: object, replayed: object) -> Divergence:
    return Divergence(seq=row.seq, kind=row.kind, recorded=str(recorded), replayed=str(replayed))
