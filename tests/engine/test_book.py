"""The book: playbooks of events and the state they add up to."""

from decimal import Decimal

from hfl_core.domain import events as ev
from hfl_core.domain.orders import OrderType, Purpose, Side, TimeInForce
from hfl_core.engine.book import REQUESTS_KEPT, Book
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
