"""Random worlds of three instruments for the venue's laws."""

import random
from decimal import Decimal

from hfl_core.domain.bars import BarRow
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, VolumeKind
from hfl_core.domain.orders import AccountReport, OrderReport, OrderType, Side, TimeInForce
from hfl_core.venue.matching import Matching
from hfl_core.venue.model import NewOrder, VenueSettings

HOUR = 3_600 * 1_000_000_000
CASH = Decimal(5_000)
SHORTABLE = (False, True, False)


def listed(cash: int | Decimal = CASH) -> Matching:
    """Return a venue that trades three instruments: one without volume, one that may be shorted."""
    matching = Matching(venue="paper", account="paper", settings=VenueSettings())
    matching.move_cash("opening", Decimal(cash))
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


def random_bar(rng: random.Random, index: int) -> BarRow:
    """Return a wide bar around 100, with any volume from none to plenty."""
    low, opened, close, high = sorted(rng.randint(8_000, 12_000) for _ in range(4))
    if rng.random() < 0.5:
        opened, close = close, opened
    return BarRow(index, opened, high, low, close, rng.choice([0.0, 35.0, 199.5, 5_000.0]), 0)


def random_order(rng: random.Random, number: int) -> NewOrder:
    """Return any order near 100; some of them the venue refuses."""
    kind = rng.choice(list(OrderType))
    price = Decimal(rng.randint(8_000, 12_000)) / 100
    return NewOrder(
        client_id=ClientOrderId(f"o{number}"),
        symbol=Symbol(f"S{rng.randrange(3)}"),
        side=rng.choice(list(Side)),
        type=kind,
        quantity=Decimal(rng.randint(1, 60)) / 10,
        is_reduce_only=rng.random() < 0.4,
        limit_price=price if kind is OrderType.LIMIT else None,
        stop_price=price if kind is OrderType.STOP else None,
        time_in_force=rng.choice(list(TimeInForce)),
    )


def state_of(matching: Matching) -> tuple[AccountReport, tuple[OrderReport, ...], int, list[int]]:
    """Return what the venue would answer, its free money and its marks."""
    return (
        matching.account(),
        matching.open_orders(),
        matching.executions.free_units(None),
        [held.mark_ticks for held in matching.ledger.holdings],
    )
