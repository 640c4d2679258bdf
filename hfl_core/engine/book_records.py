"""The records that the book keeps. Knows nothing of events; the book alone changes them."""

from dataclasses import dataclass, field
from decimal import Decimal

from hfl_core.domain.orders import TERMINAL, OrderStatus, OrderType, Purpose, Side

ZERO = Decimal(0)
# Most frequent first: a tuple is searched by identity, a set would hash the enum in Python.
_LIVE = tuple(status for status in reversed(OrderStatus) if status.value not in TERMINAL)


@dataclass(slots=True, kw_only=True)
class OrderRecord:
    """One order of ours, from intent to its end.

    filled is the sum of its fills; remaining is derived, never stored.
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
    reference_price: Decimal
    reason: str
    intended_ns: int
    status: OrderStatus = OrderStatus.INTENDED
    venue_id: str = ""
    filled: Decimal = ZERO
    fill_keys: list[str] = field(default_factory=list)
    attempted_ns: int = 0
    unknown_ns: int = 0
    queries: int = 0
    queries_not_found: int = 0
    cancels: int = 0
    is_cancel_wanted: bool = False
    note: str = ""

    @property
    def remaining(self) -> Decimal:
        """Return intent minus fills."""
        return self.quantity - self.filled

    @property
    def is_live(self) -> bool:
        """Tell whether the order may still trade."""
        return self.status in _LIVE


@dataclass(slots=True, kw_only=True)
class PositionRecord:
    """What we hold of one instrument; quantity is signed, price the average entry.

    failures, failed_ns: tries to close it that came to nothing since the last exit that the venue
    took, and when the last one failed; protection_failures, protection_failed_ns: the same of its
    protective stops.
    """

    symbol: str
    quantity: Decimal
    price: Decimal
    trade: int
    decision: int
    opened_ns: int
    fees: Decimal = ZERO
    realised: Decimal = ZERO
    stop_price: Decimal | None = None
    stop_due_ns: int = 0
    exit_reason: str = ""
    exit_decision: int = 0
    failures: int = 0
    failed_ns: int = 0
    protection_failures: int = 0
    protection_failed_ns: int = 0

    @property
    def is_waiting(self) -> bool:
        """Tell whether an exit or a protective stop may be waiting for its next try."""
        return bool(self.exit_reason or self.failures or self.protection_failures)


@dataclass(slots=True, kw_only=True)
class LatchRecord:
    """One stop in force."""

    latch_id: str
    level: str
    reason: str
    actor: str
    since_ns: int
    limit: str = ""
    period_end_ns: int = 0
