"""The short way to a row of scans: by what was recorded behind a snapshot, not decided again.

A fold of bars and events gives the engine's state (a snapshot is a cache of it) but for two things
that leave no row: timers, which no scan of a data set reads, and the vetoes that are not repeated.
These are followed here. Deciding everything again, as `Standpoint.before` does, costs three times
as much; whoever comes this way decides the row itself and compares it.
"""

from hfl.hashes import DECIDING
from hfl.reading import STRANGE_STATE, RunSegment, Stand, Standpoint, newest_before
from hfl.resume import id_of
from hfl_core.domain import events as ev
from hfl_core.domain.verdicts import Outcome
from hfl_core.engine.core import Core
from hfl_core.engine.step import Engine
from hfl_core.engine.table import IDLE
from hfl_core.ports import JournalRow
from hfl_core.runtime.recovery import Folder, ReaderOf


def stand_before(standpoint: Standpoint, row: JournalRow) -> Stand | None:
    """Return an engine right before a row of a data set's scans.

    None where this way does not lead: a stream, desks that were asked, a state that other code
    wrote.
    """
    opened = standpoint.dataset_before(row.seq)
    if row.cause_seq or not isinstance(opened, ev.DatasetOpened):
        return None
    segment = standpoint.segment_at(row.seq)
    snapshot = newest_before(standpoint.reader, "SnapshotTaken", row.seq)
    start = 0
    try:
        if snapshot is not None and _leads_to(standpoint, snapshot, segment, opened):
            engine, start = standpoint.restored(segment, snapshot), snapshot.seq
        else:
            engine = standpoint.plan(segment.started).engine()
        if engine.core.settings.desks:
            return None
        follower = Follower(engine, standpoint.reader_of(segment.started), opened)
        if start:
            follower.resume(opened)
        for each in standpoint.between(start, row.seq):
            follower.take(each)
    except STRANGE_STATE:
        return None
    engine.core.anchor = row.prev
    return Stand(engine=engine, opened=opened, is_as_recorded=True)


def _leads_to(
    standpoint: Standpoint, snapshot: JournalRow, segment: RunSegment, opened: ev.DatasetOpened
) -> bool:
    """Tell whether a run goes on from a snapshot: its own, or one of the same code and data."""
    taken = standpoint.segment_at(snapshot.seq).started
    if taken.run_id == segment.started.run_id:
        return True
    before = standpoint.dataset_before(snapshot.seq)
    then, now = dict(taken.hashes), dict(segment.started.hashes)
    is_same_code = all(then.get(name) == now.get(name) for name in DECIDING)
    return is_same_code and before is not None and id_of(before) == id_of(opened)


class Follower:
    """Takes the rows behind a snapshot into an engine, vetoes among them."""

    def __init__(self, engine: Engine, reader_of: ReaderOf, opened: ev.DatasetOpened) -> None:
        self._core = engine.core
        self._folder = Folder(engine, reader_of, dataset_id=opened.dataset_id)
        self._folder.on_slot = self._forget_vetoes
        # Decision -> direction, of the signal whose verdict comes next.
        self._directions: dict[int, int] = {}

    def resume(self, opened: ev.DatasetOpened) -> None:
        """Go on behind a snapshot: this data set was open then."""
        self._folder.resume(opened)

    def take(self, row: JournalRow) -> None:
        """Take one row. Raises JournalError when the folded equity is not the recorded one."""
        self._folder.fold_row(row)
        event = row.event
        if isinstance(event, ev.SignalEmitted):
            self._directions = {event.decision: event.direction}
        elif isinstance(event, ev.RiskAssessed) and event.allowed:
            self._core.vetoes.pop(event.symbol, None)
        elif isinstance(event, ev.RiskAssessed) and event.rules:
            refusing = [rule.rule for rule in event.rules if rule.outcome is Outcome.REFUSE]
            direction = self._directions[event.decision]
            self._core.vetoes[event.symbol] = f"{direction}:{','.join(refusing)}"

    def _forget_vetoes(self) -> None:
        """Forget the vetoes of instruments whose strategy wants nothing new in this slot."""
        core = self._core
        if core.vetoes and core.book.state == IDLE:
            for symbol in [each for each in core.vetoes if _is_content(core, each)]:
                del core.vetoes[symbol]


def _is_content(core: Core, symbol: str) -> bool:
    """Tell whether an instrument has a bar in this slot and its strategy no other stance."""
    lane = core.lanes[symbol]
    if lane.bar_ns != core.decider.time_ns or not lane.is_ready:
        return False
    view = lane.view(lane.bar_ns)
    candidate = lane.strategy.scan(view)
    return candidate is None or candidate.direction == view.position
