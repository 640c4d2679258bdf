"""The book: the life of an order, from intent to end, whatever arrives and when."""

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus
from hfl_core.engine.book import ENDED_ORDERS_KEPT
from tests.engine.kit import D, filled
from tests.engine.test_book import T, intended, told, working


def test_an_order_goes_from_intended_over_sending_and_working_to_filled():
    book = told(intended())
    order = book.orders["o1"]
    seen = [order.status]
    for event in (
        ev.SendAttempted(client_id="o1", run_id="r"),
        ev.OrderAccepted(client_id="o1", venue_id="v7"),
        filled(order, D(4), "100", fill_id="a"),
        filled(order, D(6), "100", fill_id="b"),
    ):
        book.apply(event, T)
        seen.append(order.status)

    assert seen == ["intended", "sending", "working", "working", "filled"]
    assert (order.venue_id, order.remaining, order.is_live) == ("v7", D(0), False)
    assert book.live == {}


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (ev.SendRefused(client_id="o1", check="latch", detail="kill"), OrderStatus.REFUSED),
        (ev.OrderRejected(client_id="o1", code="funds", text="no money"), OrderStatus.REJECTED),
        (ev.OrderUnknown(client_id="o1", why="timeout"), OrderStatus.UNKNOWN),
    ],
)
def test_what_did_not_work_out_has_its_own_status(event: ev.Event, status: OrderStatus):
    book = told(intended(), event)

    assert book.orders["o1"].status is status
    assert ("o1" in book.live) == (status is OrderStatus.UNKNOWN)


@pytest.mark.parametrize(
    "ending",
    [
        ev.SendRefused(client_id="o1", check="x", detail=""),
        ev.OrderRejected(client_id="o1", code="x", text=""),
        ev.OrderUnknown(client_id="o1", why=""),
        ev.SendAttempted(client_id="o1", run_id="r"),
        ev.OrderAccepted(client_id="o1", venue_id="v"),
        ev.CancelIntended(client_id="o1", reason=""),
        ev.CancelAnswered(client_id="o1", answer="cancelled", text=""),
        ev.OrderEnded(client_id="o1", status=OrderStatus.EXPIRED, filled=D(0), text="", cursor=0),
        ev.OrderResolved(client_id="o1", status=OrderStatus.WORKING, evidence=""),
    ],
)
def test_nothing_brings_an_ended_order_back(ending: ev.Event):
    book = told()
    order = working(book)
    book.apply(filled(order, D(10), "100"), T)
    book.apply(ending, T)

    assert (order.status, book.live) == (OrderStatus.FILLED, {})


def test_a_late_fill_of_a_cancelled_order_still_counts():
    book = told()
    order = working(book)
    book.apply(ev.CancelAnswered(client_id="o1", answer="cancelled", text=""), T)
    book.apply(filled(order, D(4), "100"), T)

    assert (book.positions["AAA"].quantity, order.status) == (D(4), OrderStatus.CANCELLED)
    assert book.cash == D(9_600)


def test_a_cancel_keeps_the_order_live_until_the_venue_confirms():
    book = told()
    order = working(book)
    book.apply(ev.CancelIntended(client_id="o1", reason="stop"), T)
    during = (order.status, "o1" in book.live)
    book.apply(ev.CancelAnswered(client_id="o1", answer="cancelled", text="done"), T)

    assert during == (OrderStatus.CANCELLING, True)
    assert (order.status, "o1" in book.live) == (OrderStatus.CANCELLED, False)


@pytest.mark.parametrize("answer", ["already_filled", "not_found", "unknown"])
def test_any_other_answer_to_a_cancel_makes_the_order_unknown(answer: str):
    book = told()
    order = working(book)
    book.apply(ev.CancelIntended(client_id="o1", reason="stop"), T)
    book.apply(ev.CancelAnswered(client_id="o1", answer=answer, text=""), T)

    assert (order.status, order.unknown_ns) == (OrderStatus.UNKNOWN, T)


def test_a_cancel_then_a_fill_that_was_faster_ends_filled():
    book = told()
    order = working(book)
    book.apply(ev.CancelIntended(client_id="o1", reason="stop"), T)
    book.apply(filled(order, D(10), "100"), T)
    book.apply(ev.CancelAnswered(client_id="o1", answer="already_filled", text=""), T)

    assert (order.status, book.live) == (OrderStatus.FILLED, {})


def test_an_ending_that_counts_more_fills_than_seen_leaves_the_order_unknown():
    book = told()
    order = working(book)
    ended = ev.OrderEnded(
        client_id="o1", status=OrderStatus.CANCELLED, filled=D(4), text="", cursor=3
    )
    book.apply(ended, T)
    before = order.status
    book.apply(filled(order, D(4), "100"), T)
    book.apply(ended, T)

    assert (before, order.status) == (OrderStatus.UNKNOWN, OrderStatus.CANCELLED)
    assert book.fill_cursor == 3


def test_an_unknown_order_is_resolved_to_working_or_to_its_end():
    for status in (OrderStatus.WORKING, OrderStatus.NOT_AT_VENUE, OrderStatus.EXPIRED):
        book = told()
        order = working(book)
        book.apply(ev.OrderUnknown(client_id="o1", why="timeout"), T)
        book.apply(ev.OrderResolved(client_id="o1", status=status, evidence="said so"), T)

        assert order.status is status
        assert order.is_live == (status is OrderStatus.WORKING)
        assert (order.unknown_ns, order.queries, order.queries_not_found) == (0, 0, 0)


def test_acceptance_forgets_what_was_counted_while_the_order_was_unknown():
    """Else a later unknown spell would start with the settle time and the queries of this one."""
    book = told()
    order = working(book)
    book.apply(ev.OrderUnknown(client_id="o1", why="timeout"), T)
    for attempt in range(5):
        queried = ev.OrderQueried(
            client_id="o1", attempt=attempt + 1, failed="", report=None, positions=()
        )
        book.apply(queried, T)
    book.apply(ev.OrderAccepted(client_id="o1", venue_id="v"), T)
    book.apply(ev.OrderUnknown(client_id="o1", why="not listed"), 9 * T)

    assert (order.unknown_ns, order.queries, order.queries_not_found) == (9 * T, 0, 0)


def test_only_answered_queries_without_the_order_count_as_not_found():
    book = told()
    order = working(book)
    for failed in ("", "timeout", ""):
        queried = ev.OrderQueried(
            client_id="o1", attempt=1, failed=failed, report=None, positions=None
        )
        book.apply(queried, T)

    assert (order.queries, order.queries_not_found) == (3, 2)


def test_the_oldest_ended_orders_leave_and_live_ones_stay():
    book = told()
    survivor = working(book, "survivor")
    for number in range(ENDED_ORDERS_KEPT + 5):
        book.apply(intended(f"e{number}", number=number + 2), T)
        book.apply(ev.SendRefused(client_id=f"e{number}", check="x", detail=""), T)

    assert len(book.orders) == ENDED_ORDERS_KEPT + 1
    assert "e4" not in book.orders
    assert "e5" in book.orders
    assert book.orders["survivor"] is survivor
