"""What the types of an order's way accept, and line by line what they refuse.

Checked, never run: every `type: ignore` here is an error that must exist, for mypy reports those
that are not needed.
"""

from decimal import Decimal
from typing import assert_type

from hfl_core.domain.effects import CancelOrder, SubmitOrder
from hfl_core.domain.ids import ClientOrderId, Symbol, VenueOrderId
from hfl_core.domain.orders import OrderIntent, OrderType, Purpose, Side
from hfl_core.domain.verdicts import ApprovedOrder, RiskVerdict
from hfl_core.ports import Broker


def accepted(broker: Broker, order: ApprovedOrder) -> None:
    """Show the one way from an approval to the venue."""
    effect = SubmitOrder(order=order, intended_ns=1, price_ns=1)
    assert_type(effect.order.intent, OrderIntent)
    assert_type(broker.submit(order.client_id, order.intent, deadline_s=1.0), VenueOrderId)


def only_an_approved_order_can_be_sent(intent: OrderIntent) -> None:
    """Refuse an intent, and a verdict, where the seal belongs."""
    SubmitOrder(order=intent, intended_ns=1, price_ns=1)  # type: ignore[arg-type]


def a_verdict_is_not_an_approval(verdict: RiskVerdict) -> None:
    """Refuse the verdict alone."""
    SubmitOrder(order=verdict, intended_ns=1, price_ns=1)  # type: ignore[arg-type]


def ids_do_not_mix(venue_id: VenueOrderId) -> None:
    """Refuse the venue's id, and plain text, where ours belongs."""
    CancelOrder(client_id=venue_id)  # type: ignore[arg-type]
    CancelOrder(client_id="abc")  # type: ignore[arg-type]
    CancelOrder(client_id=ClientOrderId("abc"))


def quantities_are_exact() -> None:
    """Refuse a float where an exact number belongs."""
    OrderIntent(
        symbol=Symbol("BTC-USDT"),
        side=Side.BUY,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=0.5,  # type: ignore[arg-type]
    )
    OrderIntent(
        symbol=Symbol("BTC-USDT"),
        side="buy",  # type: ignore[arg-type]
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=Decimal("0.5"),
    )


def values_never_change(intent: OrderIntent) -> None:
    """Refuse to write into a value."""
    intent.quantity = Decimal(1)  # type: ignore[misc]


def calls_have_deadlines(broker: Broker, client_id: ClientOrderId) -> None:
    """Refuse a broker call without its deadline."""
    broker.cancel(client_id)  # type: ignore[call-arg]
