"""What is asked of the book: live orders, instruments, and how many ended orders it keeps."""

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, Side
from hfl_core.engine.book import ENDED_ORDERS_KEPT, Book
from tests.engine.kit import D, filled
from tests.engine.test_book import T, intended, told, trade, working


def test_live_orders_are_of_the_instrument_and_oldest_first():
    book = told(*(intended(name, symbol=name[0] * 3) for name in ("A2", "B1", "A1")))
    book.apply(ev.SendRefused(client_id="B1", check="x", detail=""), T)

    found = {symbol: [o.client_id for o in book.live_orders(symbol)] for symbol in ("AAA", "BBB")}
    assert found == {"AAA": ["A2", "A1"], "BBB": []}
    assert Book().live_orders("AAA") == []


@pytest.mark.parametrize(
    ("held", "live", "symbols"),
    [
        ((), (), []),
        (("BBB", "AAA"), (), ["AAA", "BBB"]),
        ((), ("ZZZ",), ["ZZZ"]),
        ((), ("ZZZ", "YYY"), ["YYY", "ZZZ"]),
        ((), ("ZZZ", "ZZZ"), ["ZZZ"]),
        (("BBB",), ("AAA",), ["AAA", "BBB"]),
        (("BBB",), ("BBB",), ["BBB"]),
        (("BBB",), ("AAA", "AAA"), ["AAA", "BBB"]),
    ],
)
def test_symbols_are_named_once_and_in_order(held, live, symbols):
    book = told()
    for number, symbol in enumerate(held):
        book.apply(intended(f"h{number}", symbol=symbol), T)
        book.apply(filled(book.orders[f"h{number}"], D(10), "100"), T)
    for number, symbol in enumerate(live):
        book.apply(intended(f"l{number}", symbol=symbol), T)

    assert list(book.symbols()) == symbols


def test_an_order_that_ended_twice_is_kept_once():
    book = told()
    order = working(book)
    book.end_order(order, OrderStatus.CANCELLED)
    book.end_order(order, OrderStatus.EXPIRED)

    assert (book.ended, order.status) == (["o1"], OrderStatus.EXPIRED)


def test_exactly_as_many_ended_orders_are_kept_as_said():
    book = told()
    for number in range(ENDED_ORDERS_KEPT):
        book.apply(intended(f"e{number}", number=number), T)
        book.apply(ev.SendRefused(client_id=f"e{number}", check="x", detail=""), T)
    first = "e0" in book.orders
    trade(book, Side.BUY, 1, "100")

    assert (first, "e0" in book.orders, "e1" in book.orders) == (True, False, True)
    assert len(book.ended) == ENDED_ORDERS_KEPT
