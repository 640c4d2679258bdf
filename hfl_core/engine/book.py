"""The book: apply(events) -> orders, positions, cash, limits, latches, counts.

One fold for engine, recovery, replay and screen.

Knows nothing of bars, features, strategies or storage: it is a function of the events alone, and
nothing else changes it.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.money import plain
from hfl_core.domain.orders import Fill, OrderStatus
from hfl_core.engine import book_orders, book_positions
from hfl_core.engine.book_records import ZERO, LatchRecord, OrderRecord, PositionRecord
from hfl_core.engine.pace import BreakerRecord, Pace
from hfl_core.engine.table import HALTED, IDLE

# Ended orders are kept for late fills and for the screen; the oldest leave first.
ENDED_ORDERS_KEPT: Final = 256
REQUESTS_KEPT: Final = 1_024

# What a cash command's amount is preceded by.
CASH_SIGNS: Final = {"deposit": "", "withdraw": "-"}
KILL: Final = "kill"
# The verb that asks for it, and the only exit that a kill lets through: a human typed it.
CLOSE_ALL: Final = "close_all"
REDUCE_ONLY: Final = "reduce_only"


class Book:
    """The state that the journal's events add up to."""

    __slots__ = (
        "account",
        "anchors",
        "cash",
        "cash_asked",
        "cash_moved",
        "config_blob",
        "counts",
        "currency",
        "cursor",
        "dataset_id",
        "decisions",
        "digest",
        "ended",
        "equity",
        "fees",
        "fill_cursor",
        "fills",
        "foreign",
        "halt_reason",
        "halted_symbols",
        "hashes",
        "high_water_mark",
        "is_open",
        "latches",
        "limits",
        "limits_hash",
        "limits_waiting",
        "live",
        "mode",
        "numbers",
        "opened_cash",
        "operator_policy",
        "orders",
        "pace",
        "positions",
        "realised",
        "rejected",
        "rejected_rows",
        "requests",
        "run_id",
        "runs",
        "scans",
        "slot_ns",
        "state",
        "trades",
        "trips",
    )

    def __init__(self) -> None:
        self.run_id = ""
        self.runs = 0
        self.mode = ""
        self.account = ""
        self.currency = ""
        self.config_blob = ""
        self.hashes: tuple[tuple[str, str], ...] = ()
        self.operator_policy = "none"
        self.state = IDLE
        self.halt_reason = ""
        self.is_open = False
        self.opened_cash = ZERO
        self.cash = ZERO
        self.cash_moved = ZERO
        self.realised = ZERO
        self.fees = ZERO
        self.positions: dict[str, PositionRecord] = {}
        self.orders: dict[str, OrderRecord] = {}
        self.live: dict[str, OrderRecord] = {}
        self.ended: list[str] = []
        self.latches: dict[str, LatchRecord] = {}
        self.halted_symbols: dict[str, str] = {}
        self.trips = 0
        self.decisions = 0
        self.numbers = 0
        self.trades = 0
        self.fills = 0
        self.fill_cursor = 0
        # Working orders at the venue that are not ours -> when a report first named them.
        self.foreign: dict[str, int] = {}
        self.requests: dict[str, str] = {}
        self.cash_asked: dict[str, str] = {}
        self.dataset_id = ""
        self.cursor = 0
        self.scans = 0
        self.slot_ns = 0
        self.counts: dict[str, int] = {}
        self.digest = ""
        self.equity = ZERO
        self.high_water_mark = ZERO
        self.anchors: tuple[tuple[str, Decimal], ...] = ()
        self.pace = Pace()
        self.rejected_rows = 0
        self.rejected: dict[str, int] = {}
        self.limits: dict[str, str] = {}
        self.limits_hash = ""
        self.limits_waiting: dict[str, tuple[str, int]] = {}

    def apply(self, event: ev.Event, time_ns: int) -> None:
        """Fold one event in. Unknown kinds change nothing here."""
        fold = _FOLDS.get(type(event))
        if fold is not None:
            fold(self, event, time_ns)

    @property
    def level(self) -> str:
        """Return the strictest stop in force: empty, reduce_only or kill."""
        if not self.latches:
            return ""
        return KILL if any(latch.level == KILL for latch in self.latches.values()) else REDUCE_ONLY

    @property
    def is_closing_all(self) -> bool:
        """Tell whether a typed close-all is in force: until a human lifts it, nothing is held."""
        return any(self.requests.get(latch_id) == CLOSE_ALL for latch_id in self.latches)

    def live_orders(self, symbol: str) -> list[OrderRecord]:
        """Return the orders of one instrument that may still trade, oldest first."""
        live = self.live
        return [order for order in live.values() if order.symbol == symbol] if live else []

    def is_known_fill(self, fill: Fill) -> bool:
        """Tell whether this execution was already applied to its order."""
        order = self.orders.get(fill.client_id)
        return order is not None and fill.fill_id in order.fill_keys

    def symbols(self) -> Iterable[str]:
        """Return every instrument with a position or a live order, in name order."""
        if not self.live:
            return sorted(self.positions)
        live = [order.symbol for order in self.live.values()]
        if not self.positions and len(live) == 1:
            return live
        return sorted({*self.positions, *live})

    def end_order(self, order: OrderRecord, status: OrderStatus) -> None:
        """Close an order's record; late fills may still come."""
        order.status = status
        if self.live.pop(order.client_id, None) is None:
            return
        self.ended.append(order.client_id)
        if len(self.ended) > ENDED_ORDERS_KEPT:
            self.orders.pop(self.ended.pop(0), None)


# --- runs and scans -------------------------------------------------------------------------------


def _run_started(book: Book, event: ev.RunStarted, time_ns: int) -> None:
    del time_ns
    book.run_id, book.mode, book.account = event.run_id, event.mode, event.account
    book.currency, book.config_blob, book.hashes = event.currency, event.config_blob, event.hashes
    book.operator_policy = event.operator_policy
    book.runs += 1


def _account_opened(book: Book, event: ev.AccountOpened, time_ns: int) -> None:
    del time_ns
    book.is_open = True
    book.opened_cash = book.cash = book.equity = book.high_water_mark = event.cash


def _dataset_opened(book: Book, event: ev.DatasetOpened, time_ns: int) -> None:
    del time_ns
    book.dataset_id, book.cursor = event.dataset_id, event.cursor


def _stream_opened(book: Book, event: ev.StreamOpened, time_ns: int) -> None:
    del time_ns
    book.dataset_id, book.cursor = event.stream_id, event.cursor


def _bar_closed(book: Book, event: ev.BarClosed, time_ns: int) -> None:
    del time_ns
    book.cursor = max(book.cursor, event.cursor)


def _scans_coalesced(book: Book, event: ev.ScansCoalesced, time_ns: int) -> None:
    del time_ns
    book.dataset_id, book.cursor = event.dataset_id, event.cursor_to
    book.scans += event.scans
    book.slot_ns = event.slot_last_ns
    counts = book.counts
    for code, number in event.counts:
        counts[code] = counts.get(code, 0) + number
    book.digest = event.digest
    book.equity, book.high_water_mark, book.anchors = (
        event.equity,
        event.high_water_mark,
        event.anchors,
    )


def _bars_rejected(book: Book, event: ev.BarsRejected, time_ns: int) -> None:
    del time_ns
    book.rejected_rows += event.count
    key = f"{event.symbol} {' + '.join(event.reasons)}"
    book.rejected[key] = book.rejected.get(key, 0) + event.count
    book.cursor = max(book.cursor, event.last_row + 1)


def _transitioned(book: Book, event: ev.Transitioned, time_ns: int) -> None:
    del time_ns
    book.state = event.target
    book.halt_reason = event.reason if event.target == HALTED else ""


# --- limits, stops and commands -------------------------------------------------------------------


def _limit_tripped(book: Book, event: ev.LimitTripped, time_ns: int) -> None:
    book.trips += 1
    book.latches[event.latch_id] = LatchRecord(
        latch_id=event.latch_id,
        level=REDUCE_ONLY,
        reason=f"{event.limit}: {plain(event.value)} beyond {plain(event.threshold)}",
        actor="engine",
        since_ns=time_ns,
        limit=event.limit,
        period_end_ns=event.period_end_ns,
    )


def _limits_changed(book: Book, event: ev.LimitsChanged, time_ns: int) -> None:
    del time_ns
    for name, _, new in event.changes:
        book.limits[name] = new
        book.limits_waiting.pop(name, None)
    book.limits_hash = event.limits_hash


def _limits_scheduled(book: Book, event: ev.LimitsScheduled, time_ns: int) -> None:
    del time_ns
    book.limits_waiting = {name: (new, due_ns) for name, _, new, due_ns in event.waiting}


def _breaker_tripped(book: Book, event: ev.BreakerTripped, time_ns: int) -> None:
    book.pace.trip(
        BreakerRecord(
            breaker=event.breaker,
            symbol=event.symbol,
            reason=event.reason,
            since_ns=time_ns,
            until_ns=event.until_ns,
            action=event.action,
        )
    )


def _breaker_rearmed(book: Book, event: ev.BreakerRearmed, time_ns: int) -> None:
    del time_ns
    book.pace.rearm(event.breaker, event.symbol)


def _stop_latched(book: Book, event: ev.StopLatched, time_ns: int) -> None:
    book.latches[event.latch_id] = LatchRecord(
        latch_id=event.latch_id,
        level=event.level,
        reason=event.reason,
        actor=event.actor,
        since_ns=time_ns,
    )


def _latch_found(book: Book, event: ev.LatchFound, time_ns: int) -> None:
    book.latches[event.latch_id] = LatchRecord(
        latch_id=event.latch_id,
        level=event.level,
        reason=event.text,
        actor="latch file",
        since_ns=time_ns,
    )


def _resumed(book: Book, event: ev.Resumed, time_ns: int) -> None:
    del time_ns
    for latch_id in event.latch_ids:
        book.latches.pop(latch_id, None)


def _command_received(book: Book, event: ev.CommandReceived, time_ns: int) -> None:
    del time_ns
    book.requests[event.request_id] = event.verb
    if len(book.requests) > REQUESTS_KEPT:
        # What a stop in force was asked for with is needed until it is lifted.
        old = next((known for known in book.requests if known not in book.latches), "")
        book.requests.pop(old, None)
    if event.verb in CASH_SIGNS:
        amount = dict(event.arguments).get("amount", "")
        book.cash_asked[event.request_id] = CASH_SIGNS[event.verb] + amount


def _command_refused(book: Book, event: ev.CommandRefused, time_ns: int) -> None:
    del time_ns
    book.cash_asked.pop(event.request_id, None)


_FOLDS: Final[dict[type[ev.Event], Callable[..., None]]] = {
    ev.RunStarted: _run_started,
    ev.AccountOpened: _account_opened,
    ev.DatasetOpened: _dataset_opened,
    ev.StreamOpened: _stream_opened,
    ev.BarClosed: _bar_closed,
    ev.ScansCoalesced: _scans_coalesced,
    ev.BarsRejected: _bars_rejected,
    ev.Transitioned: _transitioned,
    ev.SignalEmitted: book_orders.decision,
    ev.ExitDecided: book_orders.exit_decided,
    ev.ProtectionObliged: book_orders.protection_obliged,
    ev.OrderIntended: book_orders.order_intended,
    ev.ExternalActed: book_orders.external_acted,
    ev.SendAttempted: book_orders.send_attempted,
    ev.SendRefused: book_orders.send_refused,
    ev.OrderAccepted: book_orders.order_accepted,
    ev.OrderRejected: book_orders.order_rejected,
    ev.OrderUnknown: book_orders.order_unknown,
    ev.OrderQueried: book_orders.order_queried,
    ev.OrderResolved: book_orders.order_resolved,
    ev.CancelIntended: book_orders.cancel_intended,
    ev.CancelAnswered: book_orders.cancel_answered,
    ev.OrderEnded: book_orders.order_ended,
    ev.Filled: book_positions.filled,
    ev.PositionMismatched: book_positions.position_mismatched,
    ev.ReconcileReported: book_positions.reconciled,
    ev.PositionAdjusted: book_positions.position_adjusted,
    ev.CashMoved: book_positions.cash_moved,
    ev.LimitTripped: _limit_tripped,
    ev.BreakerTripped: _breaker_tripped,
    ev.BreakerRearmed: _breaker_rearmed,
    ev.LimitsChanged: _limits_changed,
    ev.LimitsScheduled: _limits_scheduled,
    ev.StopLatched: _stop_latched,
    ev.LatchFound: _latch_found,
    ev.Resumed: _resumed,
    ev.CommandReceived: _command_received,
    ev.CommandRefused: _command_refused,
}
