"""A bar told in two phases, worked out by hand.

What fills at the open is heard of in time for a stop inside the same bar, and nothing of the bar is
known earlier.
"""

from decimal import Decimal

import pytest

from hfl_core.domain.bars import BarRow
from hfl_core.domain.events import OrderEnded
from hfl_core.domain.instruments import VolumeKind
from hfl_core.domain.orders import Side, TimeInForce
from hfl_core.venue.model import Costs

HOUR = 3_600 * 1_000_000_000
COSTS = Costs(commission=Decimal("0.001"), spread=Decimal("0.002"), slippage=Decimal("0.0005"))


def test_a_stop_placed_after_the_fill_at_the_open_triggers_inside_the_same_bar(floor) -> None:
    market = floor()
    entry = market.send(Side.BUY, "10")
    market.opened("101")

    assert market.fills(entry) == [("101", "10")]
    assert market.matching.clock_ns == HOUR

    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar("101", "102", "94", "100")

    assert market.fills(stop) == [("95", "10")]
    assert market.matching.query(entry).fills[0].at_ns == HOUR
    assert market.matching.query(stop).fills[0].at_ns == 2 * HOUR
    assert market.matching.account().cash == Decimal(10_000 - 1_010 + 950)


def test_told_at_once_the_same_bar_is_over_before_the_stop_can_be_sent(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.bar("101", "102", "94", "100")
    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar("100", "102", "96", "100")

    assert market.fills(stop) == []
    assert market.position() == 10


def test_a_stop_that_the_open_is_beyond_already_takes_at_the_open(floor) -> None:
    """0.15 % below 90 is 89.865, down to 89.86."""
    market = floor(costs=COSTS)
    market.send(Side.BUY, "10")
    market.opened("90")
    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar("90", "99", "88", "98")

    assert market.fills(stop) == [("89.86", "10")]
    assert market.matching.query(stop).fills[0].at_ns == HOUR


def test_a_stop_placed_after_the_open_and_not_touched_takes_at_the_next_gap(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.opened("100")
    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar("100", "101", "95.01", "100")
    market.bar("93", "94", "92", "93")

    assert market.fills(stop) == [("93", "10")]


def test_a_market_order_sent_after_the_open_waits_for_the_next_one(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.opened("100")
    leaving = market.send(Side.SELL, "10", reduce_only=True, tif=TimeInForce.BAR)
    market.bar("100", "110", "90", "105")

    assert market.fills(leaving) == []
    assert market.status(leaving) == "working"

    market.bar("106", "107", "104", "105")

    assert market.fills(leaving) == [("106", "10")]


def test_time_in_force_counts_from_the_first_bar_an_order_takes_part_in(floor) -> None:
    """A bar fills ten lots, 10 % of 100, so something of each order is left when its bar closes.

    The market order takes part one bar later than the limit order sent with it.
    """
    market = floor(cash="100000")
    market.opened("100", volume=100.0)
    limit = market.send(Side.BUY, "25", limit="99", tif=TimeInForce.BAR)
    waiting = market.send(Side.BUY, "25", tif=TimeInForce.BAR)
    market.bar("100", "101", "98", "100", volume=100.0)

    assert market.fills(limit) == [("99", "10")]
    assert (market.status(limit), market.status(waiting)) == ("expired", "working")

    market.bar("100", "101", "99", "100", volume=100.0)

    assert market.fills(waiting) == [("100", "10")]
    assert market.status(waiting) == "expired"


def test_an_order_open_before_its_bar_expires_with_that_bar_also_in_two_phases(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "20", tif=TimeInForce.BAR)
    market.opened("100", volume=100.0)

    assert (market.fills(order), market.status(order)) == ([("100", "10")], "working")

    market.bar("100", "100", "100", "100", volume=100.0)

    assert (market.fills(order), market.status(order)) == ([("100", "10")], "expired")


def test_the_range_gets_what_the_open_left_of_the_budget(floor) -> None:
    """10 % of 95 is 9.5: nine lots, seven at the open, two for the limit inside the bar."""
    market = floor()
    entry = market.send(Side.BUY, "7")
    limit = market.send(Side.BUY, "5", limit="98")
    market.opened("100", volume=95.0)

    assert (market.fills(entry), market.fills(limit)) == ([("100", "7")], [])

    market.bar("100", "100", "97", "99", volume=95.0)

    assert market.fills(limit) == [("98", "2")]


def test_depth_bounds_open_and_range_together(floor) -> None:
    market = floor(volume=VolumeKind.NONE, depth_lots=4)
    market.send(Side.BUY, "3")
    market.opened("100", volume=0.0)
    stop = market.send(Side.SELL, "3", stop="95", reduce_only=True)
    market.bar("100", "100", "90", "92", volume=0.0)

    assert market.fills(stop) == [("95", "1")]

    market.bar("93", "94", "92", "93", volume=0.0)

    assert market.fills(stop) == [("95", "1"), ("93", "2")]


@pytest.mark.parametrize(
    ("options", "side", "price"),
    [
        ({"limit": "100"}, Side.BUY, "98"),
        ({"stop": "97"}, Side.BUY, "98"),
        ({"limit": "98"}, Side.BUY, "98"),
    ],
)
def test_what_the_open_gaps_through_fills_there(floor, options, side, price) -> None:
    market = floor()
    order = market.send(side, "10", **options)
    market.opened("98")

    assert market.fills(order) == [(price, "10")]
    assert market.matching.query(order).fills[0].at_ns == HOUR


def test_the_open_fills_nothing_that_only_the_range_reaches(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.bar("100", "100", "100", "100")
    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    target = market.send(Side.SELL, "10", limit="105", reduce_only=True)
    before = len(market.matching.log)
    row = BarRow(0, 10_000, 11_000, 9_000, 10_000, 1e6, 0)
    market.matching.on_open(row, 2 * HOUR, 3 * HOUR)

    assert len(market.matching.log) == before

    market.matching.on_bar(row, 2 * HOUR, 3 * HOUR)

    assert market.fills(stop) == [("95", "10")]
    assert market.status(target) == "cancelled"


def test_a_target_that_the_open_gaps_through_comes_before_a_stop_in_the_range(floor) -> None:
    """The open is earlier than anything else in its bar, told in one phase or in two."""
    for is_opened_first in (False, True):
        market = floor()
        market.send(Side.BUY, "10")
        market.bar("100", "100", "100", "100")
        stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
        target = market.send(Side.SELL, "10", limit="105", reduce_only=True)
        if is_opened_first:
            market.opened("107")
        market.bar("107", "108", "94", "95")

        assert market.fills(target) == [("107", "10")]
        assert market.status(stop) == "cancelled"


def test_a_day_that_is_over_ends_an_order_at_the_open(floor) -> None:
    market = floor()
    order = market.send(Side.BUY, "10", limit="90", tif=TimeInForce.DAY)
    market.bar("100", "100", "100", "100")
    market.hour = 30
    market.opened("80")

    assert market.status(order) == "expired"
    assert isinstance(market.matching.log[-1], OrderEnded)


def test_an_open_or_bar_that_was_taken_or_passed_changes_nothing(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    early = market.hour
    market.hour += 1

    assert market.opened("101")
    assert not market.opened("102")

    events = len(market.matching.log)
    market.hour = early
    market.bar("50", "50", "50", "50")  # an older bar that comes late

    assert not market.opened("50")
    assert len(market.matching.log) == events == 1
    assert market.matching.ledger.holdings[0].mark_ticks == 10_100

    market.bar("101", "102", "100", "102")

    assert market.matching.ledger.holdings[0].mark_ticks == 10_200
    market.hour -= 1
    assert not market.opened("103")
    assert len(market.matching.log) == events


def test_an_order_accepted_after_the_clock_left_the_open_waits_for_the_next_bar(floor) -> None:
    market = floor()
    market.send(Side.BUY, "10")
    market.opened("100")
    market.matching.tell_time(HOUR + 1)
    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar("100", "101", "94", "100")

    assert market.fills(stop) == []

    market.bar("100", "101", "94", "100")

    assert market.fills(stop) == [("95", "10")]


def test_the_clock_goes_to_the_open_so_that_what_is_sent_then_takes_part(floor) -> None:
    """The next bar opens five hours after the last close, as after a night."""
    market = floor()
    market.send(Side.BUY, "10")
    market.hour = 6
    market.opened("100")

    assert market.matching.clock_ns == 6 * HOUR

    stop = market.send(Side.SELL, "10", stop="95", reduce_only=True)
    market.bar("100", "101", "94", "100")

    assert market.fills(stop) == [("95", "10")]


def test_a_day_order_sent_after_the_open_lives_to_the_end_of_that_bars_day(floor) -> None:
    market = floor()
    market.opened("100")
    order = market.send(Side.BUY, "10", limit="90", tif=TimeInForce.DAY)
    waiting = market.send(Side.BUY, "10", tif=TimeInForce.DAY)
    market.bar("100", "101", "99", "100", volume=0.0)

    assert (market.status(order), market.status(waiting)) == ("working", "working")

    market.hour = 23
    market.bar("100", "101", "99", "100", volume=0.0)  # closes at 24:00

    assert (market.status(order), market.status(waiting)) == ("expired", "expired")


def test_what_took_part_at_an_open_has_no_second_try_in_its_bar(floor) -> None:
    """Even when the bar turns out to have more volume than its open was told with."""
    market = floor()
    entry = market.send(Side.BUY, "10")
    stop = market.send(Side.BUY, "10", stop="99")
    market.opened("100", volume=50.0)
    market.bar("100", "101", "99", "100", volume=5000.0)

    assert market.fills(entry) == [("100", "5")]
    assert market.fills(stop) == []

    market.bar("102", "102", "102", "102")

    assert market.fills(entry) == [("100", "5"), ("102", "5")]
    assert market.fills(stop) == [("102", "10")]
