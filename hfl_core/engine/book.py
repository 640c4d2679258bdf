"""The book: apply(events) -> orders, positions, cash, limits, latches, counts. One fold for engine, recovery, replay and screen.

Knows nothing of bars, features, strategies or storage: it is a function of the events alone, and nothing else changes it.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.orders import Fill, OrderStatus, Purpose
from hfl_core.engine.book_records import ZERO, LatchRecord, OrderRecord, PositionRecord
from hfl_core.engine.table import HALTED, IDLE

# Ended orders are kept for late fills and for the screen; the oldest leave first.
ENDED_ORDERS_KEPT: Final = 256
REQUESTS_KEPT: Final = 1_024

KILL: Final = "kill"
REDUCE_ONLY: Final = "reduce_only"
PROTECTION_GRACE_NS: Final = 10_000_000_000


class Book:
    """The state that the journal's events add up to."""

    __slots__ = (
        "_ended",
        "account",
        "anchors",
        "cash",
        "cash_moved",
        "config_blob",
        "counts",
        "currency",
        "cursor",
        "dataset_id",
        "decisions",
        "digest",
        "equity",
        "fees",
        "fill_cursor",
        "fills",
        "halt_reason",
        "halted_symbols",
        "hashes",
        "high_water_mark",
        "is_open",
        "latches",
        "live",
        "mode",
        "numbers",
        "opened_cash",
        "operator_policy",
        "orders",
        "positions",
        "realised",
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
        self._ended: list[str] = []
        self.latches: dict[str, LatchRecord] = {}
        self.halted_symbols: dict[str, str] = {}
        self.trips = 0
        self.decisions = 0
        self.numbers = 0
        self.trades = 0
        self.fills = 0
        self.fill_cursor = 0
        self.requests: dict[str, str] = {}
        self.dataset_id = ""
        self.cursor = 0
        self.scans = 0
        self.slot_ns = 0
        self.counts: dict[str, int] = {}
        self.digest = ""
        self.equity = ZERO
        self.high_water_mark = ZERO
        self.anchors: tuple[tuple[str, Decimal], ...] = ()
        self.rejected_rows = 0

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

    def live_orders(self, symbol: str) -> list[OrderRecord]:
        """Return the orders of one instrument that may still trade, oldest first."""
        return [order for order in self.live.values() if order.symbol == symbol]

    def is_known_fill(self, fill: Fill) -> bool:
        """Tell whether this execution was already applied to its order."""
        order = self.orders.get(fill.client_id)
        return order is not None and fill.fill_id in order.fill_keys

    def symbols(self) -> Iterable[str]:
        """Return every instrument with a position or a live order, in name order."""
        return sorted({*self.positions, *(order.symbol for order in self.live.values())})

    def end_order(self, order: OrderRecord, status: OrderStatus) -> None:
        """Close an order's record; late fills may still come."""
        order.status = status
        if self.live.pop(order.client_id, None) is None:
            return
        self._ended.append(order.client_id)
        if len(self._ended) > ENDED_ORDERS_KEPT:
            self.orders.pop(self._ended.pop(0), None)


# --- runs and scans -------------------------------------------------------------------------------------------------


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
    book.cursor = max(book.cursor, event.last_row + 1)


def _transitioned(book: Book, event: ev.Transitioned, time_ns: int) -> None:
    del time_ns
    book.state = event.target
    book.halt_reason = event.reason if event.target == HALTED else ""


# --- decisions and orders -------------------------------------------------------------------------------------------


def _decision(book: Book, event: ev.SignalEmitted | ev.ExitDecided, time_ns: int) -> None:
    del time_ns
    book.decisions = max(book.decisions, event.decision)


def _exit_decided(book: Book, event: ev.ExitDecided, time_ns: int) -> None:
    _decision(book, event, time_ns)
    position = book.positions.get(event.symbol)
    if position is not None:
        position.exit_reason, position.exit_decision = event.reason, event.decision


def _protection_obliged(book: Book, event: ev.ProtectionObliged, time_ns: int) -> None:
    del time_ns
    position = book.positions.get(event.symbol)
    if position is not None:
        position.stop_price, position.stop_due_ns = event.stop_price, event.due_ns


def _order_intended(book: Book, event: ev.OrderIntended, time_ns: int) -> None:
    order = OrderRecord(
        client_id=event.client_id,
        number=event.number,
        decision=event.decision,
        symbol=event.symbol,
        side=event.side,
        type=event.type,
        purpose=event.purpose,
        quantity=event.quantity,
        limit_price=event.limit_price,
        stop_price=event.stop_price,
        risk_stop_price=event.risk_stop_price,
        reference_price=event.reference_price,
        reason=event.reason,
        intended_ns=time_ns,
    )
    book.numbers = max(book.numbers, event.number)
    book.orders[event.client_id] = book.live[event.client_id] = order


def _send_attempted(book: Book, event: ev.SendAttempted, time_ns: int) -> None:
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.status, order.attempted_ns = OrderStatus.SENDING, time_ns


def _send_refused(book: Book, event: ev.SendRefused, time_ns: int) -> None:
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.note = f"{event.check}: {event.detail}"
        book.end_order(order, OrderStatus.REFUSED)
        _count_failure(book, order, time_ns)


def _order_accepted(book: Book, event: ev.OrderAccepted, time_ns: int) -> None:
    del time_ns
    order = book.orders.get(event.client_id)
    if order is None:
        return
    order.venue_id = event.venue_id
    if order.is_live:
        order.status = OrderStatus.CANCELLING if order.cancels else OrderStatus.WORKING
        _forget_failures(book, order)


def _order_rejected(book: Book, event: ev.OrderRejected, time_ns: int) -> None:
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.note = f"{event.code}: {event.text}"
        book.end_order(order, OrderStatus.REJECTED)
        _count_failure(book, order, time_ns)


def _order_unknown(book: Book, event: ev.OrderUnknown, time_ns: int) -> None:
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.status, order.note = OrderStatus.UNKNOWN, event.why
        order.unknown_ns = order.unknown_ns or time_ns


def _order_queried(book: Book, event: ev.OrderQueried, time_ns: int) -> None:
    del time_ns
    order = book.orders.get(event.client_id)
    if order is None:
        return
    order.queries += 1
    if not event.failed and event.report is None:
        order.queries_not_found += 1


def _order_resolved(book: Book, event: ev.OrderResolved, time_ns: int) -> None:
    order = book.orders.get(event.client_id)
    if order is None or not order.is_live:
        return
    order.note = event.evidence
    order.unknown_ns = order.queries = order.queries_not_found = 0
    if event.status is OrderStatus.WORKING:
        order.status = OrderStatus.WORKING
        order.cancels = 0
    else:
        book.end_order(order, event.status)
        if event.status is not OrderStatus.FILLED:
            _count_failure(book, order, time_ns)


def _cancel_intended(book: Book, event: ev.CancelIntended, time_ns: int) -> None:
    del time_ns
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.is_cancel_wanted = True
        order.cancels += 1
        if order.status is OrderStatus.WORKING:
            order.status = OrderStatus.CANCELLING


def _cancel_answered(book: Book, event: ev.CancelAnswered, time_ns: int) -> None:
    order = book.orders.get(event.client_id)
    if order is None or not order.is_live:
        return
    if event.answer == "cancelled":
        order.note = event.text
        book.end_order(order, OrderStatus.CANCELLED)
    else:
        order.status, order.note = (
            OrderStatus.UNKNOWN,
            f"cancel: {event.answer} {event.text}".strip(),
        )
        order.unknown_ns = order.unknown_ns or time_ns


def _order_ended(book: Book, event: ev.OrderEnded, time_ns: int) -> None:
    book.fill_cursor = max(book.fill_cursor, event.cursor)
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live and order.filled < event.filled:
        order.status, order.note = (
            OrderStatus.UNKNOWN,
            f"ended with {event.filled} filled, seen {order.filled}",
        )
        order.unknown_ns = order.unknown_ns or time_ns
    elif order is not None and order.is_live:
        order.note = event.text
        book.end_order(order, event.status)
        if order.filled < order.quantity and event.status is OrderStatus.REJECTED:
            _count_failure(book, order, time_ns)


def _count_failure(book: Book, order: OrderRecord, time_ns: int) -> None:
    """An exit or a protective stop came to nothing: its next try waits a little longer."""
    position = book.positions.get(order.symbol)
    if position is not None and order.purpose is not Purpose.ENTRY:
        position.failures += 1
        position.failed_ns = time_ns


def _forget_failures(book: Book, order: OrderRecord) -> None:
    position = book.positions.get(order.symbol)
    if position is not None and order.purpose is not Purpose.ENTRY:
        position.failures = position.failed_ns = 0


# --- fills, positions and cash --------------------------------------------------------------------------------------


def _filled(book: Book, event: ev.Filled, time_ns: int) -> None:
    fill = event.fill
    book.fill_cursor = max(book.fill_cursor, event.cursor)
    order = book.orders.get(fill.client_id)
    if order is None or fill.fill_id in order.fill_keys:
        return
    if fill.quantity > order.remaining:
        book.halted_symbols[order.symbol] = (
            f"overfill of {order.client_id}: {fill.quantity} of {order.remaining}"
        )
    order.fill_keys.append(fill.fill_id)
    order.filled += fill.quantity
    book.fills += 1
    if order.filled >= order.quantity:
        book.end_order(order, OrderStatus.FILLED)
    signed = fill.quantity * fill.side.sign
    book.cash -= signed * fill.price + fill.fee
    book.fees += fill.fee
    _move_position(book, order, signed, fill=fill, time_ns=time_ns)


def _move_position(
    book: Book, order: OrderRecord, signed: Decimal, *, fill: Fill, time_ns: int
) -> None:
    """Move a position by a signed quantity: average in, realise out, or turn over."""
    position = book.positions.get(order.symbol)
    if position is None:
        position = _open_position(book, order, fill, time_ns)
    held = position.quantity
    position.fees += fill.fee
    if held * signed >= 0:
        total = held + signed
        position.price = (position.price * held + fill.price * signed) / total
        position.quantity = total
        return
    closed = min(abs(signed), abs(held))
    gain = (fill.price - position.price) * closed * (1 if held > 0 else -1)
    position.realised += gain
    book.realised += gain
    position.quantity = held + signed
    if position.quantity == 0:
        del book.positions[order.symbol]
    elif position.quantity * held < 0:
        rest = position.quantity
        turned = _open_position(book, order, fill, time_ns)
        turned.quantity = rest
        turned.price = fill.price


def _open_position(book: Book, order: OrderRecord, fill: Fill, time_ns: int) -> PositionRecord:
    book.trades += 1
    position = PositionRecord(
        symbol=order.symbol,
        quantity=ZERO,
        price=fill.price,
        trade=book.trades,
        decision=order.decision,
        opened_ns=time_ns,
        stop_price=order.risk_stop_price,
        stop_due_ns=time_ns + PROTECTION_GRACE_NS if order.risk_stop_price is not None else 0,
    )
    book.positions[order.symbol] = position
    return position


def _position_adjusted(book: Book, event: ev.PositionAdjusted, time_ns: int) -> None:
    position = book.positions.pop(event.symbol, None)
    held = position.quantity if position is not None else ZERO
    book.cash -= (event.quantity - held) * event.price
    if event.quantity != 0:
        book.positions[event.symbol] = PositionRecord(
            symbol=event.symbol,
            quantity=event.quantity,
            price=event.price,
            trade=position.trade if position is not None else book.trades + 1,
            decision=position.decision if position is not None else 0,
            opened_ns=time_ns,
        )
        book.trades = max(book.trades, book.positions[event.symbol].trade)
    book.halted_symbols.pop(event.symbol, None)


def _position_mismatched(book: Book, event: ev.PositionMismatched, time_ns: int) -> None:
    del time_ns
    book.halted_symbols[event.symbol] = f"ours {event.ours}, venue {event.theirs}"


def _reconciled(book: Book, event: ev.ReconcileReported, time_ns: int) -> None:
    """What a report covers was polled before it, or is lost and shows in orders and positions."""
    del time_ns
    book.fill_cursor = max(book.fill_cursor, event.fill_cursor)


def _cash_moved(book: Book, event: ev.CashMoved, time_ns: int) -> None:
    del time_ns
    book.cash += event.amount
    book.cash_moved += event.amount


# --- limits, stops and commands -------------------------------------------------------------------------------------


def _limit_tripped(book: Book, event: ev.LimitTripped, time_ns: int) -> None:
    book.trips += 1
    book.latches[event.latch_id] = LatchRecord(
        latch_id=event.latch_id,
        level=REDUCE_ONLY,
        reason=f"{event.limit}: {event.value} beyond {event.threshold}",
        actor="engine",
        since_ns=time_ns,
        limit=event.limit,
        period_end_ns=event.period_end_ns,
    )


def _stop_latched(book: Book, event: ev.StopLatched | ev.LatchFound, time_ns: int) -> None:
    is_known = isinstance(event, ev.StopLatched)
    book.latches[event.latch_id] = LatchRecord(
        latch_id=event.latch_id,
        level=event.level,
        reason=event.reason if is_known else event.text,
        actor=event.actor if is_known else "latch file",
        since_ns=time_ns,
    )


def _resumed(book: Book, event: ev.Resumed, time_ns: int) -> None:
    del time_ns
    for latch_id in event.latch_ids:
        book.latches.pop(latch_id, None)


def _command_received(book: Book, event: ev.CommandReceived, time_ns: int) -> None:
    del time_ns
    book.requests[event.request_id] = event.verb
    while len(book.requests) > REQUESTS_KEPT:
        del book.requests[next(iter(book.requests))]


_FOLDS: Final[dict[type[ev.Event], Callable[..., None]]] = {
    ev.RunStarted: _run_started,
    ev.AccountOpened: _account_opened,
    ev.DatasetOpened: _dataset_opened,
    ev.ScansCoalesced: _scans_coalesced,
    ev.BarsRejected: _bars_rejected,
    ev.Transitioned: _transitioned,
    ev.SignalEmitted: _decision,
    ev.ExitDecided: _exit_decided,
    ev.ProtectionObliged: _protection_obliged,
    ev.OrderIntended: _order_intended,
    ev.SendAttempted: _send_attempted,
    ev.SendRefused: _send_refused,
    ev.OrderAccepted: _order_accepted,
    ev.OrderRejected: _order_rejected,
    ev.OrderUnknown: _order_unknown,
    ev.OrderQueried: _order_queried,
    ev.OrderResolved: _order_resolved,
    ev.CancelIntended: _cancel_intended,
    ev.CancelAnswered: _cancel_answered,
    ev.OrderEnded: _order_ended,
    ev.Filled: _filled,
    ev.PositionMismatched: _position_mismatched,
    ev.ReconcileReported: _reconciled,
    ev.PositionAdjusted: _position_adjusted,
    ev.CashMoved: _cash_moved,
    ev.LimitTripped: _limit_tripped,
    ev.StopLatched: _stop_latched,
    ev.LatchFound: _stop_latched,
    ev.Resumed: _resumed,
    ev.CommandReceived: _command_received,
}
