"""One run over a stream, on the engine's thread: bars come one by one, when they come.

Time is the stream's. Whatever is due first happens first: a deadline of the engine, a move of the
market, a bar that reaches us. A slot's scan waits for nobody here; the engine's own deadline ends
it. As fast as possible means that time jumps to what is due next, so a simulated stream gives the
same run every time.

The venue sees the market, not what reached us: a bar that is late, lost or refused here has
happened there all the same, before anything that came of it. Its clock does not run on while a slot
waits for its bars: what is decided on a slot takes part in the next bar from its open on, however
late the slot was complete.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hfl_core.domain.errors import BrokerError
from hfl_core.engine.core import NEVER_NS, SCAN_TIMER
from hfl_core.engine.gathering import event_of
from hfl_core.ports import Arrival, Clock, KnownBar, LiveFeed, MarketMove
from hfl_core.runtime.conductor import IDLE_SERVE_S, Conductor, Market, SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import Runner

ITEMS_PER_TICK: Final = 64


class LiveSession(Conductor):
    """Drives one runner over a stream. known: the newest journaled bars by symbol."""

    def __init__(
        self,
        settings: SessionSettings,
        *,
        runner: Runner,
        performer: Performer,
        inbox: Inbox,
        market: Market,
        feed: LiveFeed,
        clock: Clock,
        known: Mapping[str, Sequence[KnownBar]],
    ) -> None:
        super().__init__(
            settings,
            runner=runner,
            performer=performer,
            inbox=inbox,
            market=market,
            clock=clock,
        )
        self.stream = feed
        self._known = known
        self._scans_before = runner.engine.core.book.scans
        self._items_taken = 0

    def run(self, cursor: int) -> str:
        """Go through the stream from a cursor on; return why the run ended."""
        self.open_stream(cursor)
        while self.advance():
            pass
        if not self.performer.end_reason and not self._is_enough():
            self._at_end_of_data()
            self.scans = self._core.book.scans - self._scans_before
        self.performer.end_reason = self.performer.end_reason or "end_of_data"
        return self._end()

    def open_stream(self, cursor: int) -> None:
        """Tell the journal which stream this is, and begin behind what it holds."""
        opened = self.stream.opened(cursor)
        self.stream.begin(cursor, self._known, self.inbox.wake)
        start_ns = self._core.time_ns or self.stream.next_ns() or self.clock.wall_ns()
        self.runner.submit(opened, time_ns=start_ns, actor="feed", must_commit=True)
        self._settle()

    def advance(self) -> bool:
        """Let happen what is due next; False at the end of the stream or of the run."""
        next_ns = self.stream.next_ns()
        if next_ns is None and self.stream.is_over:
            return False
        due_ns = min(self._core.next_due_ns(), NEVER_NS if next_ns is None else next_ns)
        self._wait_for(due_ns)
        # What was served meanwhile may have set an earlier deadline, or brought an earlier bar.
        next_ns = self.stream.next_ns()
        timer_ns = self._core.next_due_ns()
        if self._is_ending():
            return False
        if min(timer_ns, NEVER_NS if next_ns is None else next_ns) > due_ns:
            return True
        if next_ns is None or timer_ns <= next_ns:
            self._fire_until(timer_ns)
            self._after_input()
        else:
            self._hold(next_ns)
            if not self._is_ending():
                self._take_item()
        return not self._is_ending() and not self._is_enough()

    def _is_ending(self) -> bool:
        return bool(self.performer.end_reason)

    def _is_enough(self) -> bool:
        return bool(self.settings.scans_max) and self.scans >= self.settings.scans_max

    def _take_item(self) -> None:
        """Take one item; a market that fails while somebody waits for the end fails nothing."""
        try:
            self.take_item(self.stream.take())
        except BrokerError:
            self._settle()
            if not self.performer.end_reason:
                raise

    def take_item(self, item: Arrival | MarketMove) -> None:
        """Let the market move, or take in what reached us of it."""
        if isinstance(item, MarketMove):
            self._move_market(item.slot)
            return
        if item.refused is not None:
            self.runner.refuse(item.refused, time_ns=item.at_ns)
        elif item.bar is not None:
            event = event_of(
                item.bar,
                self.stream.instruments[item.bar.index],
                source=self.stream.source,
                open_ns=item.open_ns,
                close_ns=item.close_ns,
                cursor=item.cursor,
            )
            time_ns = max(self._core.time_ns, item.at_ns)
            self.runner.submit(event, time_ns=time_ns, actor="feed")
        self._after_input()

    def _after_input(self) -> None:
        """Settle what the input led to, look at the account when a scan is over, and commit."""
        if self.inbox.outstanding or not self.inbox.is_empty:
            self._settle()
        scans = self._core.book.scans - self._scans_before
        if scans != self.scans:
            self.scans = scans
            self._after_scan()
        self.runner.rest()
        self._items_taken += 1
        if self.on_tick is not None and not self._items_taken % ITEMS_PER_TICK:
            self.on_tick()

    # --- time -------------------------------------------------------------------------------------

    def _tell_time(self, now_ns: int) -> None:
        """Leave the venue's clock where it is while a slot waits for its bars."""
        if self._core.timers[0][1] != SCAN_TIMER:
            super()._tell_time(now_ns)

    def _wait_for(self, time_ns: int) -> None:
        """Pace: serve the inbox until the wall has reached what is due, or something came."""
        speed = self.settings.speed
        if not speed:
            if not self.inbox.is_empty:
                self._settle()
            if time_ns == NEVER_NS:
                self._serve(IDLE_SERVE_S)
            return
        if not self._base_wall_ns:
            start_ns = time_ns if time_ns != NEVER_NS else self.clock.wall_ns()
            self._base_time_ns, self._base_wall_ns = start_ns, self.clock.monotonic_ns()
        before_ns = self.stream.next_ns()
        while not self.performer.end_reason:
            target_ns = self._base_wall_ns + int((time_ns - self._base_time_ns) / speed)
            left_ns = target_ns - self.clock.monotonic_ns()
            if left_ns <= 0:
                return
            self._serve(min(left_ns / 1e9, IDLE_SERVE_S))
            if self.stream.next_ns() != before_ns or self._core.next_due_ns() < time_ns:
                return
