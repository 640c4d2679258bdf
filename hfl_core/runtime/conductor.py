"""What every session is made of: start, serve the inbox, pace, move market and timers, end.

Slots, timers, commands and the venue's answers become inputs here, in time order, on the engine's
thread. What the venue reports from beyond the engine's time (after a crash it may be ahead) waits
until the engine is there.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.effects import PollVenue, Reconcile
from hfl_core.domain.orders import Purpose
from hfl_core.engine.book import CLOSE_ALL
from hfl_core.engine.core import NEVER_NS
from hfl_core.engine.ordering import RECOVERING
from hfl_core.engine.table import HALTED
from hfl_core.ports import Clock
from hfl_core.runtime.ahead import as_of, cancel_as_of
from hfl_core.runtime.inbox import Inbox, Letter
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import Runner

SERVE_S: Final = 0.01
END_GRACE_NS: Final = 900 * 1_000_000_000
STOP_WAIT_NS: Final = 1_500_000_000
IDLE_SERVE_S: Final = 0.25
RECONCILE_RETRY_NS: Final = 5_000_000_000


class MarketState(Protocol):
    """What the venue's market side answers: its clock and the cursor of its newest event."""

    @property
    def events_pending(self) -> int: ...


class Market(Protocol):
    """The venue's market side: whoever brings the bars tells it, too."""

    def connect(self) -> MarketState: ...
    def publish_open(self, slot: Slot, open_ns: int) -> MarketState: ...
    def publish_slot(self, slot: Slot, open_ns: int) -> MarketState: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """How a session is paced and when it ends.

    timeframe_ns: length of a bar; speed: engine seconds a wall second, 0 for as fast as possible;
    is_until_end: end with the data; answer_wait_s: how long the wall may pass without an answer
    before the outside is given up for this slot; holds_while_halted: take nothing of the feed while
    halted, because a human will come and resume.
    """

    timeframe_ns: int
    speed: float = 0.0
    is_until_end: bool = True
    answer_wait_s: float = 30.0
    scans_max: int = 0
    holds_while_halted: bool = False


class Conductor(ABC):
    """What every session does: start, serve the inbox, move market and timers, end.

    Everything here happens on one thread.
    """

    def __init__(
        self,
        settings: SessionSettings,
        *,
        runner: Runner,
        performer: Performer,
        inbox: Inbox,
        market: Market,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self.runner = runner
        self.performer = performer
        self.inbox = inbox
        self.market = market
        self.clock = clock
        self.on_tick: Callable[[], None] | None = None
        self.scans = 0
        self._core = runner.engine.core
        self._held: deque[Letter] = deque()
        self._seen_cursor = 0
        self._asked_cursor = 0
        self._horizon_ns = 0
        # A slot's bars, and the fills in them, are known at its close: nothing after it is earlier.
        self._known_ns = 0
        self._since_reconcile = 0
        self._day_end_ns = 0
        self._base_wall_ns = 0
        self._base_time_ns = 0
        runner.perform = performer.perform

    # --- the run ----------------------------------------------------------------------------------

    def start(
        self, started: ev.RunStarted, found: Sequence[ev.LatchFound | ev.ExternalActed]
    ) -> None:
        """Begin: the machine is in halted(recovering) until the venue is reconciled.

        found: what happened without us; it is known before the venue's report is read.
        """
        core = self._core
        self._horizon_ns = core.time_ns
        self._day_end_ns = core.decider.period_ends[0]
        state = self.market.connect()
        self._asked_cursor = state.events_pending
        self._seen_cursor = core.book.fill_cursor
        self.runner.submit(started, time_ns=core.time_ns, actor="runtime", must_commit=True)
        for event in found:
            actor = "latch file" if isinstance(event, ev.LatchFound) else event.actor
            self.runner.submit(event, time_ns=core.time_ns, actor=actor, must_commit=True)
        self._settle()

    @abstractmethod
    def run(self, cursor: int) -> str:
        """Go through everything behind a cursor; return why the run ended."""

    def _move_market(self, slot: Slot) -> None:
        """Let a slot happen at the venue, and take in what it did to our orders."""
        core = self._core
        time_ns = slot[0]
        open_ns = time_ns - self.settings.timeframe_ns
        if core.book.live:
            self._take_open(slot, open_ns)
        self._horizon_ns = time_ns
        if core.timers and core.timers[0][0] <= time_ns:
            self._fire_until(time_ns)
        state = self.market.publish_slot(slot, open_ns)
        self._known_ns = time_ns
        if state.events_pending > self._seen_cursor:
            self._poll(state.events_pending)
        if self._held:
            self._release()

    def _after_scan(self) -> None:
        inbox = self.inbox
        if inbox.outstanding or not inbox.is_empty:
            self._settle()
        if self._core.settings.reconcile_scans:
            self._reconcile_if_due()

    def _take_open(self, slot: Slot, open_ns: int) -> None:
        """Let the opens of a slot happen alone when an order waits for them.

        So the engine hears of what filled there while the bar is still ahead, and an entry's
        protective stop is live in its first bar. A protective stop alone waits for nothing: nobody
        would answer its fill before the close.
        """
        core = self._core
        self._horizon_ns = max(self._horizon_ns, open_ns)
        if core.timers and core.timers[0][0] <= open_ns:
            self._fire_until(open_ns)
        if all(order.purpose is Purpose.PROTECTION for order in core.book.live.values()):
            return
        state = self.market.publish_open(slot, open_ns)
        self._known_ns = max(self._known_ns, open_ns)
        if state.events_pending > self._seen_cursor:
            self._poll(state.events_pending)
        if self._held:
            self._release()

    def _reconcile_if_due(self) -> None:
        """Look at the account every so many scans while something is ours there, else once a day.

        A stranger's position must not wait for the day we trade again.
        """
        core = self._core
        if core.book.live or core.book.positions:
            self._since_reconcile += 1
        is_new_day = core.decider.period_ends[0] != self._day_end_ns
        if is_new_day or self._since_reconcile >= core.settings.reconcile_scans:
            self.reconcile()

    def reconcile(self) -> None:
        """Ask the venue for the whole account, and take in what it says before anything else."""
        self._since_reconcile = 0
        self._day_end_ns = self._core.decider.period_ends[0]
        self.performer.perform(Reconcile(cursor=self._seen_cursor))
        self._settle()

    def _at_end_of_data(self) -> None:
        """Let timers that are still out run on, then end or wait for a human."""
        self._horizon_ns = NEVER_NS
        self._release()
        limit_ns = self._core.time_ns + END_GRACE_NS
        while self._core.next_due_ns() <= limit_ns and not self.performer.end_reason:
            self._fire_until(self._core.next_due_ns())
        self.runner.flush()
        while not self.settings.is_until_end and not self.performer.end_reason:
            self._serve(IDLE_SERVE_S)
        if not self.performer.end_reason:
            self.performer.end_reason = "end_of_data"

    def _end(self) -> str:
        """End in order: cancels get their time, then the last row."""
        deadline_ns = self.clock.monotonic_ns() + STOP_WAIT_NS
        while self.inbox.outstanding and self.clock.monotonic_ns() < deadline_ns:
            self._serve(SERVE_S)
        self.runner.flush()
        reason = self.performer.end_reason
        self.runner.submit(
            ev.RunEnded(reason=reason),
            time_ns=self._core.time_ns,
            actor="runtime",
            must_commit=True,
        )
        self.runner.flush()
        return reason

    # --- time -------------------------------------------------------------------------------------

    def _fire_until(self, limit_ns: int) -> None:
        """Step every timer that is due by then, each followed by what it led to."""
        core = self._core
        while core.timers and core.timers[0][0] <= limit_ns and not self.performer.end_reason:
            due_ns = core.timers[0][0]
            self._tell_time(due_ns)
            self.runner.submit(ev.TimePassed(due_ns=due_ns), time_ns=due_ns, actor="timer")
            self._settle()

    def _tell_time(self, now_ns: int) -> None:
        """Take the venue's clock along, or an order sent now would fill at an open that is past."""
        self.market.publish_slot(Slot(now_ns, (), self._core.book.cursor), now_ns)

    def _wait_for(self, time_ns: int) -> None:
        """Pace: serve the inbox until the wall has reached a slot's turn."""
        if self.on_tick is not None and not self.scans % 64:
            self.on_tick()
        speed = self.settings.speed
        if not speed:
            if not self.inbox.is_empty:
                self._settle()
            return
        if not self._base_time_ns:
            self._base_time_ns, self._base_wall_ns = time_ns, self.clock.monotonic_ns()
        target_ns = self._base_wall_ns + int((time_ns - self._base_time_ns) / speed)
        while not self.performer.end_reason:
            left_ns = target_ns - self.clock.monotonic_ns()
            if left_ns <= 0:
                return
            self._serve(min(left_ns / 1e9, IDLE_SERVE_S))

    def _hold(self, time_ns: int) -> None:
        """While halted, take nothing of the feed.

        Its time runs with the wall's, at most up to the next slot.
        """
        if not self._must_hold():
            return
        start_ns, began_ns = self._core.time_ns, self.clock.monotonic_ns()
        asked_ns = began_ns
        while self._must_hold() and not self.performer.end_reason:
            self._serve(IDLE_SERVE_S)
            now_ns = self.clock.monotonic_ns()
            self._fire_until(min(time_ns, start_ns + now_ns - began_ns))
            is_recovering = self._core.book.halt_reason == RECOVERING
            if is_recovering and now_ns - asked_ns > RECONCILE_RETRY_NS:
                asked_ns = now_ns
                self.performer.perform(Reconcile(cursor=self._seen_cursor))
        self._base_wall_ns += self.clock.monotonic_ns() - began_ns

    def _must_hold(self) -> bool:
        """Tell whether to wait; a close-all typed while killed needs the market to go on."""
        book = self._core.book
        if not self.settings.holds_while_halted or book.state != HALTED:
            return False
        return not any(position.exit_reason == CLOSE_ALL for position in book.positions.values())

    # --- letters ----------------------------------------------------------------------------------

    def _serve(self, timeout_s: float) -> None:
        """Take at most one letter in, and keep the durable state and the board fresh."""
        letter = self.inbox.take(timeout_s)
        if letter is not None:
            self._take(letter)
        self.runner.flush_if_due()
        if self.on_tick is not None:
            self.on_tick()

    def _settle(self) -> None:
        """Serve until every effect is answered.

        A call that hangs beyond its deadline is left behind.
        """
        inbox = self.inbox
        limit_ns = 0
        while True:
            letter = inbox.take(SERVE_S if inbox.outstanding else 0.0)
            if letter is not None:
                self._take(letter)
                continue
            if not inbox.outstanding:
                return
            now_ns = self.clock.monotonic_ns()
            limit_ns = limit_ns or now_ns + int(self.settings.answer_wait_s * 1e9)
            if now_ns > limit_ns or self.performer.end_reason:
                return
            if self.on_tick is not None:
                self.on_tick()

    def _take(self, letter: Letter) -> None:
        event = letter.event
        if isinstance(event, ev.CommandReceived):
            if not self.runner.engine.is_known_request(event.request_id):
                self._submit(letter, must_commit=True)
            return
        if isinstance(event, ev.Filled | ev.OrderEnded):
            self._seen_cursor = max(self._seen_cursor, event.cursor)
            is_ahead = isinstance(event, ev.Filled) and event.fill.at_ns > self._horizon_ns
            if is_ahead or (self._held and event.cursor):
                self._held.append(letter)
                return
        elif isinstance(event, ev.ReconcileReported | ev.CancelAnswered) and self._held:
            held = tuple(waiting.event for waiting in self._held)
            if isinstance(event, ev.ReconcileReported):
                letter = Letter(as_of(event, held, self._core.book), letter.actor)
            else:
                letter = Letter(cancel_as_of(event, held), letter.actor)
        self._submit(letter)

    def _submit(self, letter: Letter, *, must_commit: bool = False) -> None:
        core = self._core
        time_ns = max(core.time_ns, self._known_ns)
        event = letter.event
        if isinstance(event, ev.Filled) and self._horizon_ns != NEVER_NS:
            time_ns = max(time_ns, min(event.fill.at_ns, self._horizon_ns))
        self.runner.submit(event, time_ns=time_ns, actor=letter.actor, must_commit=must_commit)

    def _release(self) -> None:
        """Hand over what was ahead of the engine's time and no longer is."""
        while self._held:
            event = self._held[0].event
            if isinstance(event, ev.Filled) and event.fill.at_ns > self._horizon_ns:
                return
            self._submit(self._held.popleft())
        self._settle()

    def _poll(self, pending: int) -> None:
        """Fetch the venue's news; when some of it never comes, ask for the whole account once."""
        self.performer.perform(PollVenue(cursor=self._seen_cursor))
        self._settle()
        if self._seen_cursor < pending and self._asked_cursor < pending:
            self._asked_cursor = pending
            self.performer.perform(Reconcile(cursor=self._seen_cursor))
            self._settle()
