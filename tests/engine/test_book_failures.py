"""The book: tries to close or to protect a position that came to nothing are counted and dated."""

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, Purpose, Side
from hfl_core.engine.book import Book
from tests.engine.kit import D, filled
from tests.engine.test_book import T, intended, told, trade

LATER = 5 * T
REFUSED = ev.SendRefused(client_id="x", check="c", detail="")
REJECTED = ev.OrderRejected(client_id="x", code="c", text="")
ACCEPTED = ev.OrderAccepted(client_id="x", venue_id="v")
NOTHING = (0, 0, 0, 0)


def resolved(status: OrderStatus) -> ev.OrderResolved:
    return ev.OrderResolved(client_id="x", status=status, evidence="")


def ended(status: OrderStatus, filled_quantity: int = 0) -> ev.OrderEnded:
    return ev.OrderEnded(client_id="x", status=status, filled=D(filled_quantity), text="", cursor=0)


def held(purpose: Purpose, symbol: str = "AAA") -> Book:
    """Return a book with a position in AAA and an order x of that purpose under way."""
    book = told()
    trade(book, Side.BUY, 10, "100")
    book.apply(intended("x", Side.SELL, purpose=purpose, symbol=symbol, number=9), T)
    return book


def failures(book: Book) -> tuple[int, int, int, int]:
    found = book.positions["AAA"]
    exits = (found.failures, found.failed_ns)
    return (*exits, found.protection_failures, found.protection_failed_ns)


@pytest.mark.parametrize(
    ("purpose", "counted"),
    [
        (Purpose.EXIT, (1, LATER, 0, 0)),
        (Purpose.PROTECTION, (0, 0, 1, LATER)),
        (Purpose.ENTRY, NOTHING),
    ],
)
@pytest.mark.parametrize(
    "event",
    [
        REFUSED,
        REJECTED,
        resolved(OrderStatus.NOT_AT_VENUE),
        resolved(OrderStatus.CANCELLED),
        ended(OrderStatus.REJECTED),
    ],
    ids=["refused", "rejected", "not at venue", "gone", "rejected late"],
)
def test_what_came_to_nothing_counts_by_what_it_was_for(event, purpose, counted):
    book = held(purpose)
    book.apply(event, LATER)

    assert failures(book) == counted


@pytest.mark.parametrize("purpose", [Purpose.EXIT, Purpose.PROTECTION])
@pytest.mark.parametrize(
    "event",
    [
        resolved(OrderStatus.WORKING),
        resolved(OrderStatus.FILLED),
        ended(OrderStatus.EXPIRED),
        ended(OrderStatus.CANCELLED),
        ev.CancelAnswered(client_id="x", answer="cancelled", text=""),
        ev.OrderUnknown(client_id="x", why=""),
    ],
    ids=["works", "filled", "expired", "cancelled", "cancelled by us", "unknown"],
)
def test_what_ended_in_order_or_may_still_succeed_is_no_failure(event, purpose):
    book = held(purpose)
    book.apply(event, LATER)

    assert failures(book) == NOTHING


@pytest.mark.parametrize(("quantity", "counted"), [(9, (1, LATER, 0, 0)), (10, NOTHING)])
def test_a_late_rejection_of_what_was_filled_whole_is_no_failure(quantity, counted):
    book = told()
    trade(book, Side.BUY, 15, "100")
    book.apply(intended("x", Side.SELL, 10, purpose=Purpose.EXIT, number=9), T)
    book.apply(filled(book.orders["x"], D(quantity), "100"), T)
    book.apply(ended(OrderStatus.REJECTED, quantity), LATER)

    assert failures(book) == counted


@pytest.mark.parametrize("event", [REFUSED, REJECTED, ACCEPTED])
@pytest.mark.parametrize("purpose", [Purpose.EXIT, Purpose.PROTECTION])
def test_an_order_of_another_instrument_is_none_of_the_positions_business(event, purpose):
    book = held(purpose, symbol="ZZZ")
    book.apply(event, LATER)

    assert failures(book) == NOTHING


@pytest.mark.parametrize(
    ("purpose", "left"),
    [
        (Purpose.EXIT, (0, 0, 1, LATER)),
        (Purpose.PROTECTION, (1, LATER, 0, 0)),
        (Purpose.ENTRY, (1, LATER, 1, LATER)),
    ],
)
def test_an_acceptance_forgets_the_failures_of_its_own_kind(purpose, left):
    book = told()
    trade(book, Side.BUY, 10, "100")
    for number, kind in enumerate((Purpose.EXIT, Purpose.PROTECTION)):
        book.apply(intended(f"f{number}", Side.SELL, purpose=kind, number=number + 2), T)
        book.apply(ev.OrderRejected(client_id=f"f{number}", code="c", text=""), LATER)
    book.apply(intended("x", Side.SELL, purpose=purpose, number=9), T)
    book.apply(ACCEPTED, 9 * T)

    assert failures(book) == left


@pytest.mark.parametrize("purpose", [Purpose.EXIT, Purpose.PROTECTION])
def test_failures_add_up_and_the_last_one_dates_them(purpose):
    book = told()
    trade(book, Side.BUY, 10, "100")
    for number in range(3):
        book.apply(intended(f"f{number}", Side.SELL, purpose=purpose, number=number + 2), T)
        refused = ev.SendRefused(client_id=f"f{number}", check="c", detail="")
        book.apply(refused, (number + 1) * LATER)

    found = failures(book)
    assert sorted(found) == [0, 0, 3, 3 * LATER]
    assert found[:2] == ((3, 3 * LATER) if purpose is Purpose.EXIT else (0, 0))


def test_an_order_that_failed_after_its_position_was_closed_is_no_failure():
    book = held(Purpose.EXIT)
    trade(book, Side.SELL, 10, "100")
    book.apply(REJECTED, LATER)

    assert (book.positions, book.orders["x"].status) == ({}, OrderStatus.REJECTED)


def test_a_failure_of_one_trade_is_forgotten_with_it():
    book = held(Purpose.EXIT)
    book.apply(REJECTED, LATER)
    trade(book, Side.SELL, 10, "100")
    trade(book, Side.BUY, 10, "100")

    assert failures(book) == NOTHING
