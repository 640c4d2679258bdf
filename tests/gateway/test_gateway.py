"""The gateway: each last check refuses by name and in order; what a call ended in is certain."""

from typing import Any

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.effects import SubmitOrder
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.orders import OrderIntent, OrderStatus, OrderType, Purpose, Side
from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import ApprovedOrder, RiskVerdict, intent_hash
from hfl_core.engine.book import Book
from hfl_core.gateway.gateway import Gateway, GatewaySettings, call_kind, outcome_of
from hfl_core.gateway.latch import CallKind, MemoryLatch
from hfl_core.ports import BrokerTraits
from tests.engine.kit import SECOND, D
from tests.engine.test_book import T, intended

NOW = 1_000 * SECOND
CHECKS = (
    "latch",
    "run_lock",
    "intent_age",
    "price_age",
    "limits_hash",
    "unknown_order",
    "throttle",
)
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
        self.traits = BrokerTraits(
            venue="paper",
            settle_s=1.0,
            definite_codes=frozenset({"funds", "halted"}),
            resolves_unknown=True,
            is_reduce_only_enforced=True,
        )

    def submit(self, client_id: str, intent: OrderIntent, *, deadline_s: float) -> str:
        self.sent.append(client_id)
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


def named(refused: tuple[str, str] | None) -> str:
    """Return which check refused, or nothing."""
    return refused[0] if refused is not None else ""


def sent(found: Gateway) -> list[str]:
    """Return what the scripted broker was asked to send."""
    assert isinstance(found.broker, ScriptedBroker)
    return list(found.broker.sent)


def unknown_book() -> Book:
    book = Book()
    book.apply(intended("other"), T)
    book.apply(ev.OrderUnknown(client_id="other", why="timeout"), T)
    return book


def send_into(book: Book, number: int, *, at_ns: int = NOW) -> None:
    """Let an entry of its own size have been sent."""
    book.apply(intended(f"n{number}", quantity=number, number=number), at_ns)
    book.apply(ev.SendAttempted(client_id=f"n{number}", run_id="r"), at_ns)


def broken(check: str) -> tuple[Gateway, SubmitOrder, Book]:
    """Return a gateway where this check and every later one must refuse."""
    at = CHECKS.index(check)
    lock = type("Lost", (Lock,), {"held": at > CHECKS.index("run_lock")})
    found = gateway(lock=lock)
    if at <= CHECKS.index("latch"):
        found.latch.engage("reduce_only", "p1")
    old: dict[str, Any] = {
        "intended_ns": NOW - 6 * SECOND if at <= CHECKS.index("intent_age") else NOW,
        "price_ns": NOW - 10 * SECOND if at <= CHECKS.index("price_age") else NOW,
        "limits_hash": "others" if at <= CHECKS.index("limits_hash") else "limits",
    }
    book = unknown_book() if at <= CHECKS.index("unknown_order") else Book()
    for number in (7, 8):
        send_into(book, number)
    return found, effect(**old), book


@pytest.mark.parametrize("check", CHECKS)
def test_the_first_check_that_refuses_names_itself(check: str):
    """Everything behind it is broken, too: so this shows the documented order."""
    found, wanted, book = broken(check)
    refused = found.refusal(wanted, book, NOW)

    assert refused is not None
    assert refused[0] == check
    assert len(refused[1]) > 10


def test_what_passes_every_check_is_not_refused():
    assert gateway().refusal(effect(), Book(), NOW) is None


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"intended_ns": NOW - 5 * SECOND}, None),
        ({"intended_ns": NOW - 5 * SECOND - 1}, "intent_age"),
        ({"price_ns": NOW - 9 * SECOND}, None),
        ({"price_ns": NOW - 9 * SECOND - 1}, "price_age"),
    ],
)
def test_ages_are_limits_to_the_nanosecond(changes, check):
    refused = gateway().refusal(effect(**changes), Book(), NOW)

    assert (refused[0] if refused else None) == check


@pytest.mark.parametrize("purpose", [Purpose.EXIT, Purpose.PROTECTION])
def test_reductions_pass_whatever_their_age_the_limits_or_the_throttle(purpose: Purpose):
    book = unknown_book()
    for number in range(1, 9):
        send_into(book, number)
    old = effect(purpose, intended_ns=0, price_ns=0, limits_hash="others")

    assert gateway().refusal(old, book, NOW) is None


@pytest.mark.parametrize("purpose", list(Purpose))
def test_nothing_passes_without_the_lock(purpose: Purpose):
    found = gateway(lock=type("Lost", (Lock,), {"held": False}))

    assert named(found.refusal(effect(purpose), Book(), NOW)) == "run_lock"


@pytest.mark.parametrize(
    ("level", "passing"),
    [
        ("reduce_only", {Purpose.EXIT, Purpose.PROTECTION}),
        ("kill", set()),
    ],
)
def test_a_stop_lets_through_what_its_level_says(level: str, passing: set[Purpose]):
    found = gateway()
    found.latch.engage(level, "s1")
    passed = {p for p in Purpose if found.refusal(effect(p), Book(), NOW) is None}

    assert passed == passing


def test_a_late_protection_passes_under_kill():
    book = Book()
    book.apply(ev.StopLatched(level="kill", latch_id="k", reason="", actor="human"), T)
    found = gateway()
    found.latch.engage("kill", "k")

    assert call_kind(effect(Purpose.PROTECTION).order.intent, book) is CallKind.LATE_PROTECTION
    assert found.refusal(effect(Purpose.PROTECTION), book, NOW) is None
    assert named(found.refusal(effect(Purpose.EXIT), book, NOW)) == "latch"


def test_every_purpose_has_its_kind_of_call():
    kinds = {purpose: call_kind(effect(purpose).order.intent, Book()) for purpose in Purpose}

    assert kinds == {
        Purpose.ENTRY: CallKind.ENTRY,
        Purpose.EXIT: CallKind.EXIT,
        Purpose.PROTECTION: CallKind.PROTECTION,
    }


def test_a_typed_close_all_is_a_call_of_its_own_and_passes_a_kill():
    found = gateway()
    found.latch.engage("kill", "k")
    intent = OrderIntent(
        symbol=Symbol("AAA"),
        side=Side.SELL,
        type=OrderType.MARKET,
        purpose=Purpose.EXIT,
        quantity=D(5),
        reason="close_all",
    )

    assert call_kind(intent, Book()) is CallKind.TYPED_CLOSE
    assert found.latch.begin_call("c1", CallKind.TYPED_CLOSE) is None


def test_a_refused_check_leaves_no_call_begun():
    found = gateway()
    found.refusal(effect(), Book(), NOW)

    assert found.latch.acknowledge() == ()


# --- sending --------------------------------------------------------------------------------------


def test_a_venue_id_is_an_acceptance():
    found = gateway("v9")

    assert found.send(effect(), CallKind.ENTRY) == ev.OrderAccepted(client_id="o1", venue_id="v9")


def test_an_answer_without_the_venues_id_proves_nothing():
    found = gateway("").send(effect(), CallKind.ENTRY)

    assert isinstance(found, ev.OrderUnknown)


@pytest.mark.parametrize("reached", list(Reached))
@pytest.mark.parametrize("code", ["", "funds", "made_up"])
def test_only_a_listed_code_that_never_left_is_a_rejection(reached: Reached, code: str):
    error = BrokerError("it said so", reached=reached, code=code)
    found = gateway(error).send(effect(), CallKind.ENTRY)
    expected: type[ev.Event] = ev.OrderUnknown
    if reached is Reached.NO:
        expected = ev.OrderRejected if code == "funds" else ev.SendRefused

    assert type(found) is expected
    assert found == outcome_of(ClientOrderId("o1"), error, frozenset({"funds"}))


@pytest.mark.parametrize(
    "error", [ValueError("odd"), KeyError("x"), TimeoutError(), OSError("net")]
)
def test_any_other_exception_means_that_nobody_knows(error: Exception):
    found = gateway(error).send(effect(), CallKind.ENTRY)

    assert isinstance(found, ev.OrderUnknown)
    assert found.why.startswith(type(error).__name__)


def test_a_false_assertion_is_no_outcome_of_a_call():
    found = gateway(AssertionError("the book says otherwise"))
    with pytest.raises(AssertionError, match="the book says otherwise"):
        found.send(effect(), CallKind.ENTRY)

    assert found.latch.acknowledge() == ()


@pytest.mark.parametrize(
    "outcome", ["v1", "", BrokerError("x", reached=Reached.UNKNOWN), ValueError("x")]
)
def test_whatever_comes_of_it_the_broker_was_called_once(outcome):
    found = gateway(outcome)
    found.send(effect(), CallKind.ENTRY)

    assert sent(found) == ["o1"]
    assert found.latch.acknowledge() == ()


def test_a_stop_between_check_and_call_keeps_the_order_in():
    found = gateway()
    assert found.refusal(effect(), Book(), NOW) is None
    found.latch.engage("kill", "k1")
    refused = found.send(effect(), CallKind.ENTRY)

    assert isinstance(refused, ev.SendRefused)
    assert (refused.check, sent(found)) == ("latch", [])


def test_a_call_under_way_is_listed_in_an_acknowledgement_and_not_begun_twice():
    found = gateway()
    seen: list[object] = []

    class Nosy(ScriptedBroker):
        def submit(self, client_id, intent, *, deadline_s):
            seen.append(found.latch.acknowledge())
            seen.append(found.send(effect(), CallKind.ENTRY))
            return super().submit(client_id, intent, deadline_s=deadline_s)

    found.broker = Nosy()  # type: ignore[assignment]
    found.send(effect(), CallKind.ENTRY)

    assert seen[0] == ("o1",)
    assert isinstance(seen[1], ev.SendRefused)
    assert sent(found) == ["o1"]


def test_an_unknown_order_of_another_instrument_does_not_matter():
    book = Book()
    book.apply(intended("other", symbol="ZZZ"), T)
    book.apply(ev.OrderUnknown(client_id="other", why="timeout"), T)

    assert book.live["other"].status is OrderStatus.UNKNOWN
    assert gateway().refusal(effect(), book, NOW) is None
