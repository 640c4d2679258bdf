"""What `step` wants done outside, as imperatives.

Carried out after their intent is durable, and only by the runtime.

Knows nothing of how.
"""

from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.values import Value
from hfl_core.domain.verdicts import ApprovedOrder


class SubmitOrder(Value, frozen=True, kw_only=True):
    """Send an approved order, once. price_ns and reference_price: the price it was decided on."""

    order: ApprovedOrder
    intended_ns: int
    price_ns: int


class CancelOrder(Value, frozen=True, kw_only=True):
    """Cancel one of our orders."""

    client_id: ClientOrderId


class QueryOrder(Value, frozen=True, kw_only=True):
    """Ask the venue about one order, its fills and the position."""

    client_id: ClientOrderId
    attempt: int


class PollVenue(Value, frozen=True, kw_only=True):
    """Fetch fills and order endings behind the cursor."""

    cursor: int


class Reconcile(Value, frozen=True, kw_only=True):
    """Ask the venue for cash, positions and working orders."""

    cursor: int


class SetLatch(Value, frozen=True, kw_only=True):
    """Write a latch file."""

    level: str
    latch_id: str
    reason: str


class ClearLatch(Value, frozen=True, kw_only=True):
    """Remove exactly these latch files."""

    latch_ids: tuple[str, ...]


class AskOpinion(Value, frozen=True, kw_only=True):
    """Ask a desk about an instrument, until a deadline in engine time."""

    symbol: Symbol
    desk: str
    as_of_ns: int
    deadline_ns: int


class MoveCash(Value, frozen=True, kw_only=True):
    """Deposit or withdraw at the venue (paper).

    is_repeat: it was asked for before and the answer is not known, so a refusal to look at this
    call says nothing of the one before.
    """

    request_id: str
    amount: str
    is_repeat: bool = False


class RaiseAlert(Value, frozen=True, kw_only=True):
    """Tell a human. level: info, warning or critical."""

    level: str
    text: str


class EndRun(Value, frozen=True, kw_only=True):
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
