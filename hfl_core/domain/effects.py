"""What `step` wants done outside, as imperatives.

Carried out after their intent is durable, and only by the runtime.

Knows nothing of how.
"""

from dataclasses import dataclass

from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.verdicts import ApprovedOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOrder:
    """Send an approved order, once. price_ns and reference_price: the price it was decided on."""

    order: ApprovedOrder
    intended_ns: int
    price_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Cancel one of our orders."""

    client_id: ClientOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOrder:
    """Ask the venue about one order, its fills and the position."""

    client_id: ClientOrderId
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PollVenue:
    """Fetch fills and order endings behind the cursor."""

    cursor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Ask the venue for cash, positions and working orders."""

    cursor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLatch:
    """Write a latch file."""

    level: str
    latch_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearLatch:
    """Remove exactly these latch files."""

    latch_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOpinion:
    """Ask a desk about an instrument, until a deadline in engine time."""

    symbol: Symbol
    desk: str
    as_of_ns: int
    deadline_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCash:
    """Deposit or withdraw at the venue (paper).

    is_repeat: it was asked for before and the answer is not known, so a refusal to look at this
    call says nothing of the one before.
    """

    request_id: str
    amount: str
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseAlert:
    """Tell a human. level: info, warning or critical."""

    level: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRun:
    """End the process in order."""

    reason: str


Effect = (
    SubmitOrder
    | CancelOrder
    | QueryOrder
    | PollVenue
    | Reconcile
    | SetLatch
    | ClearLatch
    | AskOpinion
    | MoveCash
    | RaiseAlert
    | EndRun
)
