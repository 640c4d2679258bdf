"""How to add a broker: copy this file, name it as the user will name it in the configuration.

And fill in the calls.

The conformance suite (tests/brokers/test_conformance.py) finds the new file by itself; give it a
world to trade in, in tests/brokers/worlds/<the same name>.py. The rules that it checks:

1. Every call blocks, and ends within deadline_s: the deadline covers connecting, sending and the
   whole answer.
2. Success needs proof: the venue's id and our client id in the answer, every number exact. Else
   BrokerError(UNKNOWN).
3. A rejection is definite (Reached.NO) only for a code on `traits.definite_codes`, taken from the
   venue's documentation. An answer that means "this id exists" is Reached.YES. Everything else is
   UNKNOWN, also every failed read.
4. Nothing is ever sent twice; switch off every retry of the client library. A submit carries our
   client id, always.
5. Quantities and prices go out as plain decimal text, exactly as in the intent; nothing is rounded
   here.
6. The library is imported inside `__init__`, so that `hfl` starts fast without it.
"""

from collections.abc import Sequence
from decimal import Decimal

from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, VenueOrderId
from hfl_core.domain.orders import AccountReport, OrderIntent, OrderReport
from hfl_core.ports import BrokerTraits


class Broker:
    """Implements hfl_core.ports.Broker for no venue: every call fails before anything is sent."""

    @property
    def traits(self) -> BrokerTraits:
        """Say how unknown orders are resolved here. settle_s.

        How long "not found" means nothing.
        """
        return BrokerTraits(
            venue="template",
            settle_s=60.0,
            definite_codes=frozenset(),
            resolves_unknown=False,
            is_reduce_only_enforced=False,
        )

    def submit(
        self, client_id: ClientOrderId, intent: OrderIntent, *, deadline_s: float
    ) -> VenueOrderId:
        """Send one order once."""
        raise _missing(f"submit {client_id} {intent.symbol} within {deadline_s} s")

    def cancel(self, client_id: ClientOrderId, *, deadline_s: float) -> str:
        """Cancel by our id; return cancelled, already_filled or not_found."""
        raise _missing(f"cancel {client_id} within {deadline_s} s")

    def query(self, client_id: ClientOrderId, *, deadline_s: float) -> OrderReport | None:
        """Return the order with its fills, or None when the venue says that it has none."""
        raise _missing(f"query {client_id} within {deadline_s} s")

    def poll(self, cursor: int, *, deadline_s: float) -> Sequence[Filled | OrderEnded]:
        """Return fills and endings behind the cursor, in the venue's order."""
        raise _missing(f"poll from {cursor} within {deadline_s} s")

    def open_orders(self, *, deadline_s: float) -> tuple[OrderReport, ...]:
        """Return every working order, ours and foreign."""
        raise _missing(f"open orders within {deadline_s} s")

    def account(self, *, deadline_s: float) -> AccountReport:
        """Return cash, positions and the newest cursor."""
        raise _missing(f"account within {deadline_s} s")

    def move_cash(self, request_id: str, amount: Decimal, *, deadline_s: float) -> None:
        """Refuse, unless the venue is a paper venue."""
        raise _missing(f"move {amount} as {request_id} within {deadline_s} s")


def _missing(what: str) -> BrokerError:
    return BrokerError(
        f"expected a venue to {what}, found only the template: write the call",
        reached=Reached.NO,
        code="template",
    )
