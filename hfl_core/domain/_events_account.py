"""Events of the account and its limits. Knows nothing of how limits are computed."""

from decimal import Decimal
from typing import ClassVar

from hfl_core.domain._events_base import Event
from hfl_core.domain.orders import OrderReport, PositionReport


class ReconcileReported(Event, frozen=True, kw_only=True):
    """What the venue says of the whole account, or why it could not be asked.

    Knowledge only: it sends no orders.
    """

    IS_INPUT: ClassVar[bool] = True
    venue: str
    failed: str
    cash: Decimal | None
    positions: tuple[PositionReport, ...]
    orders: tuple[OrderReport, ...]
    fill_cursor: int
    foreign: tuple[str, ...]


class PositionMismatched(Event, frozen=True, kw_only=True):
    """Ours and the venue's position differ when all is quiet.

    The instrument is halted until a human decides.
    """

    symbol: str
    ours: Decimal
    theirs: Decimal


class PositionAdjusted(Event, frozen=True, kw_only=True):
    """A human accepted the venue's position as true (an external trade)."""

    symbol: str
    quantity: Decimal
    price: Decimal
    reason: str


class CashMoved(Event, frozen=True, kw_only=True):
    """A deposit (positive) or withdrawal (negative): limits and high-water mark shift by it."""

    IS_INPUT: ClassVar[bool] = True
    request_id: str
    amount: Decimal


class LimitTripped(Event, frozen=True, kw_only=True):
    """A loss or drawdown limit was reached; period_end_ns: when its period ends."""

    limit: str
    value: Decimal
    threshold: Decimal
    period_end_ns: int
    latch_id: str


class LimitsChanged(Event, frozen=True, kw_only=True):
    """From here on other limits are in force.

    changes: (field, old, new), old empty for one that was not known; limits_hash: of all of them.
    """

    changes: tuple[tuple[str, str, str], ...]
    reason: str
    limits_hash: str


class LimitsScheduled(Event, frozen=True, kw_only=True):
    """Raised limits wait; this replaces all that waited until now.

    waiting: (field, until then, from then on, when in UTC nanoseconds of engine time).
    """

    waiting: tuple[tuple[str, str, str, int], ...]
    reason: str


class BreakerTripped(Event, frozen=True, kw_only=True):
    """A circuit breaker tripped.

    symbol: empty for the whole account; action: refuse new exposure, or reduce_only: entries on
    their way are cancelled, too; value, limit: text of floats; reason: in words; until_ns: when it
    re-arms, 0 for after calm bars or calm markets.
    """

    breaker: str
    symbol: str
    action: str
    value: str
    limit: str
    reason: str
    until_ns: int


class BreakerRearmed(Event, frozen=True, kw_only=True):
    """A tripped circuit breaker is armed again, and why."""

    breaker: str
    symbol: str
    reason: str


class DrawdownRebased(Event, frozen=True, kw_only=True):
    """The high-water mark was lowered on resuming after a drawdown halt."""

    old: Decimal
    new: Decimal
    by: str
    reason: str
