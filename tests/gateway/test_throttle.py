"""The throttle counts entries sent in a sliding minute, by the book: a restart lifts nothing."""

from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.ids import Symbol
from hfl_core.domain.orders import OrderIntent, OrderType, Purpose, Side
from hfl_core.engine.book import ENDED_ORDERS_KEPT, Book
from hfl_core.engine.state import book_state, restore_book
from hfl_core.gateway.throttle import MINUTE_NS, Throttle
from tests.engine.kit import SECOND, D
from tests.engine.test_book import intended

AGE_MAX_NS = 5 * SECOND


def throttle(orders: int = 3, repeats: int = 2) -> Throttle:
    return Throttle(
        orders_per_minute_max=orders, repeats_per_minute_max=repeats, intent_age_max_ns=AGE_MAX_NS
    )


def wish(quantity: int) -> OrderIntent:
    return OrderIntent(
        symbol=Symbol("AAA"),
        side=Side.BUY,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=D(quantity),
    )


def intend(book: Book, quantity: int, at_ns: int, *, purpose: Purpose = Purpose.ENTRY) -> str:
    client_id = f"o{book.numbers + 1}"
    number = book.numbers + 1
    book.apply(intended(client_id, quantity=quantity, number=number, purpose=purpose), at_ns)
    return client_id


def send(book: Book, quantity: int, at_ns: int, *, purpose: Purpose = Purpose.ENTRY) -> str:
    client_id = intend(book, quantity, at_ns, purpose=purpose)
    book.apply(ev.SendAttempted(client_id=client_id, run_id="r"), at_ns)
    return client_id


def test_one_too_many_in_a_minute_waits():
    told, book = throttle(orders=2, repeats=9), Book()
    for quantity in (1, 2):
        assert told.refusal(wish(quantity), book, MINUTE_NS) == ""
        send(book, quantity, MINUTE_NS)

    refused = told.refusal(wish(3), book, MINUTE_NS + 1)
    assert refused == "expected at most 2 orders a minute, found one more"


def test_the_same_order_again_waits_earlier():
    told, book = throttle(orders=9, repeats=1), Book()
    send(book, 5, MINUTE_NS)

    assert (
        told.refusal(wish(5), book, MINUTE_NS + 1)
        == "expected at most 1 times AAA buy 5 a minute, found one more"
    )
    assert told.refusal(wish(6), book, MINUTE_NS + 1) == ""


def test_a_send_is_forgotten_exactly_after_its_minute():
    told, book = throttle(orders=1), Book()
    send(book, 5, MINUTE_NS + 100)

    assert told.refusal(wish(6), book, 2 * MINUTE_NS + 99) != ""
    assert told.refusal(wish(6), book, 2 * MINUTE_NS + 100) == ""


def test_an_intent_sent_as_late_as_it_may_be_counts_from_its_sending():
    told, book = throttle(orders=1), Book()
    client_id = intend(book, 5, MINUTE_NS)
    book.apply(ev.SendAttempted(client_id=client_id, run_id="r"), MINUTE_NS + AGE_MAX_NS)

    assert told.refusal(wish(6), book, 2 * MINUTE_NS + AGE_MAX_NS - 1) != ""
    assert told.refusal(wish(6), book, 2 * MINUTE_NS + AGE_MAX_NS) == ""


def test_what_was_kept_in_is_not_counted():
    told, book = throttle(orders=1), Book()
    client_id = intend(book, 5, MINUTE_NS)
    book.apply(ev.SendRefused(client_id=client_id, check="latch", detail=""), MINUTE_NS)

    assert told.refusal(wish(5), book, MINUTE_NS + 1) == ""


def test_exits_and_stops_are_not_counted():
    told, book = throttle(orders=1), Book()
    for purpose in (Purpose.EXIT, Purpose.PROTECTION):
        send(book, 5, MINUTE_NS, purpose=purpose)

    assert told.refusal(wish(5), book, MINUTE_NS + 1) == ""


def test_what_ended_is_counted_as_long_as_the_limit_may_ask_for_it():
    told, book = throttle(orders=ENDED_ORDERS_KEPT, repeats=ENDED_ORDERS_KEPT), Book()
    for _ in range(ENDED_ORDERS_KEPT + 10):
        client_id = send(book, 5, MINUTE_NS)
        book.apply(ev.OrderRejected(client_id=client_id, code="funds", text=""), MINUTE_NS)

    assert told.refusal(wish(6), book, MINUTE_NS + 1) != ""


def test_a_restart_lifts_no_limit():
    told, book, recovered = throttle(orders=1), Book(), Book()
    send(book, 5, MINUTE_NS)
    restore_book(recovered, book_state(book))

    assert told.refusal(wish(6), recovered, MINUTE_NS + 1) != ""


@given(st.lists(st.tuples(st.integers(0, MINUTE_NS), st.integers(1, 3)), max_size=40))
def test_no_minute_ever_holds_more_than_allowed(wishes):
    told, book, sent, now = throttle(orders=4, repeats=2), Book(), [], MINUTE_NS
    for wait, quantity in wishes:
        now += wait // 5
        if not told.refusal(wish(quantity), book, now):
            send(book, quantity, now)
            sent.append((now, quantity))

    for start, _ in sent:
        window = [quantity for at, quantity in sent if start <= at < start + MINUTE_NS]

        assert len(window) <= 4
        assert all(window.count(quantity) <= 2 for quantity in window)
