"""A step decided again with today's code, as `hfl replay --verify` does, from a snapshot on."""

from collections.abc import Callable, Iterator
from typing import Final

from hfl.home import Home
from hfl.reading import STRANGE_STATE, RunSegment, Standpoint, differing, newest_before
from hfl.resume import id_of
from hfl.screen.follow import Followed
from hfl_core.domain import events as ev
from hfl_core.domain.errors import HflError
from hfl_core.ports import JournalRow
from hfl_core.runtime.recovery import Folder, restore_snapshot
from hfl_core.runtime.replay import Divergence, Replayer
from hfl_tui.ports import CANNOT, DIFFERENT, SAME, Redecided

TEXT_MAX: Final = 1_200
# Rows between two looks whether the answer is still wanted.
LOOK_ROWS: Final = 16
UNWANTED: Final = Redecided(mark=CANNOT, sentence="not asked any more")


class _UnwantedError(Exception):
    """Ends a replay whose answer nobody waits for."""


class Again:
    """Decides steps again. For one thread; where steps follow each other, nothing is done twice."""

    def __init__(self, home: Home) -> None:
        self._followed = Followed(home)
        self._replayer: Replayer | None = None
        self._at = 0
        self._key = (0, 0)
        self._last: tuple[int, int, Redecided] | None = None

    def redecide(self, seq: int, is_wanted: Callable[[], bool]) -> Redecided:
        """Decide the step of a row again. Raises JournalError only for a row that is not there."""
        standpoint = self._followed.standpoint(seq)
        row = standpoint.reader.row(seq)
        if row is None:
            return Redecided(mark=CANNOT, sentence=f"row {seq} is not there")
        try:
            return self._redecided(standpoint, row, is_wanted)
        except _UnwantedError:
            self._replayer = None
            return UNWANTED
        except HflError as error:
            self._replayer = None
            return Redecided(mark=CANNOT, sentence=str(error))
        except STRANGE_STATE as error:
            self._replayer = None
            told = f"today's code cannot take the recorded state: {type(error).__name__} {error}"
            return Redecided(mark=CANNOT, sentence=told[:TEXT_MAX])

    def _redecided(
        self, standpoint: Standpoint, row: JournalRow, is_wanted: Callable[[], bool]
    ) -> Redecided:
        head = standpoint.reader.row(row.cause_seq) if row.cause_seq else row
        assert head is not None
        generation, last = self._followed.generation, self._last
        if last is not None and last[:2] == (generation, head.seq):
            return last[2]
        segment = standpoint.segment_at(head.seq)
        strange = differing(segment.started, standpoint.plan(segment.started))
        batch = next(standpoint.batches_between(head.seq - 1, standpoint.reader.last().seq + 1))
        replayer, start = self._near(standpoint, segment, head.seq)
        earlier = replayer.run(_watched(standpoint.between(start, head.seq), is_wanted)).divergence
        if earlier is not None:
            self._replayer = None
            alone = _alone(standpoint, segment, batch)
            told = _earlier(earlier, alone, strange)
            self._last = (generation, head.seq, told)
            return told
        found = replayer.run(iter(batch)).divergence
        self._replayer, self._at = (replayer, batch[-1].seq) if found is None else (None, 0)
        self._key = (generation, segment.row.seq)
        told = _told(found, batch, strange)
        self._last = (generation, head.seq, told)
        return told

    def _near(self, standpoint: Standpoint, segment: RunSegment, seq: int) -> tuple[Replayer, int]:
        """Return a replayer in front of a row and behind which row it stands."""
        snapshot = newest_before(standpoint.reader, "SnapshotTaken", seq)
        is_own = self._key == (self._followed.generation, segment.row.seq)
        is_behind = snapshot is not None and snapshot.seq > self._at
        if self._replayer is not None and is_own and self._at < seq and not is_behind:
            return self._replayer, self._at
        return standpoint.replayer_near(segment, seq)


def _watched(rows: Iterator[JournalRow], is_wanted: Callable[[], bool]) -> Iterator[JournalRow]:
    for number, row in enumerate(rows):
        if number % LOOK_ROWS == 0 and not is_wanted():
            raise _UnwantedError
        yield row


def _alone(
    standpoint: Standpoint, segment: RunSegment, batch: list[JournalRow]
) -> Divergence | None:
    """Decide one step from the recorded state in front of it. Raises what a strange state does."""
    head = batch[0]
    engine = standpoint.plan(segment.started).engine()
    opened = standpoint.dataset_before(head.seq)
    folder = Folder(
        engine,
        standpoint.reader_of(segment.started),
        dataset_id="" if opened is None else id_of(opened),
    )
    snapshot = newest_before(standpoint.reader, "SnapshotTaken", head.seq)
    start = 0
    if snapshot is not None and snapshot.seq > segment.row.seq:
        assert isinstance(snapshot.event, ev.SnapshotTaken)
        restore_snapshot(engine, snapshot.event, standpoint.reader.blob)
        before = standpoint.dataset_before(snapshot.seq)
        if isinstance(before, ev.DatasetOpened):
            folder.resume(before)
        start = snapshot.seq
    folder.fold(standpoint.between(start, head.seq))
    replayer = Replayer(engine, standpoint.reader_of(segment.started))
    if isinstance(opened, ev.DatasetOpened):
        replayer.resume(opened)
    return replayer.run(iter(batch)).divergence


# --- words ----------------------------------------------------------------------------------------


def _told(found: Divergence | None, batch: list[JournalRow], strange: tuple[str, ...]) -> Redecided:
    if found is not None:
        return Redecided(
            mark=DIFFERENT,
            sentence=f"first difference at row {found.seq:,} {found.kind}{_other(strange)}",
            rows=_rows(found),
        )
    scores = [row.event.blended for row in batch if isinstance(row.event, ev.SignalEmitted)]
    score = "".join(f", score {float(text):.2f}" for text in scores[:1])
    count = len(batch)
    rows = "row" if count == 1 else "rows"
    told = f"{count} of {count} {rows} of this step as recorded"
    return Redecided(mark=SAME, sentence=f"{told}{score}{_other(strange)}")


def _earlier(found: Divergence, alone: Divergence | None, strange: tuple[str, ...]) -> Redecided:
    """Tell a difference in front of the step, and what becomes of the step by itself."""
    where = f"row {found.seq:,} {found.kind}"
    if alone is None:
        step = "this step by itself, from the recorded state, comes out as recorded"
        sentence = f"first at {where}, before this step; the step itself is the same"
        rows: tuple[str, ...] = (*_rows(found), step)
    else:
        sentence = f"first at {where}, before this step; the step itself differs, too"
        rows = (*_rows(found), "this step by itself, from the recorded state:", *_rows(alone))
    return Redecided(mark=DIFFERENT, sentence=sentence + _other(strange), rows=rows)


def _rows(found: Divergence) -> tuple[str, ...]:
    return (
        f"first difference: row {found.seq:,} {found.kind}",
        f"recorded {found.recorded[:TEXT_MAX]}",
        f"replayed {found.replayed[:TEXT_MAX]}",
    )


def _other(strange: tuple[str, ...]) -> str:
    return f" (recorded by other code: {', '.join(strange)})" if strange else ""
