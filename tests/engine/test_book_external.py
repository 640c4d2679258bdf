"""The book: a close that a panic sent without the engine is adopted as ours, its fate unknown."""

import json
from typing import Any

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, OrderType, Purpose, Side
from hfl_core.engine.book import Book
from hfl_core.engine.book_records import OrderRecord
from hfl_core.engine.state import book_state
from tests.engine.kit import D, filled
from tests.engine.test_book import T, intended, told, trade

CLOSE = {"client_id": "p1", "symbol": "AAA", "side": "sell", "quantity": "10.5"}


def acted(detail: Any = CLOSE, what: str = "close") -> ev.ExternalActed:
    text = detail if isinstance(detail, str) else json.dumps(detail)
    return ev.ExternalActed(actor="cli:me", what=what, detail=text)


def test_a_close_by_a_panic_becomes_an_order_whose_fate_is_unknown():
    book = told(acted())

    assert book.orders["p1"] == OrderRecord(
        client_id="p1",
        number=0,
        decision=0,
        symbol="AAA",
        side=Side.SELL,
        type=OrderType.MARKET,
        purpose=Purpose.EXIT,
        quantity=D("10.5"),
        limit_price=None,
        stop_price=None,
        risk_stop_price=None,
        reference_price=D(0),
        reason="panic",
        intended_ns=T,
        status=OrderStatus.UNKNOWN,
        attempted_ns=T,
        unknown_ns=T,
        note="sent by a panic, without the engine",
    )
    assert book.live["p1"] is book.orders["p1"]


def test_its_fills_close_the_position_that_it_was_sent_for():
    book = told()
    trade(book, Side.BUY, 10, "100")
    book.apply(acted({**CLOSE, "quantity": "10"}), T)
    book.apply(filled(book.orders["p1"], D(10), "90"), T)

    assert (book.positions, book.live, book.cash) == ({}, {}, D(9_900))


def test_the_same_spool_taken_in_twice_is_taken_in_once():
    book = told(acted())
    book.apply(filled(book.orders["p1"], D(4), "90"), T)
    once = book_state(book)
    book.apply(acted(), 9 * T)

    assert book_state(book) == once


def test_an_order_that_the_journal_knows_stays_as_it_was():
    book = told(intended("p1"))
    before = book_state(book)
    book.apply(acted(), 9 * T)

    assert book_state(book) == before


def test_it_takes_no_number_of_the_journals_own():
    book = told(intended("o1", number=7), acted())

    assert book.numbers == 7


@pytest.mark.parametrize("what", ["cancel", "position", "unreadable", ""])
def test_what_is_no_close_stays_a_row(what: str):
    assert told(acted(what=what)).orders == {}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in CLOSE.items() if key != name}


@pytest.mark.parametrize(
    "detail",
    [
        "",
        "{",
        "5",
        "null",
        '"text"',
        "[]",
        *(without(name) for name in CLOSE),
        {**CLOSE, "side": "up"},
        {**CLOSE, "quantity": "many"},
        {**CLOSE, "quantity": "NaN"},
        {**CLOSE, "quantity": None},
        "[" * 200_000,
        '{"client_id": ' * 200_000,
    ],
    ids=lambda detail: str(detail)[:20],
)
def test_what_cannot_be_read_stays_a_row(detail: Any):
    """The journal holds it for good: a fold that raised would never open this journal again."""
    book = Book()
    book.apply(acted(detail), T)

    assert book_state(book) == book_state(Book())
