"""What a venue ahead of the engine's time would have said at the engine's moment.

After a crash a file feed starts a little earlier than the venue stopped. Pure.
"""

from decimal import Decimal

from hfl_core.domain import events as ev
from hfl_core.domain.ids import ClientOrderId, Symbol, VenueOrderId
from hfl_core.domain.orders import OrderReport, OrderStatus, PositionReport
from hfl_core.domain.values import with_changes
from hfl_core.engine.book import Book


def as_of(
    report: ev.ReconcileReported, held: tuple[ev.Event, ...], book: Book
) -> ev.ReconcileReported:
    """Take back what the held events did to positions, orders and cursor.

    held: fills and endings of the engine's future.
    """
    quantities = {position.symbol: position.quantity for position in report.positions}
    prices = {position.symbol: position.price for position in report.positions}
    listed = {order.client_id for order in report.orders}
    orders = list(report.orders)
    cursor = report.fill_cursor
    taken_back: set[tuple[str, str]] = set()
    for event in held:
        if not isinstance(event, ev.Filled | ev.OrderEnded):
            continue
        if isinstance(event, ev.Filled):
            key = (event.fill.client_id, event.fill.fill_id)
            if key in taken_back or book.is_known_fill(event.fill):
                continue  # a poll repeated it, or a query told of it already
            taken_back.add(key)
        cursor = min(cursor, event.cursor - 1)
        client_id = event.fill.client_id if isinstance(event, ev.Filled) else event.client_id
        if isinstance(event, ev.Filled):
            fill = event.fill
            signed = fill.quantity * fill.side.sign
            quantities[fill.symbol] = quantities.get(fill.symbol, Decimal(0)) - signed
            prices.setdefault(fill.symbol, fill.price)
        order = book.orders.get(client_id)
        if order is not None and client_id not in listed:
            listed.add(ClientOrderId(client_id))
            orders.append(
                OrderReport(
                    client_id=ClientOrderId(client_id),
                    venue_id=VenueOrderId(order.venue_id),
                    symbol=Symbol(order.symbol),
                    side=order.side,
                    status=OrderStatus.WORKING,
                    quantity=order.quantity,
                    filled=order.filled,
                )
            )
    positions = tuple(
        PositionReport(symbol=symbol, quantity=quantity, price=prices[symbol])
        for symbol, quantity in sorted(quantities.items())
        if quantity != 0
    )
    return with_changes(report, positions=positions, orders=tuple(orders), fill_cursor=cursor)


def cancel_as_of(answer: ev.CancelAnswered, held: tuple[ev.Event, ...]) -> ev.CancelAnswered:
    """Prove no ending while fills of the order are held: it is asked about until they are in."""
    if any(
        isinstance(event, ev.Filled) and event.fill.client_id == answer.client_id for event in held
    ):
        text = f"{answer.answer}, but with fills ahead of the feed"
        return with_changes(answer, answer="unknown", text=text)
    return answer
