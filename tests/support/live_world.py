"""A world whose bars come one by one: the same plan, laws and crashes over a stream."""

from pathlib import Path

from hfl_core.domain import events as ev
from hfl_core.ports import MarketMove
from hfl_core.runtime.conductor import Conductor, SessionSettings
from hfl_core.runtime.live import LiveSession
from tests.support.plan import Plan
from tests.support.shadow import Shadow
from tests.support.streams import Delays, ListStream
from tests.support.world import World


class LiveShadow(Shadow):
    """Marks come from the bars' own rows: at the scan of their slot, or at once when late."""

    def __init__(self, feed: object) -> None:
        super().__init__(feed)  # type: ignore[arg-type]  # a list feed
        self.waiting: list[ev.BarClosed] = []
        self.last: ev.BarClosed | None = None
        self.bars: dict[tuple[str, int], int] = {}

    def apply(self, event: ev.Event, time_ns: int) -> None:
        """Take one event in."""
        if isinstance(event, ev.BarClosed):
            self.waiting.append(event)
            key = (event.symbol, event.close_ns)
            self.bars[key] = self.bars.get(key, 0) + 1
            self.last = event
        elif isinstance(event, ev.BarMissedScan):
            assert self.last is not None
            self._mark(self.last)
        super().apply(event, time_ns)

    def take_marks(self, event: ev.ScansCoalesced) -> None:
        """Take the closes of the slot's bars as marks."""
        for bar in [each for each in self.waiting if each.close_ns == event.slot_last_ns]:
            self._mark(bar)

    def _mark(self, bar: ev.BarClosed) -> None:
        self.waiting.remove(bar)
        self.marks[bar.symbol] = bar.close


class LiveWorld(World):
    """See the module. delays: when each bar of the plan's feed comes."""

    is_live = True

    def __init__(self, plan: Plan, directory: Path, delays: Delays) -> None:
        self.stream = ListStream(plan.feed, delays)
        super().__init__(plan, directory)

    def _new_session(self) -> Conductor:
        return LiveSession(
            SessionSettings(timeframe_ns=self.feed.timeframe_ns),
            runner=self.runner,
            performer=self.performer,
            inbox=self.inbox,
            market=self.venue,
            feed=self.stream,
            clock=self.clock,
            known={},
        )

    def _new_shadow(self) -> Shadow:
        return LiveShadow(self.feed)

    def _open_data(self) -> None:
        assert isinstance(self.session, LiveSession)
        self.session.open_stream(self.core.book.cursor)

    def advance(self) -> bool:
        """Let what is due next happen; False at the end of the stream."""
        if not self.is_up:
            self.boot()
        assert isinstance(self.session, LiveSession)
        if self.stream.is_over:
            return False
        self.clock.now_ns = max(self.clock.now_ns, self.core.time_ns)
        item = self.stream._items[-1]
        is_move = isinstance(item, MarketMove) and item.at_ns < self.core.next_due_ns()
        if is_move:
            self._before_slot(item.slot)  # type: ignore[union-attr]  # a move has one
        if not self.performer.end_reason:
            self.session.advance()
            if is_move:
                self.seen["slot"] += 1
        self._after_item()
        return True
