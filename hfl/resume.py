"""From a journal on disk to a running engine's state.

Verify, restore the newest snapshot, fold the rest.
"""

from collections.abc import Iterator

from hfl.hashes import DECIDING
from hfl_core.domain import events as ev
from hfl_core.domain.errors import DataError
from hfl_core.domain.values import Record
from hfl_core.engine.step import Engine
from hfl_core.ports import JournalRow
from hfl_core.runtime.recovery import Folder, ReaderOf, restore_snapshot
from hfl_journal.reader import JournalReader

Hashes = tuple[tuple[str, str], ...]
Opened = ev.DatasetOpened | ev.StreamOpened


class Past(Record, frozen=True, kw_only=True):
    """What the journal says of itself before anything is folded."""

    last_run: ev.RunStarted | None
    last_opened: Opened | None
    snapshot: JournalRow | None


def look_back(reader: JournalReader) -> Past:
    """Return the newest run, snapshot, and data set or stream."""
    run = _newest(reader, "RunStarted")
    snapshot = _newest(reader, "SnapshotTaken")
    return Past(
        last_run=run.event if run is not None and isinstance(run.event, ev.RunStarted) else None,
        last_opened=opened_before(reader, (1 << 63) - 1),
        snapshot=snapshot,
    )


def rows_after(reader: JournalReader, seq: int) -> Iterator[JournalRow]:
    """Yield every row behind seq, page by page."""
    while page := reader.rows(seq):
        yield from page
        seq = page[-1].seq


def fold_back(
    engine: Engine,
    reader: JournalReader,
    past: Past,
    *,
    dataset_id: str,
    hashes: Hashes,
    reader_of: ReaderOf,
) -> None:
    """Bring an engine to the journal's last row.

    A snapshot is used when it was taken by the same configuration over the same data set; otherwise
    everything is folded from the first row. Raises JournalError or DataError when the fold does not
    hold.
    """
    folder = Folder(engine, reader_of, dataset_id=dataset_id)
    start = 0
    snapshot = past.snapshot
    if snapshot is not None and isinstance(snapshot.event, ev.SnapshotTaken):
        opened = opened_before(reader, snapshot.seq)
        if opened is not None and id_of(opened) == dataset_id and _fits(reader, snapshot, hashes):
            restore_snapshot(engine, snapshot.event, reader.blob)
            if isinstance(opened, ev.DatasetOpened):
                folder.resume(opened)
            start = snapshot.seq
    folder.fold(rows_after(reader, start))


def _fits(reader: JournalReader, snapshot: JournalRow, hashes: Hashes) -> bool:
    """Tell whether a snapshot was taken by the same deciding code and configuration as today's."""
    run = None
    for started in reader.rows_of("RunStarted"):
        if started.seq > snapshot.seq:
            break
        run = started.event
    if not isinstance(run, ev.RunStarted):
        return False
    then, now = dict(run.hashes), dict(hashes)
    return all(then.get(name) == now.get(name) for name in DECIDING)


def _newest(reader: JournalReader, kind: str) -> JournalRow | None:
    return reader.last_before((1 << 63) - 1, kind)


def opened_before(reader: JournalReader, seq: int) -> Opened | None:
    """Return the data set or stream that was open right before a row."""
    query = "SELECT max(seq) FROM event_ref WHERE ref IN (?, ?) AND seq < ?"
    (found,) = reader.connection.execute(query, ("@DatasetOpened", "@StreamOpened", seq)).fetchone()
    row = None if found is None else reader.row(int(found))
    return row.event if row is not None and isinstance(row.event, Opened) else None


def id_of(opened: Opened) -> str:
    """Return the id that scans carry."""
    return opened.stream_id if isinstance(opened, ev.StreamOpened) else opened.dataset_id


def check_same_past(book_time_ns: int, opened: ev.DatasetOpened, held: list[str]) -> None:
    """Refuse a data set that lies before what was traded already, or lacks a held instrument.

    Raises DataError with one sentence.
    """
    missing = [symbol for symbol in held if symbol not in opened.symbols]
    if missing:
        raise DataError(
            f"expected data of {', '.join(missing)} because a position is open, found only "
            f"{', '.join(opened.symbols)}: add it, or close the position with `hfl close-all` first"
        )
    if opened.first_ns < book_time_ns:
        raise DataError(
            "expected data that begins after what this account has traded already, found an "
            "earlier start: use another account (--account NAME) or another home (--home DIR)"
        )
