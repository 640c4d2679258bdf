"""Events in the life of an order. Knows nothing of brokers."""

from decimal import Decimal
from typing import ClassVar

from hfl_core.domain._events_base import Event
from hfl_core.domain.orders import (
    Fill,
    OrderReport,
    OrderStatus,
    OrderType,
    PositionReport,
    Purpose,
    Side,
    TimeInForce,
)


class OrderIntended(Event, frozen=True, kw_only=True):
    """An approved order, durable before it may leave.

    decision: the signal or exit it belongs to; price_ns: the time of the price it was decided on.
    """

    client_id: str
    number: int
    decision: int
    symbol: str
    side: Side
    type: OrderType
    purpose: Purpose
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    risk_stop_price: Decimal | None
    time_in_force: TimeInForce
    reason: str
    reference_price: Decimal
    price_ns: int
    limits_hash: str
    intent_hash: str


class SendAttempted(Event, frozen=True, kw_only=True):
    """The gateway's last checks passed and the order is about to be sent by this run, once."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    run_id: str


class SendRefused(Event, frozen=True, kw_only=True):
    """The gateway refused to send; the order has certainly not left.

    Check names the one that refused.
    """

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    check: str
    detail: str


class OrderAccepted(Event, frozen=True, kw_only=True):
    """The venue returned its id together with ours."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    venue_id: str


class OrderRejected(Event, frozen=True, kw_only=True):
    """A definite answer from the venue's allow-list: the order is not there and never will be."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    code: str
    text: str


class OrderUnknown(Event, frozen=True, kw_only=True):
    """Nobody knows whether the order reached the market; its risk is reserved as if filled."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    why: str


class OrderQueried(Event, frozen=True, kw_only=True):
    """The venue was asked about one order by our id.

    Report is None when it does not know the order; failed when it did not answer; positions and
    fill_cursor are what it said of the account in the same breath, None when that failed.
    """

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    attempt: int
    failed: str
    report: OrderReport | None
    positions: tuple[PositionReport, ...] | None


class OrderResolved(Event, frozen=True, kw_only=True):
    """An unknown order's fate, by evidence: working, or a terminal status such as not_at_venue."""

    client_id: str
    status: OrderStatus
    evidence: str


class Filled(Event, frozen=True, kw_only=True):
    """One execution.

    Keyed by (venue, account, client order id, fill id); a second one with the same key changes
    nothing.
    """

    IS_INPUT: ClassVar[bool] = True
    venue: str
    account: str
    cursor: int
    fill: Fill


class CancelIntended(Event, frozen=True, kw_only=True):
    """An order shall be cancelled; its exposure stays reserved until the venue confirms."""

    client_id: str
    reason: str


class CancelAnswered(Event, frozen=True, kw_only=True):
    """What came of a cancel request: cancelled, already_filled, not_found or unknown."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    answer: str
    text: str


class OrderEnded(Event, frozen=True, kw_only=True):
    """The venue says that an order ended without (further) fills.

    Cancelled, expired or rejected after acceptance.
    """

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    status: OrderStatus
    filled: Decimal
    text: str
    cursor: int
