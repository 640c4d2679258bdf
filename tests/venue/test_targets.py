"""A reduce-only stop with a target: one order, and what is touched first ends the other."""

from decimal import Decimal

import pytest

from hfl_core.domain.orders import OrderType, Side
from hfl_core.domain.values import with_changes
from hfl_core.venue.model import Rejected


def bracket(market, side, quantity, *, stop, limit, reduce_only=True):
    request = market.request(side, quantity, stop=stop, reduce_only=reduce_only)
    assert request.type is OrderType.STOP
    return market.matching.submit(with_changes(request, limit_price=Decimal(limit)))


def held(floor, *, side=Side.BUY, stop="90", limit="110"):
    """Hold ten at 100 with a stop and a target."""
    market = floor(may_short=True)
    market.send(side, "10")
    market.bar("100", "100", "100", "100")
    assert isinstance(bracket(market, side.opposite, "10", stop=stop, limit=limit), str)
    (order,) = (o for o in market.matching.orders.values() if o.limit_ticks)
    return market, order.client_id


def test_a_bar_through_the_target_fills_there(floor) -> None:
    market, order = held(floor)
    market.bar("100", "111", "95", "105")

    assert market.fills(order) == [("110", "10")]
    assert market.position() == 0


def test_a_touch_is_not_enough(floor) -> None:
    market, order = held(floor)
    market.bar("100", "110", "95", "105")

    assert market.fills(order) == []


def test_an_open_beyond_the_target_is_the_price(floor) -> None:
    market, order = held(floor)
    market.bar("115", "120", "114", "118")

    assert market.fills(order) == [("115", "10")]


def test_of_both_in_one_bar_the_worse_came_first(floor) -> None:
    market, order = held(floor)
    market.bar("100", "120", "80", "115")

    assert market.fills(order) == [("90", "10")]


def test_an_open_beyond_the_stop_is_the_price(floor) -> None:
    market, order = held(floor)
    market.bar("85", "120", "84", "115")

    assert market.fills(order) == [("85", "10")]


def test_a_short_is_the_mirror_image(floor) -> None:
    market, order = held(floor, side=Side.SELL, stop="110", limit="90")
    market.bar("100", "105", "89", "95")

    assert market.fills(order) == [("90", "10")]
    assert market.position() == 0


@pytest.mark.parametrize(
    ("side", "stop", "limit"),
    [(Side.SELL, "90", "90"), (Side.SELL, "90", "80"), (Side.BUY, "110", "120")],
)
def test_a_target_on_the_wrong_side_of_the_stop_is_refused(floor, side, stop, limit) -> None:
    market = floor(may_short=True)
    market.send(side.opposite, "10")
    market.bar("100", "100", "100", "100")

    found = bracket(market, side, "10", stop=stop, limit=limit)

    assert isinstance(found, Rejected)
    assert found.code == "bad_price"


def test_an_entry_has_no_target(floor) -> None:
    market = floor()

    found = bracket(market, Side.BUY, "10", stop="110", limit="90", reduce_only=False)

    assert isinstance(found, Rejected)
    assert found.code == "bad_price"
