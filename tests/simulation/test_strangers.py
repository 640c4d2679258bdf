"""Somebody else trades on the account: told once, never traded against, decided by a human."""

from decimal import Decimal

from hfl_core.domain import events as ev
from hfl_core.domain.ids import ClientOrderId
from hfl_core.domain.opinions import LONG
from hfl_core.domain.orders import OrderType, Side
from hfl_core.engine.settings import Watch
from hfl_core.venue.model import NewOrder
from tests.simulation.test_crash_points import HOUR_NS, story_items
from tests.support.bars import ListFeed
from tests.support.builders import COIN, PAIR
from tests.support.plan import Plan
from tests.support.strategies import Script
from tests.support.world import World


def test_a_strangers_fills_that_are_repeated_are_journaled_once(place):
    always = {item.time_ns: LONG for item in story_items()}
    scripts = (Script(stances={}), Script(stances=always))
    plan = Plan(
        seed=1,
        feed=ListFeed((COIN, PAIR), story_items(), timeframe_ns=HOUR_NS),
        watches=tuple(
            Watch(instrument=instrument, strategy=script, strategy_name="script")
            for instrument, script in zip((COIN, PAIR), scripts, strict=True)
        ),
        faults={0: "duplicate_fills p=1"},
        calm_slots=0,
    )
    world = World(plan, place)
    for number in range(40):
        world.step()
        if number in {4, 12}:
            world.venue.matching.submit(
                NewOrder(
                    client_id=ClientOrderId(f"manual{number}"),
                    symbol=COIN.symbol,
                    side=Side.BUY,
                    type=OrderType.MARKET,
                    quantity=Decimal(1),
                    is_reduce_only=False,
                )
            )
    world.runner.flush()
    rows = world.journal.rows()
    told = [
        row.event.fill.client_id
        for row in rows
        if isinstance(row.event, ev.Filled) and row.event.fill.client_id.startswith("manual")
    ]
    mismatches = [row.event for row in rows if isinstance(row.event, ev.PositionMismatched)]

    assert sorted(told) == ["manual12", "manual4"]
    assert [(each.symbol, each.ours) for each in mismatches] == [(COIN.symbol, Decimal(0))]
    assert world.core.book.halted_symbols.keys() == {COIN.symbol}
    assert not any(order.intent.symbol == COIN.symbol for order in world.shadow.orders.values())
