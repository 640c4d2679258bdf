"""What is accepted, what is refused and by which code, and what the account and the log say."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from hfl_core.domain.bars import BarRow
from hfl_core.domain.events import Filled
from hfl_core.domain.ids import ClientOrderId
from hfl_core.domain.instruments import Instrument
from hfl_core.domain.orders import Side
from hfl_core.domain.values import with_changes
from hfl_core.venue.model import Rejected

HOUR = 3_600 * 1_000_000_000


def rejection(outcome: object) -> str:
    assert isinstance(outcome, Rejected), outcome
    return outcome.code


def test_short_entry_needs_permission(floor) -> None:
    market = floor()

    assert rejection(market.matching.submit(market.request(Side.SELL, "1"))) == "may_not_short"

    market = floor(may_short=True)
    order = market.send(Side.SELL, "10")
    market.bar("100", "100", "100", "100")

    assert market.position() == -10
    assert market.fills(order) == [("100", "10")]
    assert market.matching.account().cash == Decimal(11_000)


def test_cash_is_checked_before_acceptance_with_what_is_reserved(floor) -> None:
    market = floor()
    market.send(Side.BUY, "60", limit="100")  # reserves 6,000 of 10,000

    assert (
        rejection(market.matching.submit(market.request(Side.BUY, "41", limit="100")))
        == "insufficient_cash"
    )
    assert isinstance(market.matching.submit(market.request(Side.BUY, "40", limit="100")), str)


def test_a_gap_above_the_cash_clamps_the_entry_and_never_overdraws(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "100")  # 10,000 at the last price
    market.bar("120", "120", "120", "120")

    assert market.fills(order) == [("120", "83")]
    assert market.status(order) == "cancelled"
    assert market.matching.account().cash == Decimal(40)


def test_an_account_that_clips_takes_an_entry_for_more_than_it_has(floor) -> None:
    market = floor()
    market.matching.settings = replace(market.matching.settings, clips_entries=True)
    order = market.send(Side.BUY, "100000")
    market.bar("80", "80", "80", "80")

    assert market.fills(order) == [("80", "125")]
    assert market.status(order) == "cancelled"
    assert market.matching.account().cash == 0
    assert rejection(market.matching.submit(market.request(Side.BUY, "1"))) == "insufficient_cash"


def test_margin_lets_an_account_hold_more_than_its_cash(floor) -> None:
    market = floor(margin_fraction=Decimal("0.1"))

    assert (
        rejection(market.matching.submit(market.request(Side.BUY, "1001"))) == "insufficient_cash"
    )

    order = market.send(Side.BUY, "1000")
    market.bar("100", "100", "100", "100")

    assert market.fills(order) == [("100", "1000")]
    assert market.matching.account().cash == Decimal(-90_000)
    assert rejection(market.matching.submit(market.request(Side.BUY, "1"))) == "insufficient_cash"


@pytest.mark.parametrize(
    ("quantity", "options", "code"),
    [
        ("1.5", {}, "bad_quantity"),
        ("0", {}, "bad_quantity"),
        ("-1", {}, "bad_quantity"),
        ("NaN", {}, "bad_quantity"),
        ("1", {"limit": "100.005"}, "bad_price"),
        ("1", {"limit": "-5"}, "bad_price"),
        ("1", {"symbol": "BBB"}, "unknown_symbol"),
        ("1", {"limit": "9.99"}, "below_minimum"),
        ("1", {"client_id": "Upper"}, "bad_client_id"),
        ("1", {"client_id": "x" * 33}, "bad_client_id"),
        ("1", {"client_id": "a\nb"}, "bad_client_id"),
    ],
)
def test_bad_orders_are_rejected_by_code_and_leave_nothing(floor, quantity, options, code) -> None:
    market = floor()

    assert rejection(market.matching.submit(market.request(Side.BUY, quantity, **options))) == code
    assert market.matching.orders == {}
    assert market.matching.log == []


def test_a_price_that_does_not_belong_to_the_type_is_rejected(floor) -> None:
    market = floor()
    request = with_changes(market.request(Side.BUY, "1"), stop_price=Decimal(101))

    assert rejection(market.matching.submit(request)) == "bad_price"


def test_nothing_is_accepted_before_the_first_bar(floor) -> None:
    market = floor(seen=False)

    assert rejection(market.matching.submit(market.request(Side.BUY, "1"))) == "no_price"


def test_duplicate_client_id_says_that_the_order_exists(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "10")

    assert (
        rejection(market.matching.submit(market.request(Side.BUY, "10", client_id=order)))
        == "duplicate_client_id"
    )
    market.bar("100", "100", "100", "100")
    assert (
        rejection(market.matching.submit(market.request(Side.BUY, "10", client_id=order)))
        == "duplicate_client_id"
    )
    assert market.position() == 10


def test_cancel_tells_what_became_of_the_order(floor) -> None:
    market = floor()
    working = market.send(Side.BUY, "10", limit="50")
    filled = market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")

    assert market.matching.cancel(working) == "cancelled"
    assert market.matching.cancel(working) == "cancelled"
    assert market.matching.cancel(filled) == "already_filled"
    assert market.matching.cancel(ClientOrderId("nobody")) == "not_found"
    market.bar("40", "40", "40", "40")
    assert market.fills(working) == []


def test_a_cancelled_order_keeps_its_partial_fill(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "20")
    market.bar("100", "100", "100", "100", volume=50.0)
    market.matching.cancel(order)
    report = market.matching.query(order)

    assert (report.status.value, report.filled, report.quantity) == (
        "cancelled",
        Decimal(5),
        Decimal(20),
    )
    assert market.matching.log[-1].filled == Decimal(5)


def test_a_bar_sent_again_changes_nothing(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "20")
    row = BarRow(0, 10_000, 10_000, 10_000, 10_000, 50.0, 0)

    assert market.matching.on_bar(row, HOUR, 2 * HOUR) is True
    assert market.matching.on_bar(row, HOUR, 2 * HOUR) is False
    assert market.matching.on_bar(row, 0, HOUR) is False
    assert market.fills(order) == [("100", "5")]


def test_polling_continues_behind_the_cursor(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "20")
    for _ in range(4):
        market.bar("100", "100", "100", "100", volume=50.0)
    events = market.matching.poll(0)

    assert [event.cursor for event in events] == [1, 2, 3, 4]
    assert all(isinstance(event, Filled) and event.fill.client_id == order for event in events)
    assert [event.cursor for event in market.matching.poll(2)] == [3, 4]
    assert len({event.fill.fill_id for event in events}) == 4
    assert market.matching.account().fill_cursor == 4


def test_position_reports_its_average_entry(floor) -> None:
    """10 at 100 and 20 at 103 average 102; selling 15 leaves the average."""
    market = floor()
    market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")
    market.send(Side.BUY, "20")
    market.bar("103", "103", "103", "103")
    market.send(Side.SELL, "15", reduce_only=True)
    market.bar("110", "110", "110", "110")
    (position,) = market.matching.account().positions

    assert (position.quantity, position.price) == (Decimal(15), Decimal(102))


def test_an_entry_through_zero_starts_a_new_average(floor) -> None:
    market = floor(may_short=True)
    market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")
    market.send(Side.SELL, "25")
    market.bar("104", "104", "104", "104")
    (position,) = market.matching.account().positions

    assert (position.quantity, position.price) == (Decimal(-15), Decimal(104))


def test_cash_moves_once_for_each_request_id(floor) -> None:
    market = floor()
    move = market.matching.move_cash

    assert move("w1", Decimal(-4_000)) is None
    assert move("w1", Decimal(-4_000)) is None
    assert rejection(move("w1", Decimal(-5_000))) == "request_reused"
    assert rejection(move("w2", Decimal(-6_001))) == "insufficient_cash"
    assert move("d1", Decimal("0.5")) is None
    assert market.matching.account().cash == Decimal("6000.5")


def test_reserved_cash_cannot_be_withdrawn(floor) -> None:
    market = floor()
    market.send(Side.BUY, "60", limit="100")

    assert rejection(market.matching.move_cash("w", Decimal(-4_001))) == "insufficient_cash"
    assert market.matching.move_cash("w", Decimal(-4_000)) is None


def test_tick_and_lot_stay_once_there_was_an_order(
    floor, instrument: Callable[..., Instrument]
) -> None:
    market = floor()
    assert market.matching.list_instrument(instrument(tick=Decimal("0.02"))) == 0
    market.bar("100", "100", "100", "100")
    market.send(Side.BUY, "10")

    with pytest.raises(ValueError, match="keep them or use a new venue directory"):
        market.matching.list_instrument(instrument(tick=Decimal("0.01")))
    assert market.matching.list_instrument(instrument(tick=Decimal("0.02"), may_short=True)) == 0


def test_open_orders_come_by_acceptance_over_all_symbols(
    floor, instrument: Callable[..., Instrument]
) -> None:
    market = floor()
    market.matching.list_instrument(instrument("BBB"))
    market.hour = 0
    market.bar("50", "50", "50", "50", index=1)
    names = [
        market.send(Side.BUY, "1", limit="40", symbol="BBB"),
        market.send(Side.BUY, "1", limit="90"),
        market.send(Side.BUY, "1", limit="41", symbol="BBB"),
    ]

    assert [order.client_id for order in market.matching.open_orders()] == names
