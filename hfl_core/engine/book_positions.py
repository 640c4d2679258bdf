"""How the book folds fills into positions and cash. Knows nothing of market prices."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from hfl_core.domain import events as ev
from hfl_core.domain.money import plain
from hfl_core.domain.orders import Fill, OrderStatus, Purpose
from hfl_core.engine.book_records import ZERO, OrderRecord, PositionRecord

if TYPE_CHECKING:
    from hfl_core.engine.book import Book

# A position must have a live protective stop this long after its first fill.
PROTECTION_GRACE_NS: Final = 10_000_000_000


def filled(book: Book, event: ev.Filled, time_ns: int) -> None:
    """Apply one execution once: order, cash, fees, position."""
    fill = event.fill
    book.fill_cursor = max(book.fill_cursor, event.cursor)
    order = book.orders.get(fill.client_id)
    if order is None or fill.fill_id in order.fill_keys:
        return
    if fill.quantity > order.remaining:
        book.halted_symbols[order.symbol] = (
            f"overfill of {order.client_id}: {plain(fill.quantity)} of {plain(order.remaining)}"
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
    if position.quantity * held <= 0:
        book.pace.note_closed(position.realised - position.fees, time_ns)
        if order.purpose is Purpose.PROTECTION and not _is_target(order, fill):
            book.pace.stopped_out[order.symbol] = time_ns
    if position.quantity == 0:
        del book.positions[order.symbol]
    elif position.quantity * held < 0:
        rest = position.quantity
        turned = _open_position(book, order, fill, time_ns)
        turned.quantity = rest
        turned.price = fill.price


def _is_target(order: OrderRecord, fill: Fill) -> bool:
    """Tell whether a protective order filled at its target rather than at its stop."""
    return order.limit_price is not None and (fill.price - order.limit_price) * order.side.sign <= 0


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


def position_adjusted(book: Book, event: ev.PositionAdjusted, time_ns: int) -> None:
    """Take over the position that a human accepted as true."""
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


def position_mismatched(book: Book, event: ev.PositionMismatched, time_ns: int) -> None:
    """Halt the instrument until a human decides."""
    del time_ns
    book.halted_symbols[event.symbol] = f"ours {plain(event.ours)}, venue {plain(event.theirs)}"


def reconciled(book: Book, event: ev.ReconcileReported, time_ns: int) -> None:
    """Move the cursor: what a report covers was polled before, or shows in orders and positions.

    And remember the working orders that are not ours.
    """
    book.fill_cursor = max(book.fill_cursor, event.fill_cursor)
    if not event.failed:
        book.foreign = {each: book.foreign.get(each, time_ns) for each in event.foreign}


def cash_moved(book: Book, event: ev.CashMoved, time_ns: int) -> None:
    """Add a deposit or withdrawal to the cash; it is no longer owed an answer."""
    del time_ns
    book.cash_asked.pop(event.request_id, None)
    book.cash += event.amount
    book.cash_moved += event.amount
