"""A stage for the gateway: a broker that does as it is told, a lock, and an approved order."""

from hfl_core.domain.effects import SubmitOrder
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.orders import OrderIntent, OrderType, Purpose, Side
from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import ApprovedOrder, RiskVerdict, intent_hash
from hfl_core.gateway.gateway import Gateway, GatewaySettings
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.ports import BrokerTraits
from tests.engine.kit import SECOND, D

NOW = 1_000 * SECOND
SETTINGS = GatewaySettings(
    intent_age_max_ns=5 * SECOND,
    price_age_max_ns=9 * SECOND,
    orders_per_minute_max=2,
    repeats_per_minute_max=2,
    deadline_s=3.0,
    limits_hash="limits",
)


class ScriptedBroker:
    """Answers every submit with the same outcome and counts them."""

    def __init__(self, outcome: str | Exception = "v1") -> None:
        self.outcome = outcome
        self.sent: list[str] = []
        self.told: list[tuple[str, OrderIntent, float]] = []
        self.traits = BrokerTraits(
            venue="paper",
            settle_s=1.0,
            definite_codes=frozenset({"funds", "halted"}),
            resolves_unknown=True,
            is_reduce_only_enforced=True,
        )

    def submit(self, client_id: str, intent: OrderIntent, *, deadline_s: float) -> str:
        self.sent.append(client_id)
        self.told.append((client_id, intent, deadline_s))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Lock:
    held = True


def gateway(outcome: str | Exception = "v1", lock: type[Lock] | None = None) -> Gateway:
    holder = lock or Lock
    return Gateway(
        ScriptedBroker(outcome),  # type: ignore[arg-type]
        MemoryLatch(None),
        SETTINGS,
        holds_lock=lambda: holder.held,
    )


def effect(purpose: Purpose = Purpose.ENTRY, number: int = 1, **changes) -> SubmitOrder:
    intent = OrderIntent(
        symbol=Symbol("AAA"), side=Side.BUY, type=OrderType.MARKET, purpose=purpose, quantity=D(5)
    )
    verdict = RiskVerdict(
        allowed=True,
        reason="",
        quantity=D(5),
        rules=(),
        limits_hash=changes.pop("limits_hash", "limits"),
        intent_hash=intent_hash(intent),
    )
    order = ApprovedOrder(client_id=ClientOrderId(f"o{number}"), intent=intent, verdict=verdict)
    plain = SubmitOrder(order=order, intended_ns=NOW, price_ns=NOW)
    return with_changes(plain, **changes)


def sent(found: Gateway) -> list[str]:
    """Return what the scripted broker was asked to send."""
    assert isinstance(found.broker, ScriptedBroker)
    return list(found.broker.sent)
