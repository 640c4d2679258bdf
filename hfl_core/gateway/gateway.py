"""The gateway: the last checks, and the only place from which a broker call begins.

Order of the checks: latch (files, then memory), the run's lock, intent age, price age, limits hash,
unknown orders of the instrument, throttles. A refused order has certainly not left. What passes is
journaled as SendAttempted before the call begins; the worker asks the latch once more in the same
breath in which it begins the call. Nothing is ever sent twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hfl_core.domain import events as ev
from hfl_core.domain.effects import SubmitOrder
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.ids import ClientOrderId
from hfl_core.domain.orders import OrderIntent, OrderStatus, Purpose
from hfl_core.engine.book import CLOSE_ALL, KILL, Book
from hfl_core.gateway.edge import at_edge
from hfl_core.gateway.latch import CallKind, MemoryLatch
from hfl_core.gateway.throttle import Throttle
from hfl_core.ports import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Ages in engine time, nanoseconds; deadline_s for every broker call."""

    intent_age_max_ns: int
    price_age_max_ns: int
    orders_per_minute_max: int
    repeats_per_minute_max: int
    deadline_s: float
    limits_hash: str


class Gateway:
    """Checks on the engine's thread, calls on a worker's."""

    def __init__(
        self,
        broker: Broker,
        latch: MemoryLatch,
        settings: GatewaySettings,
        *,
        holds_lock: Callable[[], bool],
    ) -> None:
        self.broker = broker
        self.latch = latch
        self.settings = settings
        self._holds_lock = holds_lock
        self._throttle = Throttle(
            orders_per_minute_max=settings.orders_per_minute_max,
            repeats_per_minute_max=settings.repeats_per_minute_max,
            intent_age_max_ns=settings.intent_age_max_ns,
        )

    def refusal(self, effect: SubmitOrder, book: Book, now_ns: int) -> tuple[str, str] | None:
        """Run the last checks; return (check, detail) of the first that refuses, or None.

        Called on the engine's thread, in engine time, before SendAttempted is journaled.
        """
        order = effect.order
        intent = order.intent
        kind = call_kind(intent, book)
        refused = self.latch.begin_call(order.client_id, kind)
        if refused is not None:
            return ("latch", refused)
        self.latch.end_call(order.client_id)
        if not self._holds_lock():
            return ("run_lock", "expected this run to hold the journal's lock, found it lost")
        return None if intent.is_reduce_only else self._entry_refusal(effect, book, now_ns)

    def _entry_refusal(
        self, effect: SubmitOrder, book: Book, now_ns: int
    ) -> tuple[str, str] | None:
        order, settings = effect.order, self.settings
        intent = order.intent
        if now_ns - effect.intended_ns > settings.intent_age_max_ns:
            return ("intent_age", f"intended {(now_ns - effect.intended_ns) / 1e9:.1f} s ago")
        if now_ns - effect.price_ns > settings.price_age_max_ns:
            return ("price_age", f"the price is {(now_ns - effect.price_ns) / 1e9:.1f} s old")
        if order.verdict.limits_hash != (book.limits_hash or settings.limits_hash):
            return ("limits_hash", "approved under other limits than those in force")
        for other in book.live_orders(intent.symbol):
            if other.status is OrderStatus.UNKNOWN:
                return ("unknown_order", f"{other.client_id} has an unknown outcome")
        waits = self._throttle.refusal(intent, book, now_ns)
        return ("throttle", waits) if waits else None

    def send(self, effect: SubmitOrder, kind: CallKind) -> ev.Event:
        """Begin the broker call if the latch still allows it, and say what came of it.

        Runs on a worker thread. Raises AssertionError when one is false: it ends the run.
        """
        order = effect.order
        client_id = order.client_id
        refused = self.latch.begin_call(client_id, kind)
        if refused is not None:
            return ev.SendRefused(client_id=client_id, check="latch", detail=refused)
        try:
            venue_id = at_edge(
                lambda: self.broker.submit(
                    client_id, order.intent, deadline_s=self.settings.deadline_s
                )
            )
        except BrokerError as error:
            return outcome_of(client_id, error, self.broker.traits.definite_codes)
        finally:
            self.latch.end_call(client_id)
        if not venue_id:
            return ev.OrderUnknown(client_id=client_id, why="an answer without the venue's id")
        return ev.OrderAccepted(client_id=client_id, venue_id=venue_id)


def call_kind(intent: OrderIntent, book: Book) -> CallKind:
    """Say what a broker call is for, in the latch's terms."""
    if intent.purpose is Purpose.ENTRY:
        return CallKind.ENTRY
    if intent.purpose is Purpose.EXIT:
        return CallKind.TYPED_CLOSE if intent.reason == CLOSE_ALL else CallKind.EXIT
    return CallKind.LATE_PROTECTION if book.level == KILL else CallKind.PROTECTION


def outcome_of(client_id: ClientOrderId, error: BrokerError, definite: frozenset[str]) -> ev.Event:
    """Turn a failed submit into what is certain.

    Refused before it left, definitely rejected, or unknown.
    """
    if error.reached is Reached.NO and error.code in definite:
        return ev.OrderRejected(client_id=client_id, code=error.code, text=str(error))
    if error.reached is Reached.NO:
        return ev.SendRefused(client_id=client_id, check="unreachable", detail=str(error))
    return ev.OrderUnknown(client_id=client_id, why=str(error))
