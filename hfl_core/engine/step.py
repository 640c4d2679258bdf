"""The engine.

`scan` takes a slot of a data set in, `step` any other input, bars of a stream one by one among
them; both return events, transitions and effects.

Pure: the same snapshot and inputs give the same outputs. Knows nothing of storage, brokers, clocks
or threads. Inputs are applied to the book first, then acted upon. Quiet scans leave only a code
byte; `close_group` makes one row of them.
"""

import hashlib
import heapq
from collections.abc import Callable, Iterator
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.effects import Reconcile, SetLatch
from hfl_core.domain.money import money_from_units
from hfl_core.domain.orders import OrderStatus
from hfl_core.engine import limiting, ordering, reconciling, scanning, slots, stopping
from hfl_core.engine.book import KILL, REDUCE_ONLY
from hfl_core.engine.core import (
    CASH_TIMER,
    LIMITS_TIMER,
    OPINION_TIMER,
    PROTECTION_TIMER,
    QUERY_TIMER,
    RECONCILE_TIMER,
    SCAN_TIMER,
    UNKNOWN_TIMER,
    Core,
    StepResult,
)
from hfl_core.engine.decider import FeatureMaker
from hfl_core.engine.quiet import QuietRun, scan_quiet
from hfl_core.engine.settings import EngineSettings
from hfl_core.engine.state import core_state, restore_core
from hfl_core.engine.table import IDLE


class Engine:
    """The one place where state changes. Owned by one thread; see `Core` for what it holds."""

    __slots__ = ("core",)

    def __init__(self, settings: EngineSettings, make: FeatureMaker) -> None:
        self.core = Core(settings, make)

    # --- bars -------------------------------------------------------------------------------------

    def scan(self, slot: Slot) -> StepResult | None:
        """Fold one slot in and decide; return None when it was quiet."""
        return self.decide(slot, is_new_period=self.core.decider.fold(slot))

    def scan_quiet(
        self, items: Iterator[Slot | RefusedRows], *, until_ns: int, scans_max: int
    ) -> QuietRun:
        """Scan slots while they are quiet; see `quiet.scan_quiet` for when that is allowed."""
        return scan_quiet(self.core, items, until_ns=until_ns, scans_max=scans_max)

    def decide(self, slot: Slot, *, is_new_period: bool) -> StepResult | None:
        """Decide a slot that is folded in; return None when it was quiet."""
        core = self.core
        decider = core.decider
        core.note_scans(1, slot, first_ns=slot[0])
        # Without a position equity moves only by events of money, which unset the floor.
        if (
            is_new_period
            or decider.high_water_mark != core.floor_mark
            or (decider.equity <= core.floor and decider.held)
        ):
            stopping.watch_limits(core, is_new_period=is_new_period)
        scanning.scan(core, slot)
        if not core.events and not (core.book.positions and self._has_pending()):
            return None
        self._finish()
        if not core.events and not core.effects:
            return None
        return core.take_result()

    def _has_pending(self) -> bool:
        """Tell whether an obligation could be waiting for its next try."""
        return any(position.is_waiting for position in self.core.book.positions.values())

    def fold_slot(self, slot: Slot) -> None:
        """Fold one slot in without deciding: recovery, where the outcomes are already journaled."""
        self.core.time_ns = slot[0]
        self.core.decider.fold(slot)

    def close_group(self) -> ev.ScansCoalesced | None:
        """Make one row of the scans since the last one, or None when there were none."""
        core = self.core
        if not core.group_scans:
            return None
        outcomes = bytes(core.outcomes)
        previous = bytes.fromhex(core.book.digest)
        decider = core.decider
        event = ev.ScansCoalesced(
            dataset_id=core.book.dataset_id,
            cursor_from=core.group_from,
            cursor_to=core.group_cursor,
            slot_first_ns=core.group_first_ns,
            slot_last_ns=decider.time_ns,
            scans=core.group_scans,
            counts=tuple(
                (core.codes[code], outcomes.count(code)) for code in sorted(set(outcomes))
            ),
            digest=hashlib.sha256(previous + outcomes).hexdigest(),
            equity=money_from_units(decider.equity),
            high_water_mark=money_from_units(decider.high_water_mark),
            anchors=decider.anchors_named(),
        )
        core.outcomes.clear()
        core.group_scans = 0
        core.fold_event(event, decider.time_ns)
        return event

    # --- everything else --------------------------------------------------------------------------

    def step(self, event: ev.Event, time_ns: int) -> StepResult:
        """Apply one input and act on it. time_ns never moves back."""
        core = self.core
        assert not core.group_scans, "the open group of scans must be closed before another input"
        core.time_ns = max(core.time_ns, time_ns)
        core.fold_event(event, core.time_ns)
        act = _ACTS.get(type(event))
        if act is not None:
            act(core, event)
        self._finish()
        return core.take_result()

    def _finish(self) -> None:
        """After every step: obligations first, then see whether the machine may come to rest."""
        core = self.core
        ordering.oblige(core)
        ordering.settle(core)
        if core.awaited and core.book.state == IDLE:
            scanning.conclude_opinions(core)
        if core.gathering.open:
            slots.resume(core)

    # --- what the runtime asks --------------------------------------------------------------------

    def is_known_request(self, request_id: str) -> bool:
        """Tell whether a command with this id was already taken."""
        return request_id in self.core.book.requests

    def is_news(self, event: ev.Event) -> bool:
        """Tell whether an answer from outside says anything the book does not know yet."""
        if type(event) not in _ANSWERS:
            return True
        book = self.core.book
        if isinstance(event, ev.BarClosed):
            return slots.is_news(self.core, event)
        if isinstance(event, ev.CashMoved):
            return event.request_id in book.cash_asked
        if isinstance(event, ev.Filled):
            if event.fill.client_id not in book.orders:
                return event.cursor > book.fill_cursor  # a stranger's, or long ended: told once
            return not book.is_known_fill(event.fill)
        if isinstance(event, ev.ReconcileReported):
            return not reconciling.is_clean(self.core, event)
        assert isinstance(event, _ABOUT_ORDERS)
        return event.client_id in book.live

    def is_resting(self) -> bool:
        """Tell whether nothing but the journal's rows is needed to go on from here."""
        core = self.core
        is_between = not core.group_scans and not core.gathering.open
        return is_between and not core.awaited and core.book.state == IDLE

    def state(self) -> dict[str, object]:
        """Return the whole state as plain JSON values; only while resting."""
        return core_state(self.core)

    def restore(self, state: dict[str, object]) -> None:
        """Go on exactly where `state` was taken."""
        restore_core(self.core, state)


# --- what each input leads to ---------------------------------------------------------------------


def _on_run_started(core: Core, event: ev.RunStarted) -> None:
    """Begin in halted(recovering): whatever was in flight has an unknown outcome now."""
    core.timers.clear()
    core.vetoes.clear()
    core.awaited.clear()
    core.go("restart", ordering.RECOVERING)
    limiting.take_settings(core)
    if event.changed and (core.book.positions or core.book.live):
        latch_id = f"upgrade-{event.run_id}"
        why = f"changed since the last run: {', '.join(event.changed)}"
        core.emit(ev.StopLatched(level=REDUCE_ONLY, latch_id=latch_id, reason=why, actor="engine"))
    for latch in core.book.latches.values():
        core.effects.append(
            SetLatch(level=latch.level, latch_id=latch.latch_id, reason=latch.reason)
        )
    for order in list(core.book.live.values()):
        if order.status in {OrderStatus.INTENDED, OrderStatus.SENDING}:
            why = f"the process ended while {order.status.value}"
            core.emit(ev.OrderUnknown(client_id=order.client_id, why=why))
        if order.status is OrderStatus.CANCELLING:
            why = "the process ended while cancelling"
            core.emit(ev.OrderUnknown(client_id=order.client_id, why=why))
        if order.status is OrderStatus.UNKNOWN:
            ordering.on_unknown(core, order.client_id)
    for symbol, position in core.book.positions.items():
        if position.stop_price is not None:
            due_ns = max(core.time_ns + 1, position.stop_due_ns)
            core.set_timer(due_ns, PROTECTION_TIMER, symbol)
    slots.await_again(core)
    stopping.ask_cash_again(core)
    core.effects.append(Reconcile(cursor=core.book.fill_cursor))


def _on_reconciled(core: Core, event: ev.ReconcileReported) -> None:
    reconciling.on_report(core, event)
    if core.book.level == KILL and core.book.halt_reason != "killed":
        core.go("halt", "killed")


def _on_time(core: Core, event: ev.TimePassed) -> None:
    del event
    is_scan_due = False
    while core.timers and core.timers[0][0] <= core.time_ns:
        _, kind, key = heapq.heappop(core.timers)
        if kind == QUERY_TIMER:
            ordering.on_query_due(core, key)
        elif kind == UNKNOWN_TIMER:
            ordering.on_unknown_for_long(core, key)
        elif kind == OPINION_TIMER:
            scanning.conclude_opinions(core)
        elif kind == PROTECTION_TIMER:
            ordering.on_protection_due(core, key)
        elif kind == LIMITS_TIMER:
            limiting.on_due(core)
        elif kind == CASH_TIMER:
            stopping.ask_cash_again(core)
        elif kind == RECONCILE_TIMER:
            core.effects.append(Reconcile(cursor=core.book.fill_cursor))
        elif kind == SCAN_TIMER:
            is_scan_due = True
    if is_scan_due:
        slots.conclude_due(core)


def _on_external(core: Core, event: ev.ExternalActed) -> None:
    """Ask the venue about what a panic sent; everything else it did comes back as news."""
    del event
    asked = {key for _, kind, key in core.timers if kind == QUERY_TIMER}
    for order in core.book.live.values():
        if order.status is OrderStatus.UNKNOWN and order.client_id not in asked:
            ordering.on_unknown(core, order.client_id)


def _on_unknown(core: Core, event: ev.OrderUnknown) -> None:
    ordering.on_unknown(core, event.client_id)


def _on_cancel_answered(core: Core, event: ev.CancelAnswered) -> None:
    if event.answer != "cancelled":
        ordering.on_unknown(core, event.client_id)


def _on_order_ended(core: Core, event: ev.OrderEnded) -> None:
    order = core.book.orders.get(event.client_id)
    if order is not None and order.status is OrderStatus.UNKNOWN:
        ordering.on_unknown(core, event.client_id)


_ABOUT_ORDERS: Final = (ev.OrderAccepted, ev.OrderRejected, ev.OrderUnknown, ev.OrderEnded)
# Inputs that may say nothing new.
_ANSWERS: Final = frozenset(
    {ev.BarClosed, ev.CashMoved, ev.Filled, ev.ReconcileReported, *_ABOUT_ORDERS}
)
_ACTS: dict[type[ev.Event], Callable[..., None]] = {
    ev.BarClosed: slots.on_bar,
    ev.RunStarted: _on_run_started,
    ev.ReconcileReported: _on_reconciled,
    ev.TimePassed: _on_time,
    ev.ExternalActed: _on_external,
    ev.OrderUnknown: _on_unknown,
    ev.CancelAnswered: _on_cancel_answered,
    ev.OrderEnded: _on_order_ended,
    ev.OrderQueried: ordering.on_queried,
    ev.OrderRejected: ordering.on_rejected,
    ev.SendRefused: ordering.on_rejected,
    ev.Filled: ordering.on_filled,
    ev.CommandReceived: stopping.on_command,
    ev.LatchFound: stopping.on_latch_found,
    ev.Degraded: stopping.on_degraded,
    ev.OpinionReceived: scanning.on_opinion,
}
