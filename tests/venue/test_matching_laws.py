"""Laws of the venue over random worlds.

Money is conserved exactly, reduce-only reduces, a bar fills no more than its share.
"""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from hfl_core.domain.bars import BarRow
from hfl_core.domain.events import Filled
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.orders import OrderStatus, OrderType, Side, TimeInForce
from hfl_core.venue.model import NewOrder
from tests.venue.worlds import CASH, HOUR, SHORTABLE, listed

orders = st.tuples(
    st.just("submit"),
    st.integers(0, 2),
    st.sampled_from(list(Side)),
    st.sampled_from(list(OrderType)),
    st.integers(1, 60),
    st.integers(8_000, 12_000),
    st.booleans(),
    st.sampled_from(list(TimeInForce)),
)
bars_of = (
    st.integers(0, 2),
    st.lists(st.integers(8_000, 12_000), min_size=4, max_size=4).map(sorted),
    st.booleans(),
    st.sampled_from([0.0, 35.0, 199.5, 5_000.0]),
    st.booleans(),
)
bars = st.tuples(st.just("bar"), *bars_of)
opens = st.tuples(st.just("open"), *bars_of)
cancels = st.tuples(st.just("cancel"), st.integers(0, 20))


class Opened(NamedTuple):
    """A bar whose open was told, and how many events, orders and lots there were before."""

    row: BarRow
    hour: int
    events: int
    orders: int
    position: int


class World:
    """Drives one venue and checks after every step."""

    def __init__(self) -> None:
        self.matching = listed()
        self.hours = [0, 0, 0]
        self.names: list[ClientOrderId] = []
        self.accepted_ns: dict[str, int] = {}
        self.requests: dict[str, NewOrder] = {}
        self.opened: dict[int, Opened] = {}

    def submit(self, step: tuple) -> None:
        _, index, side, kind, lots, ticks, is_reduce_only, tif = step
        name = ClientOrderId(f"o{len(self.names)}")
        price = Decimal(ticks) / 100
        request = NewOrder(
            client_id=name,
            symbol=Symbol(f"S{index}"),
            side=side,
            type=kind,
            quantity=Decimal(lots) / 10,
            is_reduce_only=is_reduce_only,
            limit_price=price if kind is OrderType.LIMIT else None,
            stop_price=price if kind is OrderType.STOP else None,
            time_in_force=tif,
        )
        self.names.append(name)
        if isinstance(self.matching.submit(request), str):
            self.accepted_ns[name] = self.matching.clock_ns
            self.requests[name] = request

    def bar_of(self, step: tuple) -> tuple[BarRow, int]:
        """Return the bar of a step and the hour of its open."""
        _, index, prices, is_falling, volume, _ = step
        low, opened, close, high = prices
        if is_falling:
            opened, close = close, opened
        # Whole hours behind the clock, so that bars of different symbols interleave as in a merged
        # feed.
        hour = max(self.hours[index], self.matching.clock_ns // HOUR - 1)
        return BarRow(index, opened, high, low, close, volume, 0), hour

    def open(self, step: tuple) -> None:
        index = step[1]
        if index in self.opened:
            return
        row, hour = self.bar_of(step)
        told = Opened(
            row,
            hour,
            len(self.matching.log),
            len(self.matching.orders),
            self.matching.ledger.holdings[index].lots,
        )
        assert self.matching.on_open(row, hour * HOUR, (hour + 1) * HOUR)
        assert not self.matching.on_open(row, hour * HOUR, (hour + 1) * HOUR)
        self.opened[index] = told
        for event in self.matching.log[told.events :]:
            assert not isinstance(event, Filled) or event.fill.at_ns == hour * HOUR

    def bar(self, step: tuple) -> None:
        index = step[1]
        row, hour = self.bar_of(step)
        before = len(self.matching.log)
        position = self.matching.ledger.holdings[index].lots
        known = len(self.matching.orders)
        told = self.opened.pop(index, Opened(row, hour, before, known, position))
        row, hour = told.row, told.hour
        assert self.matching.on_bar(row, hour * HOUR, (hour + 1) * HOUR)
        self.hours[index] = hour + 1
        self.check_bar(told)
        if step[5]:
            after = (len(self.matching.log), self.matching.account())
            assert not self.matching.on_open(row, hour * HOUR, (hour + 1) * HOUR)
            assert not self.matching.on_bar(row, hour * HOUR, (hour + 1) * HOUR)
            assert (len(self.matching.log), self.matching.account()) == after

    def check_bar(self, told: Opened) -> None:
        """Check the fills of one bar, from before its open to behind its range."""
        row, open_ns = told.row, told.hour * HOUR
        filled = Decimal(0)
        lots = Decimal(told.position) / 10
        for event in self.matching.log[told.events :]:
            if not isinstance(event, Filled) or event.fill.symbol != f"S{row.index}":
                continue
            fill = event.fill
            filled += fill.quantity
            order = self.matching.orders[fill.client_id]
            assert self.accepted_ns[fill.client_id] <= open_ns
            if order.number > told.orders:
                assert order.type is not OrderType.MARKET
            after = lots + fill.side.sign * fill.quantity
            if self.requests[fill.client_id].is_reduce_only:
                assert abs(after) < abs(lots)
                assert after * lots >= 0
            lots = after
        share = Decimal(3) if row.index == 1 else Decimal(repr(row.volume)) / 10
        assert filled <= share

    def check(self) -> None:
        matching = self.matching
        cash = CASH
        held: dict[str, Decimal] = defaultdict(Decimal)
        by_order: dict[str, Decimal] = defaultdict(Decimal)
        for cursor, event in enumerate(matching.log, start=1):
            assert event.cursor == cursor
            if isinstance(event, Filled):
                fill = event.fill
                cash -= fill.side.sign * fill.quantity * fill.price + fill.fee
                held[fill.symbol] += fill.side.sign * fill.quantity
                by_order[fill.client_id] += fill.quantity
        account = matching.account()
        assert account.cash == cash
        assert {each.symbol: each.quantity for each in account.positions} == {
            name: lots for name, lots in held.items() if lots
        }
        for order in matching.orders.values():
            report = matching.query(order.client_id)
            assert report is not None
            assert report.filled == by_order[order.client_id] <= report.quantity
            assert (report.status is OrderStatus.FILLED) == (report.filled == report.quantity)
            assert (order.number in matching.working.by_index[order.index]) == (
                report.status is OrderStatus.WORKING
            )
        for index, may_short in enumerate(SHORTABLE):
            assert may_short or matching.ledger.holdings[index].lots >= 0
        free = matching.ledger.free_units()
        for order in matching.orders.values():
            if order.status is OrderStatus.WORKING and not order.is_reduce_only:
                signed_lots = order.sign * order.remaining
                free -= matching.ledger.need_units(
                    order.index, signed_lots, ticks=order.reserve_ticks
                )
        assert matching.executions.free_units(None) == free
        if not any(held[f"S{index}"] < 0 for index in range(3)):
            assert account.cash >= 0


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(orders, opens, bars, bars, cancels), max_size=60))
def test_money_positions_and_limits_hold_in_random_worlds(steps: list[tuple[object, ...]]) -> None:
    world = World()
    for step in steps:
        if step[0] == "submit":
            world.submit(step)
        elif step[0] == "open":
            world.open(step)
        elif step[0] == "bar":
            world.bar(step)
        else:
            world.matching.cancel(ClientOrderId(f"o{step[1]}"))
        world.check()
