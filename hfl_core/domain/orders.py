"""Orders from intent to fill: values only. Knows nothing of brokers."""

from decimal import Decimal
from enum import StrEnum

from hfl_core.domain.ids import ClientOrderId, FillId, Symbol, VenueOrderId
from hfl_core.domain.values import Value


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Return 1 for buy, -1 for sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """Return the other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order may be filled."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class TimeInForce(StrEnum):
    """How long an order lives.

    DAY and GTC as usual; BAR dies at the close of the bar after it was accepted.
    """

    BAR = "bar"
    DAY = "day"
    GTC = "gtc"


class Purpose(StrEnum):
    """What an order is for. Only ENTRY may raise exposure; EXIT and PROTECTION are reduce-only."""

    ENTRY = "entry"
    EXIT = "exit"
    PROTECTION = "protection"


class OrderStatus(StrEnum):
    """The life of an order as the journal knows it; UNKNOWN reserves its risk as if filled."""

    INTENDED = "intended"
    SENDING = "sending"
    WORKING = "working"
    CANCELLING = "cancelling"
    UNKNOWN = "unknown"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REFUSED = "refused"
    NOT_AT_VENUE = "not_at_venue"


TERMINAL = frozenset({"filled", "cancelled", "expired", "rejected", "refused", "not_at_venue"})


class OrderIntent(Value, frozen=True, kw_only=True):
    """What we want to trade and why, before any approval.

    quantity: units of the instrument, a multiple of its lot; limit_price, stop_price: multiples of
    its tick or None; a reduce-only STOP may have both: the limit is its target, and what is touched
    first ends the other; risk_stop_price: where the protective stop of an entry will stand; reason:
    the code that explains it.
    """

    symbol: Symbol
    side: Side
    type: OrderType
    purpose: Purpose
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    risk_stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.BAR
    reason: str = ""

    @property
    def is_reduce_only(self) -> bool:
        """Tell whether the venue must refuse to let this order raise exposure."""
        return self.purpose is not Purpose.ENTRY


class Fill(Value, frozen=True, kw_only=True):
    """One execution as the venue reports it.

    fee: in account currency, zero or more; at_ns: when it happened.
    """

    client_id: ClientOrderId
    fill_id: FillId
    symbol: Symbol
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    at_ns: int


class OrderReport(Value, frozen=True, kw_only=True):
    """What a venue says of one order when asked.

    status: one of WORKING, FILLED, CANCELLED, EXPIRED, REJECTED.
    """

    client_id: ClientOrderId
    venue_id: VenueOrderId
    symbol: Symbol
    side: Side
    status: OrderStatus
    quantity: Decimal
    filled: Decimal
    fills: tuple[Fill, ...] = ()
    text: str = ""


class PositionReport(Value, frozen=True, kw_only=True):
    """What a venue says we hold: quantity is signed, price the average entry."""

    symbol: Symbol
    quantity: Decimal
    price: Decimal


class AccountReport(Value, frozen=True, kw_only=True):
    """What a venue says of the account; fill_cursor: behind its newest fill."""

    cash: Decimal
    positions: tuple[PositionReport, ...]
    fill_cursor: int
    now_ns: int
