"""Recovery: from rows back to the engine's state, by the same two folds that live uses.

Every start is a recovery.

Bars, from the data set or from their own rows, are folded into the decider, events into the book,
in the order of the rows; nothing is decided
again, so a new version of strategies or rules can take an old journal over. `recover(recover(x)) ==
recover(x)` because it only reads.
"""

import json
from collections.abc import Callable, Iterable, Iterator

from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.errors import DataError, JournalError
from hfl_core.domain.money import money_from_units
from hfl_core.engine.step import Engine
from hfl_core.ports import JournalRow

# dataset -> (cursor from, cursor to) -> what the feed yields there
SlotReader = Callable[[int, int], Iterator[Slot | RefusedRows]]
ReaderOf = Callable[[ev.DatasetOpened], SlotReader]
BlobOf = Callable[[str], bytes]


class Folder:
    """Folds rows into an engine without deciding anything.

    dataset_id: the data set whose instruments the engine's lanes are; of any other only equity and
    anchors are taken over. on_slot: called behind every slot of a data set that was folded in.
    """

    def __init__(self, engine: Engine, reader_of: ReaderOf, *, dataset_id: str = "") -> None:
        self._engine = engine
        self._dataset_id = dataset_id
        self._reader_of = reader_of
        self._reader: SlotReader | None = None
        self.on_slot: Callable[[], None] = _nothing
        self.seq = 0

    def resume(self, opened: ev.DatasetOpened) -> None:
        """Go on behind a snapshot: this data set was open then."""
        self._reader = self._reader_of(opened)

    def fold(self, rows: Iterable[JournalRow]) -> None:
        """Fold rows in order.

        Raises JournalError when the folded equity differs from the recorded one.
        """
        for row in rows:
            self.fold_row(row)

    def fold_row(self, row: JournalRow) -> None:
        """Fold one row in."""
        core = self._engine.core
        event = row.event
        if isinstance(event, ev.DatasetOpened):
            self._reader = self._reader_of(event)
        elif isinstance(event, ev.ScansCoalesced):
            if self._dataset_id not in {"", event.dataset_id}:
                core.decider.adopt(event)
            elif row.cause_seq == 0:
                for slot in slots_between(self._reader, event):
                    self._engine.fold_slot(slot)
                    self.on_slot()
        elif isinstance(event, ev.RunStarted):
            core.timers.clear()
            core.vetoes.clear()
            core.awaited.clear()
        core.time_ns = max(core.time_ns, row.time_ns)
        if isinstance(event, ev.BarClosed) and self._dataset_id not in {"", core.book.dataset_id}:
            core.book.apply(event, row.time_ns)  # another stream's: only that it was taken matters
        else:
            core.fold_event(event, row.time_ns)
        if isinstance(event, ev.ScansCoalesced):
            self._check_equity(event, row.seq)
        self.seq = row.seq

    def _check_equity(self, event: ev.ScansCoalesced, seq: int) -> None:
        equity = money_from_units(self._engine.core.decider.equity)
        if equity != event.equity:
            raise JournalError(
                f"row {seq}: expected the recorded equity {event.equity}, found {equity} by the "
                "fold: the data set or the journal is not what it was"
            )


def _nothing() -> None:
    """Do what a fold without an onlooker does behind a slot."""


def slots_between(reader: SlotReader | None, event: ev.ScansCoalesced) -> Iterator[Slot]:
    """Read a group's slots again. Raises DataError when the data set cannot give them."""
    if reader is None:
        raise DataError(f"expected data set {event.dataset_id} to be opened before its scans")
    count = 0
    for item in reader(event.cursor_from, event.cursor_to):
        if isinstance(item, RefusedRows):
            continue
        count += 1
        yield item
    if count != event.scans:
        raise DataError(
            f"expected {event.scans} scans between rows {event.cursor_from} and "
            f"{event.cursor_to} of data set {event.dataset_id}, found {count}: the data set changed"
        )


def state_bytes(engine: Engine) -> bytes:
    """Return the engine's state as canonical JSON bytes; equal states give equal bytes."""
    return json.dumps(engine.state(), sort_keys=True, separators=(",", ":")).encode()


def restore_snapshot(engine: Engine, event: ev.SnapshotTaken, blob_of: BlobOf) -> None:
    """Put a snapshot's state into an engine."""
    engine.restore(json.loads(blob_of(event.blob)))
