"""One run over a feed with the venue in the same process: a session without an outside.

The order of events is `Session`'s, and so is the journal, row for row. What differs is only who is
asked: while the venue has nothing to match and no timer is due, slots go straight to the engine,
and the venue hears of the newest bars before it is asked anything again.
"""

from collections.abc import Iterator
from typing import Protocol

from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.engine.core import StepResult
from hfl_core.engine.table import IDLE
from hfl_core.ports import Clock, Feed
from hfl_core.runtime.conductor import Market, SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import Runner
from hfl_core.runtime.session import Session


class CalmMarket(Market, Protocol):
    """A market in this process that can tell whether a bar could move anything there."""

    def is_calm(self, cursor: int) -> bool:
        """Tell whether nothing works and nothing happened behind the cursor."""
        ...


class Backtest(Session):
    """Drives one runner as fast as possible; everything answers at once."""

    def __init__(
        self,
        settings: SessionSettings,
        *,
        runner: Runner,
        performer: Performer,
        inbox: Inbox,
        market: CalmMarket,
        feed: Feed,
        clock: Clock,
    ) -> None:
        if settings.speed or settings.holds_while_halted:
            raise ValueError("expected a backtest as fast as possible, found a paced one")
        super().__init__(
            settings,
            runner=runner,
            performer=performer,
            inbox=inbox,
            market=market,
            feed=feed,
            clock=clock,
        )
        self._calm_market = market

    def _items(self, cursor: int) -> Iterator[Slot | RefusedRows]:
        """Yield what needs the session; scan the calm slots between."""
        core, runner, engine = self._core, self.runner, self.runner.engine
        scans_max = self.settings.scans_max
        items = iter(self.feed.read(cursor))
        until_ns, left = self._calm_until()
        while True:
            most = min(left, scans_max - self.scans) if scans_max else left
            run = engine.scan_quiet(items, until_ns=until_ns, scans_max=most)
            self.scans += run.scans
            left -= run.scans
            if run.item is not None:
                self._catch_up()
                yield run.item
                until_ns, left = self._calm_until()
                continue
            if run.is_over:
                break
            result = None
            if run.folded is not None:
                result = engine.decide(run.folded, is_new_period=run.is_new_period)
                self.scans += 1
                left -= 1
            if result is not None:
                self._act(result)
            elif not left:
                runner.flush()
            elif self.scans != scans_max:
                continue
            if self.on_tick is not None:
                self.on_tick()
            if self.performer.end_reason or self.scans == scans_max:
                break
            until_ns, left = self._calm_until()
        self._catch_up()
        assert core.time_ns <= self._horizon_ns, "expected the venue to know the last bar"

    def _calm_until(self) -> tuple[int, int]:
        """Return the time before which slots are calm, and after how many a group is full.

        Calm: the engine idle with no obligation waiting for another try, no letter and no order
        anywhere on its way, and no reconciliation to count scans for or to begin the day with.
        """
        core, inbox = self._core, self.inbox
        book = core.book
        if book.live or core.awaited or book.state != IDLE:
            return 0, 0
        if self._held or inbox.outstanding or not inbox.is_empty:
            return 0, 0
        until_ns = core.next_due_ns()
        if core.settings.reconcile_scans:
            if book.positions:
                return 0, 0
            until_ns = min(until_ns, core.decider.period_ends[0])
        if any(each.is_waiting for each in book.positions.values()):
            return 0, 0
        if not self._calm_market.is_calm(self._seen_cursor):
            return 0, 0
        core.anchor = self.runner.journal.head_hash
        return until_ns, self.runner.quiet_scans_left()

    def _catch_up(self) -> None:
        """Tell the venue the newest bar of every instrument that it has not heard of."""
        decider = self._core.decider
        told_ns, time_ns = self._horizon_ns, decider.time_ns
        if time_ns <= told_ns:
            return
        lanes = [lane for lane in decider.lanes if lane.bar_ns > told_ns]
        for stamp_ns in sorted({time_ns, *(lane.bar_ns for lane in lanes)}):
            bars = tuple(
                lane.bar for lane in lanes if lane.bar is not None and lane.bar_ns == stamp_ns
            )
            slot = Slot(stamp_ns, bars, self._core.group_cursor)
            self.market.publish_slot(slot, stamp_ns - self.settings.timeframe_ns)
        self._horizon_ns = self._known_ns = time_ns

    def _act(self, result: StepResult) -> None:
        """Carry out what a scan led to, as `take_slot` does."""
        self._catch_up()
        self.runner.record_scan(result)
        self._after_scan()
