"""The paper venue inside this process as a broker, for backtests and simulation.

No deadline passes in real time.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

from hfl_core.brokers._certainty import PAPER_TRAITS, refusal
from hfl_core.domain.errors import BrokerError
from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, VenueOrderId
from hfl_core.domain.orders import AccountReport, OrderIntent, OrderReport
from hfl_core.ports import BrokerTraits

T = TypeVar("T")


class Venue(Protocol):
    """A venue called directly. It raises BrokerError(UNKNOWN) with its code.

    What the code proves is decided here.
    """

    def submit(
        self, client_id: ClientOrderId, intent: OrderIntent, *, deadline_s: float
    ) -> VenueOrderId: ...
    def cancel(self, client_id: ClientOrderId, *, deadline_s: float) -> str: ...
    def query(self, client_id: ClientOrderId, *, deadline_s: float) -> OrderReport | None: ...
    def poll(self, cursor: int, *, deadline_s: float) -> Sequence[Filled | OrderEnded]: ...
    def open_orders(self, *, deadline_s: float) -> tuple[OrderReport, ...]: ...
    def account(self, *, deadline_s: float) -> AccountReport: ...
    def move_cash(self, request_id: str, amount: Decimal, *, deadline_s: float) -> None: ...


class Broker:
    """Implements hfl_core.ports.Broker over a venue object."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    @property
    def traits(self) -> BrokerTraits:
        """Return the paper venue's traits."""
        return PAPER_TRAITS

    def submit(
        self, client_id: ClientOrderId, intent: OrderIntent, *, deadline_s: float
    ) -> VenueOrderId:
        """Send one order once."""
        try:
            return self._venue.submit(client_id, intent, deadline_s=deadline_s)
        except BrokerError as error:
            raise refusal("submit", error.code, str(error)) from error

    def cancel(self, client_id: ClientOrderId, *, deadline_s: float) -> str:
        """Cancel by our id."""
        return _mapped("cancel", lambda: self._venue.cancel(client_id, deadline_s=deadline_s))

    def query(self, client_id: ClientOrderId, *, deadline_s: float) -> OrderReport | None:
        """Return what the venue knows of our order."""
        return _mapped("query", lambda: self._venue.query(client_id, deadline_s=deadline_s))

    def poll(self, cursor: int, *, deadline_s: float) -> Sequence[Filled | OrderEnded]:
        """Return fills and endings behind the cursor."""
        try:
            return self._venue.poll(cursor, deadline_s=deadline_s)
        except BrokerError as error:
            raise refusal("poll", error.code, str(error)) from error

    def open_orders(self, *, deadline_s: float) -> tuple[OrderReport, ...]:
        """Return every working order."""
        return _mapped("open_orders", lambda: self._venue.open_orders(deadline_s=deadline_s))

    def account(self, *, deadline_s: float) -> AccountReport:
        """Return cash and positions."""
        return _mapped("account", lambda: self._venue.account(deadline_s=deadline_s))

    def move_cash(self, request_id: str, amount: Decimal, *, deadline_s: float) -> None:
        """Deposit or withdraw, idempotent by request id."""
        _mapped(
            "move_cash", lambda: self._venue.move_cash(request_id, amount, deadline_s=deadline_s)
        )


def _mapped(verb: str, call: Callable[[], T]) -> T:
    try:
        return call()
    except BrokerError as error:
        raise refusal(verb, error.code, str(error)) from error
