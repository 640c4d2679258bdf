"""What the venue is told and what it answers: order requests, costs, settings, rejections, bars.

Knows nothing of the bot: no intents, no journal, no book. All values are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass
from hfl_core.domain.money import exact, plain
from hfl_core.domain.orders import OrderIntent, OrderType, Side, TimeInForce
from hfl_core.domain.values import Value

CLIENT_ID_LENGTH_MAX: Final = 32
CLIENT_ID_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")

DUPLICATE_CLIENT_ID: Final = "duplicate_client_id"
# Code -> meaning. Every one of them is certain: the order does not and will not exist here.
REJECT_CODES: Final[dict[str, str]] = {
    "bad_client_id": "the client id is not 1 to 32 characters of a-z and 0-9",
    "bad_price": (
        "a limit or stop price is missing, superfluous, not positive or no multiple of the tick"
    ),
    "bad_quantity": "the quantity is not positive or no multiple of the lot",
    "below_minimum": "the order's value is below the instrument's minimum notional",
    "insufficient_cash": "the account cannot pay for it, or for its margin",
    "maintenance": "the venue is down for maintenance and looked at nothing",
    "may_not_short": "the instrument may not be sold short, and entries may not sell it",
    "no_price": "no bar of the instrument was seen yet, so nothing can be valued",
    "nothing_to_reduce": "a reduce-only order found no position that it could reduce",
    "rate_limited": "too many calls: this one was not looked at",
    "request_reused": "a cash movement of this request id was made with another amount",
    "too_many_orders": "as many orders are working as the venue keeps",
    "unknown_symbol": "the venue does not trade this symbol",
    "venue_reject": "the venue does not want this order",
    "wrong_currency": "the instrument is priced in another currency than the account's",
    "wrong_account": "the request names another account than the one kept here",
}
# Also a definite answer, but of the opposite meaning: an order with this id exists.
EXISTS_CODES: Final = frozenset({DUPLICATE_CLIENT_ID})


class Rejected(NamedTuple):
    """A definite no: a code of REJECT_CODES or EXISTS_CODES, and one sentence."""

    code: str
    text: str


class NewOrder(Value, frozen=True, kw_only=True):
    """One order as a stranger sends it.

    Quantity in units of the instrument, prices in the account currency.
    """

    client_id: ClientOrderId
    symbol: Symbol
    side: Side
    type: OrderType
    quantity: Decimal
    is_reduce_only: bool
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.BAR


class MarketBar(NamedTuple):
    """One closed bar as the world publishes it. Prices are multiples of the tick.

    Volume in units of the instrument.
    """

    symbol: Symbol
    open_ns: int
    close_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: float


class MarketOpen(NamedTuple):
    """All that is told of a bar at its open. No price but the open, and none is known yet.

    volume: the whole bar's, the basis of its budget; see matching.py for this convention.
    """

    symbol: Symbol
    open_ns: int
    close_ns: int
    open: Decimal
    volume: float


class MarketState(NamedTuple):
    """What the venue says after a publication.

    Its clock, the newest event's cursor, and how many bars or opens were new to it.
    """

    clock_ns: int
    events_pending: int
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What trading costs in one asset class, as fractions of price or value.

    commission: of the traded value, charged as a fee; spread: between bid and ask, half of it paid
    by each side; slippage: what a market order or triggered stop pays on top.
    """

    commission: Decimal = Decimal(0)
    spread: Decimal = Decimal(0)
    slippage: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for name in ("commission", "spread", "slippage"):
            value = getattr(self, name)
            if not value.is_finite() or not 0 <= value < 1:
                raise ValueError(
                    f"expected {name} from 0 to below 1, found {value}: write a fraction"
                )


COSTS_DEFAULT: Final[dict[AssetClass, Costs]] = {
    AssetClass.CRYPTO: Costs(
        commission=Decimal("0.001"), spread=Decimal("0.0002"), slippage=Decimal("0.0001")
    ),
    AssetClass.FOREX: Costs(spread=Decimal("0.0001"), slippage=Decimal("0.00002")),
    AssetClass.STOCKS: Costs(spread=Decimal("0.0002"), slippage=Decimal("0.0001")),
    AssetClass.INDICES: Costs(spread=Decimal("0.0002"), slippage=Decimal("0.0001")),
}
COSTS_NONE: Final[dict[AssetClass, Costs]] = {each: Costs() for each in AssetClass}


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSettings:
    """How the venue trades. participation.

    The share of a bar's volume that all our orders together may fill. clips_entries: an entry for
    more than the free money is taken and clipped at the price of its fill, as orders by value are;
    for backtests that invest everything, never part of a venue's record.
    """

    costs: Mapping[AssetClass, Costs] = field(default_factory=lambda: dict(COSTS_DEFAULT))
    participation: Decimal = Decimal("0.1")
    clips_entries: bool = False

    def __post_init__(self) -> None:
        if not self.participation.is_finite() or not 0 < self.participation <= 1:
            raise ValueError(
                f"expected participation above 0 and at most 1, found {self.participation}"
            )
        missing = [each.value for each in AssetClass if each not in self.costs]
        if missing:
            raise ValueError(
                f"expected costs for every asset class, found none for {', '.join(missing)}"
            )


def new_order(client_id: ClientOrderId, intent: OrderIntent) -> NewOrder:
    """Return what a venue gets to see of an intent: nothing of why."""
    return NewOrder(
        client_id=client_id,
        symbol=intent.symbol,
        side=intent.side,
        type=intent.type,
        quantity=intent.quantity,
        is_reduce_only=intent.is_reduce_only,
        limit_price=intent.limit_price,
        stop_price=intent.stop_price,
        time_in_force=intent.time_in_force,
    )


def settings_to_record(settings: VenueSettings) -> dict[str, object]:
    """Return the settings as a JSON-ready record; `settings_from_record` reads it back."""
    costs = {
        each.value: {
            name: plain(getattr(cost, name)) for name in ("commission", "spread", "slippage")
        }
        for each, cost in settings.costs.items()
    }
    return {"participation": plain(settings.participation), "costs": costs}


def settings_from_record(record: object) -> VenueSettings:
    """Read settings from parsed JSON; what is not named keeps its default.

    Raises ValueError with one sentence.
    """
    if not isinstance(record, dict) or not set(record) <= {"participation", "costs"}:
        raise ValueError(f"expected an object with participation and costs, found {record!r}")
    costs = dict(COSTS_DEFAULT)
    named = record.get("costs", {})
    if not isinstance(named, dict):
        raise ValueError(f"expected costs as an object by asset class, found {named!r}")
    for name, numbers in named.items():
        if not isinstance(numbers, dict) or not set(numbers) <= {
            "commission",
            "spread",
            "slippage",
        }:
            raise ValueError(
                f"expected commission, spread and slippage for {name}, found {numbers!r}"
            )
        base = costs[AssetClass(name)]
        costs[AssetClass(name)] = Costs(
            commission=exact(numbers.get("commission", base.commission)),
            spread=exact(numbers.get("spread", base.spread)),
            slippage=exact(numbers.get("slippage", base.slippage)),
        )
    return VenueSettings(costs=costs, participation=exact(record.get("participation", "0.1")))
