"""Laws of the venue over random worlds.

Money is conserved exactly, reduce-only reduces, a bar fills no more than its share.
"""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from hfl_core.domain.bars import BarRow
from hfl_core.domain.events import Filled
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, VolumeKind
from hfl_core.domain.orders import OrderStatus, OrderType, Side, TimeInForce
from hfl_core.venue.matching import Matching
from hfl_core.venue.model import NewOrder, VenueSettings

HOUR = 3_600 * 1_000_000_000
CASH = Decimal(5_000)
SHORTABLE = (False, True, False)

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
bars = st.tuples(
    st.just("bar"),
    st.integers(0, 2),
    st.lists(st.integers(8_000, 12_000), min_size=4, max_size=4).map(sorted),
    st.booleans(),
    st.sampled_from([0.0, 35.0, 199.5, 5_000.0]),
    st.booleans(),
)
cancels = st.tuples(st.just("cancel"), st.integers(0, 20))


def listed() -> Matching:
    matching = Matching(venue="paper", account="paper", settings=VenueSettings())
    matching.move_cash("opening", CASH)
    for index, (asset_class, may_short) in enumerate(zip(AssetClass, SHORTABLE, strict=False)):
        volume = VolumeKind.NONE if asset_class is AssetClass.FOREX else VolumeKind.TRADED
        instrument = Instrument(
            symbol=Symbol(f"S{index}"),
            asset_class=asset_class,
            tick=Decimal("0.01"),
            lot=Decimal("0.1"),
            notional_min=Decimal(0),
            currency="USD",
            volume=volume,
            may_short=may_short,
            depth_lots=30,
        )
        matching.list_instrument(instrument)
    return matching


class World:
    """Drives one venue and checks after every step."""

    def __init__(self) -> None:
        self.matching = listed()
        self.hours = [0, 0, 0]
        self.names: list[ClientOrderId] = []
        self.accepted_ns: dict[str, int] = {}
        self.requests: dict[str, NewOrder] = {}

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

    def bar(self, step: tuple) -> None:
        _, index, prices, is_falling, volume, is_sent_twice = step
        low, opened, close, high = prices
        if is_falling:
            opened, close = close, opened
        # Whole hours behind the clock, so that bars of different symbols interleave as in a merged
        # feed.
        hour = max(self.hours[index], self.matching.clock_ns // HOUR - 1)
        row = BarRow(index, opened, high, low, close, volume, 0)
        before = len(self.matching.log)
        position = self.matching.ledger.holdings[index].lots
        assert self.matching.on_bar(row, hour * HOUR, (hour + 1) * HOUR)
        self.hours[index] = hour + 1
        self.check_bar(before, row, hour * HOUR, position)
        if is_sent_twice:
            after = (len(self.matching.log), self.matching.account())
            assert not self.matching.on_bar(row, hour * HOUR, (hour + 1) * HOUR)
            assert (len(self.matching.log), self.matching.account()) == after

    def check_bar(self, before: int, row: BarRow, open_ns: int, position: int) -> None:
        filled = Decimal(0)
        lots = Decimal(position) / 10
        for event in self.matching.log[before:]:
            if not isinstance(event, Filled):
                continue
            fill = event.fill
            filled += fill.quantity
            assert self.accepted_ns[fill.client_id] <= open_ns
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
            assert (order in matching.working[order.index]) == (
                report.status is OrderStatus.WORKING
            )
        for index, may_short in enumerate(SHORTABLE):
            assert may_short or matching.ledger.holdings[index].lots >= 0
        if not any(held[f"S{index}"] < 0 for index in range(3)):
            assert account.cash >= 0


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(orders, bars, bars, cancels), max_size=60))
def test_money_positions_and_limits_hold_in_random_worlds(steps: list[tuple[object, ...]]) -> None:
    world = World()
    for step in steps:
        if step[0] == "submit":
            world.submit(step)
        elif step[0] == "bar":
            world.bar(step)
        else:
            world.matching.cancel(ClientOrderId(f"o{step[1]}"))
        world.check()
