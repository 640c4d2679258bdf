"""How the book folds decisions and the life of orders. Knows nothing of money or of storage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hfl_core.domain import events as ev
from hfl_core.domain.money import exact, plain
from hfl_core.domain.orders import OrderStatus, OrderType, Purpose, Side
from hfl_core.engine.book_records import ZERO, OrderRecord

if TYPE_CHECKING:
    from hfl_core.engine.book import Book


def decision(book: Book, event: ev.SignalEmitted | ev.ExitDecided, time_ns: int) -> None:
    """Remember the newest decision's number."""
    del time_ns
    book.decisions = max(book.decisions, event.decision)


def exit_decided(book: Book, event: ev.ExitDecided, time_ns: int) -> None:
    """Mark the position as one that shall be closed."""
    decision(book, event, time_ns)
    position = book.positions.get(event.symbol)
    if position is not None:
        position.exit_reason, position.exit_decision = event.reason, event.decision


def protection_obliged(book: Book, event: ev.ProtectionObliged, time_ns: int) -> None:
    """Remember where the position's protective stop must stand, and by when."""
    del time_ns
    position = book.positions.get(event.symbol)
    if position is not None:
        position.stop_price, position.stop_due_ns = event.stop_price, event.due_ns


def order_intended(book: Book, event: ev.OrderIntended, time_ns: int) -> None:
    """Begin an order's record."""
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
    if event.purpose is Purpose.ENTRY:
        book.pace.note_entry(event.symbol, event.side.value, time_ns)


def external_acted(book: Book, event: ev.ExternalActed, time_ns: int) -> None:
    """Adopt a close that a panic sent without the engine: it is ours, and its fate is unknown.

    Taking the same spool in twice changes nothing; what cannot be read stays a row.
    """
    if event.what != "close":
        return
    try:
        detail = json.loads(event.detail)
        client_id, symbol = str(detail["client_id"]), str(detail["symbol"])
        side, quantity = Side(detail["side"]), exact(str(detail["quantity"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if client_id in book.orders:
        return
    order = OrderRecord(
        client_id=client_id,
        number=0,
        decision=0,
        symbol=symbol,
        side=side,
        type=OrderType.MARKET,
        purpose=Purpose.EXIT,
        quantity=quantity,
        limit_price=None,
        stop_price=None,
        risk_stop_price=None,
        reference_price=ZERO,
        reason="panic",
        intended_ns=time_ns,
        status=OrderStatus.UNKNOWN,
        attempted_ns=time_ns,
        unknown_ns=time_ns,
        note="sent by a panic, without the engine",
    )
    book.orders[client_id] = book.live[client_id] = order


def send_attempted(book: Book, event: ev.SendAttempted, time_ns: int) -> None:
    """Note that this run is about to send the order."""
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.status, order.attempted_ns = OrderStatus.SENDING, time_ns


def send_refused(book: Book, event: ev.SendRefused, time_ns: int) -> None:
    """End an order that the gateway did not let out."""
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.note = f"{event.check}: {event.detail}"
        book.end_order(order, OrderStatus.REFUSED)
        _count_failure(book, order, time_ns)


def order_accepted(book: Book, event: ev.OrderAccepted, time_ns: int) -> None:
    """Note the venue's id; the order works, and nothing about it is unknown any more."""
    del time_ns
    order = book.orders.get(event.client_id)
    if order is None:
        return
    if order.is_live and not order.venue_id:
        book.pace.answers.append(0)
    order.venue_id = event.venue_id
    if order.is_live:
        order.status = OrderStatus.CANCELLING if order.cancels else OrderStatus.WORKING
        order.unknown_ns = order.queries = order.queries_not_found = 0
        _forget_failures(book, order)


def order_rejected(book: Book, event: ev.OrderRejected, time_ns: int) -> None:
    """End an order that the venue certainly does not have."""
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.note = f"{event.code}: {event.text}"
        book.end_order(order, OrderStatus.REJECTED)
        book.pace.answers.append(1)
        _count_failure(book, order, time_ns)


def order_unknown(book: Book, event: ev.OrderUnknown, time_ns: int) -> None:
    """Freeze an order whose fate nobody knows."""
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.status, order.note = OrderStatus.UNKNOWN, event.why
        order.unknown_ns = order.unknown_ns or time_ns


def order_queried(book: Book, event: ev.OrderQueried, time_ns: int) -> None:
    """Count a question about an order, and whether it was not found."""
    del time_ns
    order = book.orders.get(event.client_id)
    if order is None:
        return
    order.queries += 1
    if not event.failed and event.report is None:
        order.queries_not_found += 1


def order_resolved(book: Book, event: ev.OrderResolved, time_ns: int) -> None:
    """Give an unknown order the fate that the evidence shows."""
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


def cancel_intended(book: Book, event: ev.CancelIntended, time_ns: int) -> None:
    """Note that the order's cancel was asked for."""
    del time_ns
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live:
        order.is_cancel_wanted = True
        order.cancels += 1
        if order.status is OrderStatus.WORKING:
            order.status = OrderStatus.CANCELLING


def cancel_answered(book: Book, event: ev.CancelAnswered, time_ns: int) -> None:
    """End a cancelled order; any other answer leaves it unknown until evidence is in."""
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


def order_ended(book: Book, event: ev.OrderEnded, time_ns: int) -> None:
    """End an order, unless the venue counts fills that have not arrived yet."""
    book.fill_cursor = max(book.fill_cursor, event.cursor)
    order = book.orders.get(event.client_id)
    if order is not None and order.is_live and order.filled < event.filled:
        order.status, order.note = (
            OrderStatus.UNKNOWN,
            f"ended with {plain(event.filled)} filled, seen {plain(order.filled)}",
        )
        order.unknown_ns = order.unknown_ns or time_ns
    elif order is not None and order.is_live:
        order.note = event.text
        book.end_order(order, event.status)
        if order.filled < order.quantity and event.status is OrderStatus.REJECTED:
            _count_failure(book, order, time_ns)


def _count_failure(book: Book, order: OrderRecord, time_ns: int) -> None:
    """Count that an exit or a protective stop came to nothing: its next try waits longer."""
    position = book.positions.get(order.symbol)
    if position is None:
        return
    if order.purpose is Purpose.EXIT:
        position.failures += 1
        position.failed_ns = time_ns
    elif order.purpose is Purpose.PROTECTION:
        position.protection_failures += 1
        position.protection_failed_ns = time_ns


def _forget_failures(book: Book, order: OrderRecord) -> None:
    position = book.positions.get(order.symbol)
    if position is None:
        return
    if order.purpose is Purpose.EXIT:
        position.failures = position.failed_ns = 0
    elif order.purpose is Purpose.PROTECTION:
        position.protection_failures = position.protection_failed_ns = 0
