"""The book: playbooks of events and the state they add up to."""

from decimal import Decimal

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderStatus, OrderType, Purpose, Side, TimeInForce
from hfl_core.engine.book import ENDED_ORDERS_KEPT, REQUESTS_KEPT, Book
from hfl_core.engine.book_records import OrderRecord
from tests.engine.kit import D, command, filled, report

T = 1_000


def intended(
    client_id: str = "o1",
    side: Side = Side.BUY,
    quantity: int = 10,
    *,
    purpose: Purpose = Purpose.ENTRY,
    symbol: str = "AAA",
    number: int = 1,
    stop: str | None = "90",
) -> ev.OrderIntended:
    return ev.OrderIntended(
        client_id=client_id,
        number=number,
        decision=number,
        symbol=symbol,
        side=side,
        type=OrderType.MARKET,
        purpose=purpose,
        quantity=D(quantity),
        limit_price=None,
        stop_price=None,
        risk_stop_price=D(stop) if stop and purpose is Purpose.ENTRY else None,
        time_in_force=TimeInForce.BAR,
        reason="test",
        reference_price=D(100),
        price_ns=T,
        limits_hash="l",
        intent_hash="i",
    )


def told(*events: ev.Event) -> Book:
    """Return a book with 10,000 in cash that was told these events."""
    book = Book()
    for event in (ev.AccountOpened(cash=D(10_000), currency="USD"), *events):
        book.apply(event, T)
    return book


def working(
    book: Book, client_id: str = "o1", side: Side = Side.BUY, quantity: int = 10
) -> OrderRecord:
    book.apply(intended(client_id, side, quantity, number=len(book.orders) + 1), T)
    book.apply(ev.SendAttempted(client_id=client_id, run_id="r"), T)
    book.apply(ev.OrderAccepted(client_id=client_id, venue_id="v"), T)
    return book.orders[client_id]


def trade(book: Book, side: Side, quantity: int, price: str, *, fee: str = "0") -> None:
    order = working(book, f"o{len(book.orders) + 1}", side, quantity)
    book.apply(filled(order, D(quantity), price, fee=fee), T)


# --- positions and cash ---------------------------------------------------------------------------


def test_a_second_buy_averages_the_price():
    book = told()
    trade(book, Side.BUY, 10, "100")
    trade(book, Side.BUY, 30, "104")

    assert (book.positions["AAA"].quantity, book.positions["AAA"].price) == (D(40), D(103))


def test_a_partial_sale_realises_its_share_and_keeps_the_price():
    book = told()
    trade(book, Side.BUY, 10, "100")
    trade(book, Side.SELL, 4, "107")

    position = book.positions["AAA"]
    assert (position.quantity, position.price, position.realised) == (D(6), D(100), D(28))
    assert book.realised == D(28)


def test_a_short_gains_when_it_is_bought_back_lower():
    book = told()
    trade(book, Side.SELL, 10, "100")
    trade(book, Side.BUY, 10, "93")

    assert (book.positions, book.realised, book.cash) == ({}, D(70), D(10_070))


def test_turning_over_realises_all_and_opens_the_rest_as_a_new_trade():
    book = told()
    trade(book, Side.BUY, 10, "100")
    trade(book, Side.SELL, 25, "110")

    position = book.positions["AAA"]
    assert (position.quantity, position.price, position.trade) == (D(-15), D(110), 2)
    assert book.realised == D(100)


def test_cash_is_exact_to_the_unit_with_fees():
    book = told()
    trade(book, Side.BUY, 3, "33.33", fee="0.000000000001")
    trade(book, Side.SELL, 3, "33.34", fee="0.07")

    assert book.cash == D(10_000) - D("99.99") + D("100.02") - D("0.070000000001")
    assert book.fees == D("0.070000000001")


def test_deposits_add_to_cash_and_are_kept_apart_from_gains():
    book = told(ev.CashMoved(request_id="c", amount=D(500)))

    assert (book.cash, book.cash_moved, book.realised, book.opened_cash) == (
        D(10_500),
        D(500),
        D(0),
        D(10_000),
    )


def test_the_same_fill_twice_changes_nothing():
    book = told()
    order = working(book)
    event = filled(order, D(4), "100", fill_id="x")
    book.apply(event, T)
    book.apply(event, T)

    assert (order.filled, book.fills, book.cash) == (D(4), 1, D(9_600))
    assert book.is_known_fill(event.fill)


def test_one_fill_id_on_two_orders_is_two_fills():
    book = told()
    first, second = working(book, "a"), working(book, "b")
    book.apply(filled(first, D(10), "100", fill_id="x"), T)
    book.apply(filled(second, D(10), "100", fill_id="x"), T)

    assert book.positions["AAA"].quantity == D(20)


def test_a_fill_of_an_order_that_is_not_ours_changes_nothing():
    book = told()
    stranger = working(Book(), "stranger")
    book.apply(filled(stranger, D(10), "100"), T)

    assert (book.positions, book.cash) == ({}, D(10_000))


def test_an_overfill_is_booked_and_halts_the_instrument():
    book = told()
    order = working(book, quantity=10)
    book.apply(filled(order, D(11), "100"), T)

    assert book.positions["AAA"].quantity == D(11)
    assert book.halted_symbols == {"AAA": "overfill of o1: 11 of 10"}


# --- the order's life -----------------------------------------------------------------------------


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


def test_failed_exits_are_counted_and_an_accepted_one_forgets_them():
    book = told()
    trade(book, Side.BUY, 10, "100")
    for number in range(2):
        book.apply(intended(f"x{number}", Side.SELL, purpose=Purpose.EXIT, number=8), T)
        book.apply(ev.OrderRejected(client_id=f"x{number}", code="c", text=""), 5 * T)
    failures = (book.positions["AAA"].failures, book.positions["AAA"].failed_ns)
    book.apply(intended("x9", Side.SELL, purpose=Purpose.EXIT, number=9), T)
    book.apply(ev.OrderAccepted(client_id="x9", venue_id="v"), T)

    assert failures == (2, 5 * T)
    assert book.positions["AAA"].failures == 0


def test_a_rejected_entry_is_no_failure_of_the_position():
    book = told()
    trade(book, Side.BUY, 10, "100")
    book.apply(intended("e2", number=5), T)
    book.apply(ev.OrderRejected(client_id="e2", code="c", text=""), T)

    assert book.positions["AAA"].failures == 0


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


# --- everything else ------------------------------------------------------------------------------


def test_a_human_may_accept_the_venues_position():
    book = told(ev.PositionMismatched(symbol="AAA", ours=D(0), theirs=D(7)))
    halted = dict(book.halted_symbols)
    book.apply(ev.PositionAdjusted(symbol="AAA", quantity=D(7), price=D(50), reason="mine"), T)

    assert halted == {"AAA": "ours 0, venue 7"}
    assert (book.positions["AAA"].quantity, book.cash, book.halted_symbols) == (D(7), D(9_650), {})


def test_accepting_flat_removes_the_position_and_returns_its_price():
    book = told()
    trade(book, Side.BUY, 10, "100")
    book.apply(ev.PositionAdjusted(symbol="AAA", quantity=D(0), price=D(90), reason="sold"), T)

    assert (book.positions, book.cash) == ({}, D(9_900))


def test_adjusting_a_held_position_keeps_its_trade_and_decision():
    book = told()
    trade(book, Side.BUY, 10, "100")
    before = book.positions["AAA"]
    book.apply(ev.PositionAdjusted(symbol="AAA", quantity=D(4), price=D(90), reason="x"), T)

    after = book.positions["AAA"]
    assert (after.trade, after.decision, book.trades) == (before.trade, before.decision, 1)


def test_the_strictest_stop_counts():
    stops = [
        ev.StopLatched(level="reduce_only", latch_id="a", reason="", actor="human"),
        ev.LatchFound(level="kill", latch_id="b", text="a file"),
    ]
    book = told()
    levels = [book.level]
    for stop in stops:
        book.apply(stop, T)
        levels.append(book.level)
    book.apply(ev.Resumed(latch_ids=("b",), actor="human", reason=""), T)
    levels.append(book.level)

    assert levels == ["", "reduce_only", "kill", "reduce_only"]


def test_scans_add_up_over_rows():
    def scans(cursor: int, counts: tuple[tuple[str, int], ...]) -> ev.ScansCoalesced:
        return ev.ScansCoalesced(
            dataset_id="d",
            cursor_from=cursor - 2,
            cursor_to=cursor,
            slot_first_ns=cursor - 1,
            slot_last_ns=cursor,
            scans=2,
            counts=counts,
            digest=f"{cursor:064x}",
            equity=D(cursor),
            high_water_mark=D(cursor),
            anchors=(("day", D(1)),),
        )

    book = told(scans(2, (("NO_SETUP", 2),)), scans(4, (("NO_SETUP", 1), ("HOLDING", 1))))

    assert (book.scans, book.cursor, book.counts) == (4, 4, {"NO_SETUP": 3, "HOLDING": 1})
    assert (book.digest, book.equity) == (f"{4:064x}", D(4))


def test_refused_rows_move_the_cursor_behind_the_last():
    book = told(
        ev.BarsRejected(
            symbol="AAA",
            reasons=("duplicate",),
            first_row=3,
            last_row=5,
            count=3,
            first_time_ns=1,
            last_time_ns=2,
            sample="",
        )
    )

    assert (book.rejected_rows, book.cursor) == (3, 6)


def test_only_the_newest_requests_are_remembered():
    book = told(*(command("pause", f"r{number}") for number in range(REQUESTS_KEPT + 3)))

    assert len(book.requests) == REQUESTS_KEPT
    assert "r2" not in book.requests
    assert "r3" in book.requests


def test_a_report_moves_the_fill_cursor_only_forward():
    book = told(report(cursor=9), report(cursor=4))

    assert book.fill_cursor == 9


def test_symbols_are_those_held_or_on_their_way():
    book = told(intended("o1", symbol="ZZZ"))
    trade(book, Side.BUY, 1, "100")

    assert list(book.symbols()) == ["AAA", "ZZZ"]


def test_events_of_other_topics_change_nothing():
    book = told(ev.RunEnded(reason="stopped"), ev.TimePassed(due_ns=5))

    assert book.cash == Decimal(10_000)
