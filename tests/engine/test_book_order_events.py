"""The book: what each event of an order leaves behind in its record, and in nobody else's."""

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, OrderType, Purpose, Side, TimeInForce
from hfl_core.engine.book_records import OrderRecord
from hfl_core.engine.state import book_state
from tests.engine.kit import D, filled, order_report
from tests.engine.test_book import T, intended, told, trade, working


def test_an_intent_is_kept_word_for_word():
    event = ev.OrderIntended(
        client_id="o1",
        number=7,
        decision=5,
        symbol="BBB",
        side=Side.SELL,
        type=OrderType.STOP,
        purpose=Purpose.PROTECTION,
        quantity=D("2.5"),
        limit_price=D(98),
        stop_price=D(99),
        risk_stop_price=D(97),
        time_in_force=TimeInForce.GTC,
        reason="stop",
        reference_price=D(101),
        price_ns=3,
        limits_hash="l",
        intent_hash="i",
    )
    book = told(event)

    assert book.orders["o1"] == OrderRecord(
        client_id="o1",
        number=7,
        decision=5,
        symbol="BBB",
        side=Side.SELL,
        type=OrderType.STOP,
        purpose=Purpose.PROTECTION,
        quantity=D("2.5"),
        limit_price=D(98),
        stop_price=D(99),
        risk_stop_price=D(97),
        reference_price=D(101),
        reason="stop",
        intended_ns=T,
    )
    assert book.live["o1"] is book.orders["o1"]


def test_the_highest_number_given_is_remembered():
    book = told(intended("a", number=4), intended("b", number=9), intended("c", number=2))

    assert book.numbers == 9


def test_only_entries_count_for_the_pace():
    book = told()
    for number, purpose in enumerate(Purpose):
        book.apply(intended(f"o{number}", purpose=purpose), 10 + number)

    assert list(book.pace.entries) == [10]
    assert book.pace.same == {"AAA buy": 10}


def test_the_newest_decision_is_remembered_whoever_made_it():
    book, seen = told(), []
    for number in (4, 2, 6):
        book.apply(ev.ExitDecided(decision=number, symbol="AAA", reason="signal"), T)
        seen.append(book.decisions)

    assert seen == [4, 4, 6]


def test_an_exit_decided_marks_the_position_and_no_other():
    book = told(intended("o1"), intended("o2", symbol="BBB", number=2))
    for name in ("o1", "o2"):
        book.apply(filled(book.orders[name], D(10), "100"), T)
    book.apply(ev.ExitDecided(decision=8, symbol="AAA", reason="signal"), T)
    book.apply(ev.ExitDecided(decision=9, symbol="CCC", reason="signal"), T)

    held = {name: (p.exit_reason, p.exit_decision) for name, p in book.positions.items()}
    assert held == {"AAA": ("signal", 8), "BBB": ("", 0)}


def test_an_obligation_says_where_the_stop_stands_and_by_when():
    book = told()
    trade(book, Side.BUY, 10, "100")
    for symbol in ("AAA", "CCC"):
        obliged = ev.ProtectionObliged(symbol=symbol, stop_price=D(95), quantity=D(10), due_ns=77)
        book.apply(obliged, T)

    assert (book.positions["AAA"].stop_price, book.positions["AAA"].stop_due_ns) == (D(95), 77)
    assert list(book.positions) == ["AAA"]


ABOUT_NOBODY = [
    ev.SendAttempted(client_id="x", run_id="r"),
    ev.SendRefused(client_id="x", check="c", detail=""),
    ev.OrderAccepted(client_id="x", venue_id="v"),
    ev.OrderRejected(client_id="x", code="c", text=""),
    ev.OrderUnknown(client_id="x", why=""),
    ev.OrderQueried(client_id="x", attempt=1, failed="", report=None, positions=None),
    ev.OrderResolved(client_id="x", status=OrderStatus.WORKING, evidence=""),
    ev.CancelIntended(client_id="x", reason=""),
    ev.CancelAnswered(client_id="x", answer="unknown", text=""),
    ev.OrderEnded(client_id="x", status=OrderStatus.EXPIRED, filled=D(0), text="", cursor=0),
    ev.OrderEnded(client_id="x", status=OrderStatus.EXPIRED, filled=D(4), text="", cursor=0),
]


@pytest.mark.parametrize("event", ABOUT_NOBODY, ids=lambda event: type(event).__name__)
def test_news_of_an_order_that_is_not_ours_changes_nothing(event: ev.Event):
    book = told(intended())
    before = book_state(book)
    book.apply(event, T)

    assert book_state(book) == before


def test_sending_is_dated():
    book = told(intended())
    book.apply(ev.SendAttempted(client_id="o1", run_id="r"), 5 * T)

    assert (book.orders["o1"].status, book.orders["o1"].attempted_ns) == ("sending", 5 * T)


@pytest.mark.parametrize(
    ("event", "note"),
    [
        (ev.SendRefused(client_id="o1", check="latch", detail="kill"), "latch: kill"),
        (ev.OrderRejected(client_id="o1", code="funds", text="no money"), "funds: no money"),
        (ev.OrderUnknown(client_id="o1", why="timeout"), "timeout"),
        (ev.CancelAnswered(client_id="o1", answer="cancelled", text="done"), "done"),
        (ev.CancelAnswered(client_id="o1", answer="unknown", text="late"), "cancel: unknown late"),
        (ev.CancelAnswered(client_id="o1", answer="not_found", text=""), "cancel: not_found"),
        (ev.OrderResolved(client_id="o1", status=OrderStatus.WORKING, evidence="listed"), "listed"),
        (
            ev.OrderEnded(
                client_id="o1", status=OrderStatus.EXPIRED, filled=D(0), text="day", cursor=0
            ),
            "day",
        ),
        (
            ev.OrderEnded(
                client_id="o1", status=OrderStatus.EXPIRED, filled=D("4.50"), text="day", cursor=0
            ),
            "ended with 4.5 filled, seen 0",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_order_says_what_was_last_heard_of_it(event: ev.Event, note: str):
    book = told()
    order = working(book)
    book.apply(event, T)

    assert order.note == note


def test_an_early_ending_says_how_much_of_what_it_counts_was_seen():
    book = told()
    order = working(book)
    book.apply(filled(order, D("2.50"), "100"), T)
    ended = ev.OrderEnded(
        client_id="o1", status=OrderStatus.EXPIRED, filled=D(4), text="day", cursor=0
    )
    book.apply(ended, T)

    assert order.note == "ended with 4 filled, seen 2.5"


def test_a_working_order_that_is_accepted_again_stays_one_answer():
    book = told()
    order = working(book)
    book.apply(ev.OrderAccepted(client_id="o1", venue_id="w"), T)

    assert (order.venue_id, order.status, list(book.pace.answers)) == ("w", "working", [0])


def test_answers_are_counted_as_they_come():
    book = told(intended("a"), intended("b", number=2), intended("c", number=3))
    book.apply(ev.OrderAccepted(client_id="a", venue_id="v"), T)
    book.apply(ev.OrderRejected(client_id="b", code="c", text=""), T)
    book.apply(ev.SendRefused(client_id="c", check="x", detail=""), T)

    assert list(book.pace.answers) == [0, 1]


def test_an_order_that_filled_before_its_acceptance_learns_its_id_and_counts_for_nothing():
    book = told(intended())
    order = book.orders["o1"]
    book.apply(filled(order, D(10), "100"), T)
    book.apply(ev.OrderAccepted(client_id="o1", venue_id="v"), T)

    assert (order.status, order.venue_id, list(book.pace.answers)) == ("filled", "v", [])


def test_a_cancel_that_was_asked_for_before_the_acceptance_is_still_under_way_after_it():
    book = told(intended())
    order, seen = book.orders["o1"], []
    for event in (
        ev.CancelIntended(client_id="o1", reason="stop"),
        ev.OrderAccepted(client_id="o1", venue_id="v"),
        ev.CancelIntended(client_id="o1", reason="stop"),
    ):
        book.apply(event, T)
        seen.append((str(order.status), order.cancels, order.is_cancel_wanted))

    assert seen == [("intended", 1, True), ("cancelling", 1, True), ("cancelling", 2, True)]


def test_an_unknown_order_whose_cancel_is_asked_for_stays_unknown():
    book = told()
    order = working(book)
    book.apply(ev.OrderUnknown(client_id="o1", why="timeout"), T)
    book.apply(ev.CancelIntended(client_id="o1", reason="stop"), T)

    assert (order.status, order.cancels) == (OrderStatus.UNKNOWN, 1)


def test_an_unknown_order_that_works_after_all_may_be_cancelled_anew():
    book = told()
    order = working(book)
    for event in (
        ev.CancelIntended(client_id="o1", reason="stop"),
        ev.CancelAnswered(client_id="o1", answer="unknown", text=""),
        ev.OrderResolved(client_id="o1", status=OrderStatus.WORKING, evidence="listed"),
    ):
        book.apply(event, T)

    assert (order.status, order.cancels, order.is_cancel_wanted) == ("working", 0, True)
    assert "o1" in book.live


@pytest.mark.parametrize(
    "event",
    [
        ev.OrderUnknown(client_id="o1", why="again"),
        ev.CancelAnswered(client_id="o1", answer="unknown", text=""),
        ev.OrderEnded(client_id="o1", status=OrderStatus.EXPIRED, filled=D(4), text="", cursor=0),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_order_is_unknown_since_it_first_was(event: ev.Event):
    book = told()
    order = working(book)
    book.apply(event, 3 * T)
    first = (order.status, order.unknown_ns)
    book.apply(event, 8 * T)

    assert first == (OrderStatus.UNKNOWN, 3 * T)
    assert order.unknown_ns == 3 * T


def test_a_query_that_finds_the_order_is_no_not_found():
    book = told()
    order = working(book)
    found = order_report(order)
    book.apply(ev.OrderQueried(client_id="o1", attempt=1, failed="", report=found, positions=()), T)

    assert (order.queries, order.queries_not_found) == (1, 0)


@pytest.mark.parametrize(
    ("seen", "counted", "status"),
    [(4, 4, "expired"), (6, 4, "expired"), (3, 4, "unknown"), (0, 0, "expired")],
)
def test_an_ending_is_believed_once_all_its_fills_are_in(seen: int, counted: int, status: str):
    book = told()
    order = working(book)
    if seen:
        book.apply(filled(order, D(seen), "100"), T)
    ended = ev.OrderEnded(
        client_id="o1", status=OrderStatus.EXPIRED, filled=D(counted), text="", cursor=0
    )
    book.apply(ended, T)

    assert order.status == status


def test_an_ending_moves_the_fill_cursor_only_forward_and_for_strangers_too():
    book, cursors = told(), []
    for cursor in (5, 3, 9):
        ended = ev.OrderEnded(
            client_id="x", status=OrderStatus.EXPIRED, filled=D(0), text="", cursor=cursor
        )
        book.apply(ended, T)
        cursors.append(book.fill_cursor)

    assert cursors == [5, 5, 9]
