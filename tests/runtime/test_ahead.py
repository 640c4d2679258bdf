"""A venue ahead of the engine: its report as it would have been at the engine's moment."""

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, Side
from hfl_core.runtime.ahead import as_of, cancel_as_of
from tests.engine.kit import D, filled, position_report, report
from tests.engine.test_book import intended, told, working


def test_without_held_events_a_report_stays_as_it_is():
    said = report(positions=(position_report("AAA", 5),), cursor=7)

    assert as_of(said, (), told()) == said


def test_a_fill_of_the_future_is_taken_back_and_its_order_works_again():
    book = told()
    order = working(book, quantity=10)
    held = filled(order, D(10), "100", cursor=8)
    found = as_of(report(positions=(position_report("AAA", 10),), cursor=8), (held,), book)

    assert (found.positions, found.fill_cursor) == ((), 7)
    (listed,) = found.orders
    assert (listed.client_id, listed.status, listed.filled) == ("o1", OrderStatus.WORKING, D(0))


def test_a_position_closed_in_the_future_is_held_again():
    book = told()
    order = working(book, side=Side.SELL, quantity=4)
    found = as_of(report(cursor=3), (filled(order, D(4), "97", cursor=3),), book)

    (position,) = found.positions
    assert (position.quantity, position.price) == (D(4), D(97))


def test_an_ending_of_the_future_lists_its_order_again():
    book = told()
    working(book)
    ended = ev.OrderEnded(
        client_id="o1", status=OrderStatus.EXPIRED, filled=D(0), text="", cursor=5
    )
    found = as_of(report(cursor=5), (ended,), book)

    assert [order.client_id for order in found.orders] == ["o1"]
    assert found.fill_cursor == 4


def test_an_order_is_listed_once_however_many_fills_are_held():
    book = told()
    order = working(book)
    held = tuple(filled(order, D(2), "100", cursor=n, fill_id=str(n)) for n in (4, 5, 6))
    found = as_of(report(positions=(position_report("AAA", 6),), cursor=6), held, book)

    assert (len(found.orders), found.positions, found.fill_cursor) == (1, (), 3)


def test_strangers_and_other_events_are_passed_over():
    book, stranger = told(), told(intended("zz"))
    held = (ev.TimePassed(due_ns=1), filled(stranger.orders["zz"], D(1), "1", cursor=9))
    found = as_of(report(positions=(position_report("AAA", 1),), cursor=9), held, book)

    assert (found.orders, found.positions) == ((), ())


def test_a_cancel_proves_no_ending_while_fills_of_its_order_are_held():
    book = told()
    held = filled(working(book), D(4), "100", cursor=8)
    said = ev.CancelAnswered(client_id="o1", answer="cancelled", text="")
    other = ev.CancelAnswered(client_id="o2", answer="cancelled", text="")
    ended = ev.OrderEnded(
        client_id="o1", status=OrderStatus.CANCELLED, filled=D(0), text="", cursor=5
    )

    assert cancel_as_of(said, (ended, held)).answer == "unknown"
    assert cancel_as_of(said, (ended,)) == said
    assert cancel_as_of(other, (held,)) == other
