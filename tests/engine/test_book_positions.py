"""The book: what each execution does to its order, to the position, the cash and the trade."""

from decimal import Decimal

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.ids import FillId
from hfl_core.domain.orders import OrderStatus, Purpose, Side
from hfl_core.domain.values import with_changes
from hfl_core.engine.book import Book
from hfl_core.engine.book_positions import PROTECTION_GRACE_NS
from hfl_core.engine.book_records import PositionRecord
from tests.engine.kit import SECOND, D, filled, report
from tests.engine.test_book import T, intended, told, trade, working

LATER = 7 * T


def closing(
    book: Book,
    price: str,
    *,
    purpose: Purpose = Purpose.EXIT,
    quantity: int | Decimal = 10,
    fee: str = "0",
) -> None:
    """Sell by an order of this purpose, later."""
    name = f"x{len(book.orders)}"
    intent = intended(name, Side.SELL, purpose=purpose, number=90)
    book.apply(with_changes(intent, quantity=D(quantity)), T)
    book.apply(filled(book.orders[name], D(quantity), price, fee=fee), LATER)


def test_the_first_fill_opens_a_trade_that_knows_where_it_came_from():
    book = told(intended("o1", number=3, stop="90"))
    book.apply(filled(book.orders["o1"], D(4), "101", fee="0.5"), LATER)

    assert book.positions["AAA"] == PositionRecord(
        symbol="AAA",
        quantity=D(4),
        price=D(101),
        trade=1,
        decision=3,
        opened_ns=LATER,
        fees=D("0.5"),
        stop_price=D(90),
        stop_due_ns=LATER + 10 * SECOND,
    )
    assert PROTECTION_GRACE_NS == 10 * SECOND
    assert (book.trades, book.fills) == (1, 1)


def test_a_position_without_a_stop_price_owes_no_stop():
    book = told(intended("o1", stop=None))
    book.apply(filled(book.orders["o1"], D(4), "101"), T)

    assert (book.positions["AAA"].stop_price, book.positions["AAA"].stop_due_ns) == (None, 0)


def test_further_fills_belong_to_the_same_trade():
    book = told()
    order = working(book)
    for number, quantity in enumerate((1, 2, 7)):
        book.apply(filled(order, D(quantity), "100", fee="0.1", fill_id=f"f{number}"), T + number)

    position = book.positions["AAA"]
    assert (position.trade, position.opened_ns, position.fees) == (1, T, D("0.3"))
    assert (book.trades, book.fills, order.filled) == (1, 3, D(10))


def test_a_second_sale_averages_the_price_of_a_short():
    book = told()
    trade(book, Side.SELL, 10, "100")
    trade(book, Side.SELL, 30, "104")

    assert (book.positions["AAA"].quantity, book.positions["AAA"].price) == (D(-40), D(103))
    assert book.cash == D(10_000) + D(1_000) + D(3_120)


def test_a_short_bought_back_in_part_realises_its_share():
    book = told()
    trade(book, Side.SELL, 10, "100")
    trade(book, Side.BUY, 4, "90")

    position = book.positions["AAA"]
    assert (position.quantity, position.price, position.realised) == (D(-6), D(100), D(40))


def test_what_parts_realised_adds_up():
    book = told()
    trade(book, Side.BUY, 10, "100")
    trade(book, Side.SELL, 2, "110", fee="1")
    trade(book, Side.SELL, 3, "90", fee="1")

    position = book.positions["AAA"]
    assert (position.realised, book.realised) == (D(20) - D(30), D(-10))
    assert (position.fees, book.fees) == (D(2), D(2))


def test_the_fees_of_all_trades_add_up():
    book = told()
    for side in (Side.BUY, Side.SELL, Side.BUY):
        trade(book, side, 10, "100", fee="0.25")

    assert (book.fees, book.positions["AAA"].fees, book.trades) == (D("0.75"), D("0.25"), 2)


def test_turning_over_ends_one_trade_and_starts_one_with_nothing_of_the_old():
    book = told(intended("o1", number=3), intended("o2", Side.SELL, 25, number=4, stop="120"))
    book.apply(filled(book.orders["o1"], D(10), "100", fee="1"), T)
    book.apply(ev.ExitDecided(decision=4, symbol="AAA", reason="signal"), T)
    book.apply(filled(book.orders["o2"], D(25), "110", fee="2"), LATER)

    assert book.positions["AAA"] == PositionRecord(
        symbol="AAA",
        quantity=D(-15),
        price=D(110),
        trade=2,
        decision=4,
        opened_ns=LATER,
        stop_price=D(120),
        stop_due_ns=LATER + PROTECTION_GRACE_NS,
    )
    assert book.trades == 2


def test_turning_a_short_over_leaves_a_long_at_the_new_price():
    book = told()
    trade(book, Side.SELL, 10, "100")
    trade(book, Side.BUY, 11, "95")

    position = book.positions["AAA"]
    assert (position.quantity, position.price, position.realised) == (D(1), D(95), D(0))
    assert book.realised == D(50)


@pytest.mark.parametrize("side", list(Side))
def test_a_part_of_less_than_one_unit_is_realised_and_the_rest_is_held(side: Side):
    """A coin is traded in fractions: 0.5 of it is held, 0.2 of that is given back."""
    book = told()
    for name, way, quantity in (("o1", side, "0.5"), ("o2", side.opposite, "0.2")):
        book.apply(with_changes(intended(name, way), quantity=D(quantity)), T)
        price = "100" if name == "o1" else str(100 + 10 * side.sign)
        book.apply(filled(book.orders[name], D(quantity), price), T)

    position = book.positions["AAA"]
    assert (position.quantity, position.price) == (side.sign * D("0.3"), D(100))
    assert (position.realised, position.trade, position.decision) == (D(2), 1, 1)
    assert (book.trades, book.realised) == (1, D(2))


def test_a_trade_in_fractions_is_over_when_nothing_is_left():
    book = told(with_changes(intended("o1"), quantity=D("0.5")))
    book.apply(filled(book.orders["o1"], D("0.5"), "100"), T)
    seen = []
    for quantity in ("0.2", "0.3"):
        closing(book, "90", quantity=D(quantity))
        seen.append(book.pace.losing_run)

    assert seen == [0, 1]


def test_a_trade_counts_as_lost_after_fees_and_only_when_it_is_over():
    book = told()
    trade(book, Side.BUY, 10, "100", fee="3")
    closing(book, "99", quantity=4)
    during = book.pace.losing_run
    closing(book, "101", quantity=6, fee="0")

    # 4 lost, 6 gained, 3 paid in fees.
    assert (during, book.pace.losing_run, book.pace.lost_ns) == (0, 1, LATER)


def test_a_gain_that_outweighs_the_fees_ends_a_losing_run():
    book = told()
    trade(book, Side.BUY, 10, "100")
    closing(book, "99")
    trade(book, Side.BUY, 10, "100", fee="3")
    closing(book, "101", fee="3")

    assert (book.pace.losing_run, book.pace.lost_ns) == (0, LATER)


def test_a_turned_over_trade_counts_as_over():
    book = told()
    trade(book, Side.BUY, 10, "100")
    closing(book, "90", quantity=15)

    assert book.pace.losing_run == 1


@pytest.mark.parametrize(
    ("purpose", "quantity", "stopped_out"),
    [
        (Purpose.PROTECTION, 10, {"AAA": LATER}),
        (Purpose.PROTECTION, 9, {}),
        (Purpose.EXIT, 10, {}),
    ],
)
def test_only_a_stop_that_ended_the_trade_stopped_it_out(purpose, quantity, stopped_out):
    book = told()
    trade(book, Side.BUY, 10, "100")
    closing(book, "95", purpose=purpose, quantity=quantity)

    assert book.pace.stopped_out == stopped_out


def test_a_fill_up_to_the_order_is_no_overfill_and_ends_it():
    book = told()
    order = working(book, quantity=10)
    book.apply(filled(order, D(4), "100", fill_id="a"), T)
    book.apply(filled(order, D(6), "100", fill_id="b"), T)

    assert (order.status, order.remaining, book.halted_symbols) == (OrderStatus.FILLED, D(0), {})


def test_an_overfill_counts_what_came_before_and_says_by_how_much():
    book = told()
    order = working(book, quantity=10)
    book.apply(filled(order, D(4), "100", fill_id="a"), T)
    book.apply(filled(order, D("6.5"), "100", fill_id="b"), T)

    assert (order.status, order.filled) == (OrderStatus.FILLED, D("10.5"))
    assert book.halted_symbols == {"AAA": "overfill of o1: 6.5 of 6"}
    assert book.positions["AAA"].quantity == D("10.5")


def test_a_late_fill_of_an_order_that_was_full_is_an_overfill():
    book = told()
    order = working(book, quantity=10)
    book.apply(filled(order, D(10), "100", fill_id="a"), T)
    book.apply(filled(order, D(1), "100", fill_id="b"), T)

    assert list(book.halted_symbols) == ["AAA"]
    assert (book.positions["AAA"].quantity, len(book.ended)) == (D(11), 1)


def test_a_late_fill_of_a_short_order_makes_a_position_again():
    """The position was flat: what comes late is a trade of its own, with its own stop owed."""
    book = told()
    order = working(book, quantity=10)
    book.apply(filled(order, D(4), "100", fill_id="a"), T)
    closing(book, "100", quantity=4)
    book.apply(filled(order, D(6), "100", fill_id="b"), LATER)

    assert (book.positions["AAA"].quantity, book.positions["AAA"].trade) == (D(6), 2)
    assert book.positions["AAA"].stop_due_ns == LATER + PROTECTION_GRACE_NS


def test_the_fill_cursor_only_moves_forward_and_for_strangers_too():
    book = told()
    order = working(book)
    stranger = working(Book(), "stranger")
    cursors = []
    for told_of, number, cursor in ((order, 1, 5), (order, 2, 3), (stranger, 3, 9)):
        book.apply(filled(told_of, D(1), "100", fill_id=f"f{number}", cursor=cursor), T)
        cursors.append(book.fill_cursor)

    assert cursors == [5, 5, 9]


def test_a_fill_is_known_by_its_order_and_its_id_together():
    book = told()
    first = working(book, "a")
    working(book, "b")
    event = filled(first, D(4), "100", fill_id="x")
    book.apply(event, T)

    assert book.is_known_fill(event.fill)
    assert not book.is_known_fill(with_changes(event.fill, client_id="b"))
    assert not book.is_known_fill(with_changes(event.fill, fill_id=FillId("y")))
    assert not book.is_known_fill(with_changes(event.fill, client_id="stranger"))


# --- what a human or a report says ----------------------------------------------------------------


def test_an_accepted_position_that_we_never_had_is_a_trade_of_its_own():
    book = told()
    trade(book, Side.BUY, 1, "100")
    closing(book, "100", quantity=1)
    book.apply(ev.PositionAdjusted(symbol="BBB", quantity=D(-7), price=D(50), reason="x"), LATER)

    assert book.positions["BBB"] == PositionRecord(
        symbol="BBB", quantity=D(-7), price=D(50), trade=2, decision=0, opened_ns=LATER
    )
    assert (book.trades, book.cash) == (2, D(10_000) + D(350))


def test_an_older_trade_that_is_adjusted_gives_no_number_a_second_time():
    book = told(intended("o1"), intended("o2", symbol="BBB", number=2))
    for name in ("o1", "o2"):
        book.apply(filled(book.orders[name], D(10), "100"), T)
    book.apply(ev.PositionAdjusted(symbol="AAA", quantity=D(4), price=D(90), reason="x"), T)

    assert (book.positions["AAA"].trade, book.trades) == (1, 2)


def test_an_adjustment_pays_for_the_difference_at_its_price():
    book = told()
    trade(book, Side.BUY, 10, "100")
    book.apply(ev.PositionAdjusted(symbol="AAA", quantity=D(4), price=D(90), reason="x"), LATER)

    position = book.positions["AAA"]
    assert (position.quantity, position.price, position.opened_ns) == (D(4), D(90), LATER)
    assert book.cash == D(9_000) + 6 * D(90)


def test_accepting_flat_where_nothing_was_held_only_lifts_the_halt():
    book = told(ev.PositionMismatched(symbol="AAA", ours=D("-1.0"), theirs=D("2.50")))
    halted = dict(book.halted_symbols)
    book.apply(ev.PositionAdjusted(symbol="AAA", quantity=D(0), price=D(90), reason="x"), T)

    assert halted == {"AAA": "ours -1, venue 2.5"}
    assert (book.positions, book.cash, book.halted_symbols, book.trades) == ({}, D(10_000), {}, 0)


def test_a_strange_order_is_known_from_the_first_report_that_named_it():
    book = told()
    for time_ns, foreign in ((1, ("f1",)), (2, ("f1", "f2")), (3, ("f2",))):
        book.apply(report(foreign=foreign), time_ns)

    assert book.foreign == {"f2": 2}


def test_a_report_that_failed_says_nothing_of_strange_orders():
    book = told(report(foreign=("f1",)))
    book.apply(report(failed="timeout", cursor=4), LATER)

    assert (book.foreign, book.fill_cursor) == ({"f1": T}, 4)


def test_cash_that_moved_is_no_longer_asked_for():
    book = told()
    book.cash_asked = {"c1": "500", "c2": "-20"}
    for request_id, amount in (("c1", 500), ("c2", -20), ("by the venue", 5)):
        book.apply(ev.CashMoved(request_id=request_id, amount=D(amount)), T)

    assert (book.cash, book.cash_moved, book.cash_asked) == (D(10_485), D(485), {})


@pytest.mark.parametrize(
    ("side", "price", "is_stopped_out"),
    [
        (Side.SELL, "95", True),
        (Side.SELL, "119.5", True),
        (Side.SELL, "120", False),
        (Side.SELL, "121", False),
        (Side.BUY, "105", True),
        (Side.BUY, "80.5", True),
        (Side.BUY, "80", False),
        (Side.BUY, "79", False),
    ],
)
def test_a_trade_that_ended_at_its_target_was_not_stopped_out(side, price, is_stopped_out):
    book = told()
    trade(book, Side.BUY if side is Side.SELL else Side.SELL, 10, "100")
    target = D(120) if side is Side.SELL else D(80)
    intent = intended("both", side, purpose=Purpose.PROTECTION, number=90)
    book.apply(with_changes(intent, quantity=D(10), limit_price=target), T)
    book.apply(filled(book.orders["both"], D(10), price), LATER)

    assert book.pace.stopped_out == ({"AAA": LATER} if is_stopped_out else {})
