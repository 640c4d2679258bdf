"""The gateway: each last check refuses by name and in order; what a call ended in is certain."""

from dataclasses import replace
from typing import Any

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.effects import SubmitOrder
from hfl_core.domain.ids import Symbol
from hfl_core.domain.orders import OrderIntent, OrderStatus, OrderType, Purpose, Side
from hfl_core.engine.book import Book
from hfl_core.gateway.gateway import Gateway, call_kind
from hfl_core.gateway.latch import CallKind, MemoryLatch
from tests.engine.kit import SECOND, D
from tests.engine.test_book import T, intended
from tests.gateway.stage import NOW, SETTINGS, Lock, ScriptedBroker, effect, gateway

CHECKS = (
    "latch",
    "run_lock",
    "intent_age",
    "price_age",
    "limits_hash",
    "unknown_order",
    "throttle",
)


def named(refused: tuple[str, str] | None) -> str:
    """Return which check refused, or nothing."""
    return refused[0] if refused is not None else ""


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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"intended_ns": NOW - 62_500_000_000}, "intended 62.5 s ago"),
        ({"intended_ns": NOW - 10**18}, "intended 1000000000.0 s ago"),
        ({"price_ns": NOW - 62_500_000_000}, "the price is 62.5 s old"),
        ({"price_ns": NOW - 10**18}, "the price is 1000000000.0 s old"),
    ],
)
def test_a_refusal_for_age_says_how_old(changes, words):
    refused = gateway().refusal(effect(**changes), Book(), NOW)

    assert refused is not None
    assert refused[1] == words


def test_limits_that_changed_since_the_start_are_those_in_force():
    book = Book()
    changed = ev.LimitsChanged(changes=(), reason="lowered", limits_hash="newer")
    book.apply(changed, T)

    assert named(gateway().refusal(effect(), book, NOW)) == "limits_hash"
    assert gateway().refusal(effect(limits_hash="newer"), book, NOW) is None


def test_a_working_order_of_the_instrument_does_not_matter_but_an_unknown_one_is_named():
    book = Book()
    book.apply(intended("first"), T)
    assert gateway().refusal(effect(), book, NOW) is None

    book.apply(intended("second", number=2), T)
    book.apply(ev.OrderUnknown(client_id="second", why="timeout"), T)
    refused = gateway().refusal(effect(), book, NOW)

    assert refused == ("unknown_order", "second has an unknown outcome")


def test_a_throttled_order_is_told_by_the_throttle():
    book = Book()
    for number in (7, 8):
        send_into(book, number)

    assert gateway().refusal(effect(), book, NOW) == (
        "throttle",
        "expected at most 2 orders a minute, found one more",
    )


def test_the_same_order_again_is_throttled_by_its_own_setting():
    book, settings = Book(), replace(SETTINGS, orders_per_minute_max=9, repeats_per_minute_max=1)
    send_into(book, 5)
    found = Gateway(
        ScriptedBroker(),  # type: ignore[arg-type]
        MemoryLatch(None),
        settings,
        holds_lock=lambda: True,
    )

    assert named(found.refusal(effect(), book, NOW)) == "throttle"


def test_an_entry_is_throttled_as_long_as_its_late_sending_may_count():
    """It was intended long before the minute began, and sent within it."""
    book, settings = Book(), replace(SETTINGS, orders_per_minute_max=1)
    book.apply(intended("n1"), NOW - 64 * SECOND)
    book.apply(ev.SendAttempted(client_id="n1", run_id="r"), NOW - 59 * SECOND)
    found = Gateway(
        ScriptedBroker(),  # type: ignore[arg-type]
        MemoryLatch(None),
        settings,
        holds_lock=lambda: True,
    )

    assert named(found.refusal(effect(), book, NOW)) == "throttle"


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


def test_a_protection_under_a_milder_stop_is_a_plain_one():
    book = Book()
    book.apply(ev.StopLatched(level="reduce_only", latch_id="p", reason="", actor="human"), T)

    assert call_kind(effect(Purpose.PROTECTION).order.intent, book) is CallKind.PROTECTION


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


def test_a_refusal_for_the_latch_gives_its_sentence():
    found = gateway()
    found.latch.engage("kill", "k1")
    refused = found.refusal(effect(), Book(), NOW)

    assert refused == ("latch", found.latch.begin_call("o1", CallKind.ENTRY))


def test_an_unknown_order_of_another_instrument_does_not_matter():
    book = Book()
    book.apply(intended("other", symbol="ZZZ"), T)
    book.apply(ev.OrderUnknown(client_id="other", why="timeout"), T)

    assert book.live["other"].status is OrderStatus.UNKNOWN
    assert gateway().refusal(effect(), book, NOW) is None
