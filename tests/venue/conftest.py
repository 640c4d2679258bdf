"""A small market for the venue's tests.

Round numbers, so that every expected value can be worked out by hand.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from hfl_core.domain.bars import BarRow
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, VolumeKind
from hfl_core.domain.orders import OrderType, Side, TimeInForce
from hfl_core.venue.matching import Matching
from hfl_core.venue.model import COSTS_NONE, Costs, NewOrder, VenueSettings

HOUR = 3_600 * 1_000_000_000


class Floor:
    """One instrument, one account, hourly bars one after the other from hour 0."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.hour = 0
        self.orders = 0

    def bar(
        self, opened: str, high: str, low: str, close: str, *, volume: float = 1e6, index: int = 0
    ) -> None:
        """Close the next hourly bar."""
        tick = self.matching.ledger.listings[index].instrument.tick
        ticks = [int(Decimal(price) / tick) for price in (opened, high, low, close)]
        row = BarRow(index, ticks[0], ticks[1], ticks[2], ticks[3], volume, 0)
        self.matching.on_bar(row, self.hour * HOUR, (self.hour + 1) * HOUR)
        self.hour += 1

    def opened(self, price: str, *, volume: float = 1e6, index: int = 0) -> bool:
        """Tell the open of the next hourly bar alone; `bar` tells the whole of it later."""
        tick = self.matching.ledger.listings[index].instrument.tick
        ticks = int(Decimal(price) / tick)
        row = BarRow(index, ticks, ticks, ticks, ticks, volume, 0)
        return self.matching.on_open(row, self.hour * HOUR, (self.hour + 1) * HOUR)

    def send(self, side: Side, quantity: str, **options: Any) -> ClientOrderId:
        """Submit an order and expect acceptance."""
        request = self.request(side, quantity, **options)
        outcome = self.matching.submit(request)
        assert isinstance(outcome, str), outcome
        return request.client_id

    def request(
        self,
        side: Side,
        quantity: str,
        *,
        limit: str | None = None,
        stop: str | None = None,
        reduce_only: bool = False,
        tif: TimeInForce = TimeInForce.GTC,
        symbol: str = "AAA",
        client_id: str = "",
    ) -> NewOrder:
        """Build a request of the next client id; its type follows from the prices given."""
        self.orders += 1
        kind = OrderType.LIMIT if limit else OrderType.STOP if stop else OrderType.MARKET
        return NewOrder(
            client_id=ClientOrderId(client_id or f"order{self.orders}"),
            symbol=Symbol(symbol),
            side=side,
            type=kind,
            quantity=Decimal(quantity),
            is_reduce_only=reduce_only,
            limit_price=Decimal(limit) if limit else None,
            stop_price=Decimal(stop) if stop else None,
            time_in_force=tif,
        )

    def fills(self, client_id: ClientOrderId) -> list[tuple[str, str]]:
        """Return (price, quantity) of each fill, as text."""
        order = self.matching.query(client_id)
        assert order is not None
        return [(str(fill.price), str(fill.quantity)) for fill in order.fills]

    def status(self, client_id: ClientOrderId) -> str:
        """Return the order's status."""
        order = self.matching.query(client_id)
        assert order is not None
        return order.status.value

    def position(self, index: int = 0) -> int:
        """Return the position in lots."""
        return self.matching.ledger.holdings[index].lots


@pytest.fixture
def instrument() -> Callable[..., Instrument]:
    """Make an instrument: tick 0.01, lot 1, fully paid, no shorting unless told otherwise."""

    def make(symbol: str = "AAA", **changes: object) -> Instrument:
        values: dict[str, object] = {
            "symbol": Symbol(symbol),
            "asset_class": AssetClass.CRYPTO,
            "tick": Decimal("0.01"),
            "lot": Decimal(1),
            "notional_min": Decimal(10),
            "currency": "USD",
            "volume": VolumeKind.TRADED,
            **changes,
        }
        return Instrument(**values)  # type: ignore[arg-type]

    return make


@pytest.fixture
def floor(instrument: Callable[..., Instrument]) -> Callable[..., Floor]:
    """Open a floor: 10,000 in cash, costs none unless given, one bar at 100 already seen."""

    def make(
        *, costs: Costs | None = None, cash: str = "10000", seen: bool = True, **changes: object
    ) -> Floor:
        table = dict(COSTS_NONE) if costs is None else dict.fromkeys(AssetClass, costs)
        matching = Matching(venue="paper", account="paper", settings=VenueSettings(costs=table))
        assert matching.move_cash("opening", Decimal(cash)) is None
        matching.list_instrument(instrument(**changes))
        made = Floor(matching)
        if seen:
            made.bar("100", "100", "100", "100")
        return made

    return make
