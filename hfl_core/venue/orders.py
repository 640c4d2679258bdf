"""One order as the venue keeps it, the checks before it is accepted, and its report.

Knows nothing of bars. Quantities are in lots, prices in ticks; reports are Decimals.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from hfl_core.domain.ids import ClientOrderId, FillId, VenueOrderId
from hfl_core.domain.instruments import Instrument
from hfl_core.domain.money import canonical
from hfl_core.domain.orders import Fill, OrderReport, OrderStatus, OrderType, Side, TimeInForce
from hfl_core.venue.ledger import Ledger
from hfl_core.venue.model import CLIENT_ID_LENGTH_MAX, CLIENT_ID_LETTERS, NewOrder, Rejected
from hfl_core.venue.pricing import worse_ticks


@dataclass(slots=True, kw_only=True)
class VenueOrder:
    """The state of one accepted order.

    number: from 1, in the order of acceptance; sign: 1 buys, -1 sells; reserve_ticks: the price its
    money is reserved at; day_end_ns: for DAY, when it dies: known once its first bar opened, 0
    before.
    """

    number: int
    client_id: ClientOrderId
    index: int
    sign: int
    type: OrderType
    is_reduce_only: bool
    time_in_force: TimeInForce
    lots: int
    limit_ticks: int
    stop_ticks: int
    reserve_ticks: int
    accepted_ns: int
    filled_lots: int = 0
    is_triggered: bool = False
    day_end_ns: int = 0
    status: OrderStatus = OrderStatus.WORKING
    text: str = ""
    fills: list[Fill] = field(default_factory=list)

    @property
    def remaining(self) -> int:
        """Return the lots still to fill."""
        return self.lots - self.filled_lots

    @property
    def side(self) -> Side:
        """Return the side as the domain names it."""
        return Side.BUY if self.sign > 0 else Side.SELL

    @property
    def venue_id(self) -> VenueOrderId:
        """Return the venue's own id."""
        return VenueOrderId(f"v{self.number}")

    def next_fill_id(self) -> FillId:
        """Return the id of the next execution: unique at this venue."""
        return FillId(f"{self.venue_id}.{len(self.fills) + 1}")


def malformed(request: NewOrder) -> Rejected | None:
    """Refuse a client id that could not be echoed safely."""
    name = request.client_id
    if not 0 < len(name) <= CLIENT_ID_LENGTH_MAX or not CLIENT_ID_LETTERS.issuperset(name):
        return Rejected(
            "bad_client_id",
            f"expected 1 to {CLIENT_ID_LENGTH_MAX} of a-z and 0-9, found {name[:64]!r}",
        )
    return None


def _steps(value: Decimal | None, step: Decimal) -> int:
    if value is None or not value.is_finite() or value <= 0 or value % step:
        return 0
    return int(value / step)


def accepted(
    request: NewOrder, index: int, ledger: Ledger, *, number: int, now_ns: int
) -> VenueOrder | Rejected:
    """Turn a well-formed request into a working order, or say what is wrong with its numbers."""
    listed = ledger.listings[index]
    instrument = listed.instrument
    lots = _steps(request.quantity, instrument.lot)
    if not lots:
        return Rejected(
            "bad_quantity",
            f"expected a positive multiple of the lot {instrument.lot}, found {request.quantity}",
        )
    limit_ticks = _steps(request.limit_price, instrument.tick)
    stop_ticks = _steps(request.stop_price, instrument.tick)
    is_stop = request.type is OrderType.STOP
    # A reduce-only stop may carry a target on the profit's side of it.
    has_target = is_stop and request.is_reduce_only and request.limit_price is not None
    if has_target and (limit_ticks - stop_ticks) * request.side.sign >= 0:
        limit_ticks = 0
    wanted = (request.type is OrderType.LIMIT or has_target, is_stop)
    if (request.limit_price is not None, request.stop_price is not None) != wanted or (
        bool(limit_ticks),
        bool(stop_ticks),
    ) != wanted:
        return Rejected(
            "bad_price",
            f"expected the price of a {request.type.value} order in positive multiples of "
            f"{instrument.tick}, "
            f"found limit {request.limit_price} and stop {request.stop_price}",
        )
    mark = ledger.holdings[index].mark_ticks
    if not mark:
        return Rejected(
            "no_price",
            f"expected a bar of {instrument.symbol} before its first order, found none yet",
        )
    sign = request.side.sign
    return VenueOrder(
        number=number,
        client_id=request.client_id,
        index=index,
        sign=sign,
        type=request.type,
        is_reduce_only=request.is_reduce_only,
        time_in_force=request.time_in_force,
        lots=lots,
        limit_ticks=limit_ticks,
        stop_ticks=stop_ticks,
        reserve_ticks=limit_ticks or worse_ticks(stop_ticks or mark, listed.taking, sign),
        accepted_ns=now_ns,
    )


def unaffordable(
    order: VenueOrder, ledger: Ledger, *, free_units: int, lots: int
) -> Rejected | None:
    """Apply the account's rules.

    Reduce-only reduces, entries are long unless shorting is allowed, and paid for: `lots` of them.
    """
    listed = ledger.listings[order.index]
    instrument = listed.instrument
    if order.is_reduce_only:
        if not ledger.reducible_lots(order.index, order.sign):
            return Rejected(
                "nothing_to_reduce",
                f"expected a {instrument.symbol} position to reduce, found none on that side",
            )
        return None
    if order.sign < 0 and not instrument.may_short:
        return Rejected(
            "may_not_short",
            f"expected no entry that sells {instrument.symbol}: it may not be sold short",
        )
    value = order.lots * order.reserve_ticks * instrument.tick * instrument.lot
    if value < instrument.notional_min:
        return Rejected(
            "below_minimum",
            f"expected a value of at least {instrument.notional_min}, found {canonical(value)}",
        )
    if ledger.need_units(order.index, order.sign * lots, ticks=order.reserve_ticks) > free_units:
        return Rejected(
            "insufficient_cash",
            f"expected cash for {canonical(value)} and its fee, found too little free",
        )
    return None


def report(order: VenueOrder, instrument: Instrument) -> OrderReport:
    """Return what a query of this order is answered."""
    return OrderReport(
        client_id=order.client_id,
        venue_id=order.venue_id,
        symbol=instrument.symbol,
        side=order.side,
        status=order.status,
        quantity=canonical(instrument.lot * order.lots),
        filled=canonical(instrument.lot * order.filled_lots),
        fills=tuple(order.fills),
        text=order.text,
    )
