"""Fills worked out by hand: where, when, how much, and what ends an order."""

from decimal import Decimal

import pytest

from hfl_core.domain.events import OrderEnded
from hfl_core.domain.instruments import VolumeKind
from hfl_core.domain.orders import Side, TimeInForce
from hfl_core.venue.model import Costs, Rejected

HOUR = 3_600 * 1_000_000_000
COSTS = Costs(commission=Decimal("0.001"), spread=Decimal("0.002"), slippage=Decimal("0.0005"))


def rejection(outcome: object) -> str:
    assert isinstance(outcome, Rejected), outcome
    return outcome.code


def test_market_order_fills_at_the_next_open(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "10")
    market.bar("101", "105", "99", "104")

    assert market.fills(order) == [("101", "10")]
    assert market.status(order) == "filled"
    assert market.matching.account().cash == Decimal(10_000 - 1_010)


def test_a_bar_that_was_already_open_at_acceptance_fills_nothing(floor) -> None:
    market = floor()
    market.matching.tell_time(HOUR + 1)  # accepted one nanosecond after the next bar opens
    order = market.send(Side.BUY, "10")
    market.bar("101", "101", "101", "101")

    assert market.fills(order) == []

    market.bar("102", "102", "102", "102")

    assert market.fills(order) == [("102", "10")]


def test_a_fill_at_the_open_happens_then_and_one_inside_the_bar_is_known_at_its_close(
    floor,
) -> None:
    market = floor()
    at_open = market.send(Side.BUY, "10")
    inside = market.send(Side.BUY, "10", limit="95")
    market.bar("100", "101", "94", "96")

    assert market.matching.query(at_open).fills[0].at_ns == HOUR
    assert market.matching.query(inside).fills[0].at_ns == 2 * HOUR


def test_taking_pays_half_the_spread_and_slippage_rounded_against_the_trader(floor) -> None:
    """0.1 % half spread and 0.05 % slippage on 101.01.

    101.161515 up to 101.17, 100.858485 down to 100.85.
    """
    market = floor(costs=COSTS)
    bought = market.send(Side.BUY, "10")
    market.bar("101.01", "102", "100", "101")
    sold = market.send(Side.SELL, "10", reduce_only=True)
    market.bar("101.01", "102", "100", "101")

    assert market.fills(bought) == [("101.17", "10")]
    assert market.fills(sold) == [("100.85", "10")]


def test_fee_is_rounded_up_to_the_eighth_decimal(floor) -> None:
    """0.001 x 3 x 100.01 x 0.0001 = 0.000030003: up to 0.00003001."""
    market = floor(
        costs=Costs(commission=Decimal("0.001")), lot=Decimal("0.0001"), notional_min=Decimal(0)
    )
    order = market.send(Side.BUY, "0.0003")
    market.bar("100.01", "101", "100", "100")
    report = market.matching.query(order)

    assert report.fills[0].fee == Decimal("0.00003001")
    assert market.matching.account().cash == Decimal(10_000) - Decimal("0.030003") - Decimal(
        "0.00003001"
    )


@pytest.mark.parametrize(
    ("bar", "expected"),
    [
        (("101", "102", "99.50", "100"), [("100", "10")]),  # trades through: at the limit
        (("98", "99", "97", "98"), [("98", "10")]),  # opens below: at the open
        (("101", "102", "100", "101"), []),  # touches only
        (("101", "102", "100.01", "101"), []),  # never there
        (("100", "102", "100", "101"), [("100", "10")]),  # opens exactly there
    ],
)
def test_buy_limit(floor, bar, expected) -> None:
    market = floor()
    order = market.send(Side.BUY, "10", limit="100")
    market.bar(*bar)

    assert market.fills(order) == expected


def test_buy_limit_needs_the_ask_to_come_through(floor) -> None:
    """With half a spread of 0.1 %, a low of 99.91 is an ask of 100.00991: not through 100.

    99.89 is 99.98989, up to 99.99.
    """
    market = floor(costs=COSTS)
    order = market.send(Side.BUY, "10", limit="100")
    market.bar("101", "102", "99.91", "100")

    assert market.fills(order) == []

    market.bar("101", "102", "99.89", "100")

    assert market.fills(order) == [("100", "10")]


def test_sell_limit_fills_at_the_open_when_that_is_better(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")
    order = market.send(Side.SELL, "10", limit="105", reduce_only=True)
    market.bar("107", "108", "106", "107")

    assert market.fills(order) == [("107", "10")]


@pytest.mark.parametrize(
    ("bar", "expected"),
    [
        (("100", "101", "95", "96"), [("95", "10")]),  # touched inside: at the stop
        (("90", "91", "89", "90"), [("90", "10")]),  # gap beyond: at the open
        (("95", "96", "94", "95"), [("95", "10")]),  # opens on it
        (("100", "101", "95.01", "100"), []),
    ],
)
def test_protective_stop(floor, bar, expected) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")
    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar(*bar)

    assert market.fills(stop) == expected


def test_stop_pays_slippage_from_the_stop_or_from_the_gap(floor) -> None:
    """0.15 % below 95 is 94.8575, down to 94.85; below 90 it is 89.865, down to 89.86."""
    for bar, price in ((("100", "101", "94", "95"), "94.85"), (("90", "91", "89", "90"), "89.86")):
        market = floor(costs=COSTS)
        market.send(Side.BUY, "10")
        market.bar("100", "100", "100", "100")
        stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
        market.bar(*bar)

        assert market.fills(stop) == [(price, "10")]


def test_buy_stop_enters_at_the_stop_or_the_gap(floor) -> None:
    market = floor()
    first = market.send(Side.BUY, "10", stop="105")
    market.bar("100", "105", "99", "101")
    second = market.send(Side.BUY, "10", stop="110")
    market.bar("112", "113", "111", "112")

    assert market.fills(first) == [("105", "10")]
    assert market.fills(second) == [("112", "10")]


def test_stop_comes_before_the_target_and_they_never_both_fill(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")
    target = market.send(Side.SELL, "10", limit="105", reduce_only=True)
    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar("100", "110", "90", "100")

    assert market.fills(stop) == [("95", "10")]
    assert market.fills(target) == []
    assert market.status(target) == "cancelled"
    assert market.position() == 0


def test_reduce_only_is_clamped_to_the_position(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")
    order = market.send(Side.SELL, "25", reduce_only=True)
    market.bar("101", "101", "101", "101")

    assert market.fills(order) == [("101", "10")]
    assert market.status(order) == "cancelled"
    assert market.position() == 0


def test_reduce_only_without_a_position_is_rejected(floor) -> None:
    market = floor()

    assert (
        rejection(market.matching.submit(market.request(Side.SELL, "1", reduce_only=True)))
        == "nothing_to_reduce"
    )


def test_partial_fills_share_the_bars_volume(floor) -> None:
    """10 % of 95 is 9.5: nine lots a bar, first come first served.

    The rest of a GTC order works on.
    """
    market = floor()
    first = market.send(Side.BUY, "7")
    second = market.send(Side.BUY, "20")
    market.bar("100", "100", "100", "100", volume=95.0)
    market.bar("101", "101", "101", "101", volume=95.0)
    market.bar("102", "102", "102", "102", volume=95.0)

    assert market.fills(first) == [("100", "7")]
    assert market.fills(second) == [("100", "2"), ("101", "9"), ("102", "9")]
    assert market.status(second) == "filled"


def test_depth_bounds_a_bar_without_volume(floor) -> None:
    market = floor(volume=VolumeKind.NONE, depth_lots=4)
    order = market.send(Side.BUY, "6")
    market.bar("100", "100", "100", "100", volume=0.0)
    market.bar("101", "101", "101", "101", volume=0.0)

    assert market.fills(order) == [("100", "4"), ("101", "2")]


def test_no_depth_is_refused_when_listed(floor) -> None:
    with pytest.raises(ValueError, match="expected depth_lots above zero"):
        floor(volume=VolumeKind.NONE, depth_lots=0)


def test_zero_volume_fills_nothing_but_a_touched_stop_stays_triggered(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")
    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar("96", "96", "94", "96", volume=0.0)

    assert market.fills(stop) == []

    market.bar("99", "99", "99", "99")

    assert market.fills(stop) == [("99", "10")]


def test_bar_order_expires_with_what_is_left(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "20", tif=TimeInForce.BAR)
    market.bar("100", "100", "100", "100", volume=100.0)
    market.bar("100", "100", "100", "100", volume=100.0)

    assert market.fills(order) == [("100", "10")]
    assert market.status(order) == "expired"
    ended = market.matching.log[-1]
    assert isinstance(ended, OrderEnded)
    assert (ended.client_id, ended.filled, ended.cursor) == (order, Decimal(10), 2)


def test_day_order_lives_to_the_end_of_the_day_of_its_first_bar(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "10", limit="90", tif=TimeInForce.DAY)
    while market.hour < 23:
        market.bar("100", "100", "100", "100")

    assert market.status(order) == "working"

    market.bar("100", "100", "100", "100")  # closes at 24:00

    assert market.status(order) == "expired"


def test_day_order_is_dead_when_the_next_bar_opens_on_another_day(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "10", limit="90", tif=TimeInForce.DAY)
    market.bar("100", "100", "100", "100")
    market.hour = 30
    market.bar("80", "80", "80", "80")

    assert market.status(order) == "expired"
    assert market.fills(order) == []
