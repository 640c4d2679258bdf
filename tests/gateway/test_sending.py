"""Sending: one call at most, begun only if the latch allows it, and what it ended in is certain."""

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.ids import ClientOrderId
from hfl_core.engine.book import Book
from hfl_core.gateway.gateway import outcome_of
from hfl_core.gateway.latch import CallKind
from tests.gateway.stage import NOW, ScriptedBroker, effect, gateway, sent


def test_the_broker_is_told_our_id_the_intent_and_the_deadline():
    found, wanted = gateway(), effect(number=4)
    found.send(wanted, CallKind.ENTRY)

    assert isinstance(found.broker, ScriptedBroker)
    assert found.broker.told == [("o4", wanted.order.intent, 3.0)]


def test_a_venue_id_is_an_acceptance():
    found = gateway("v9")

    assert found.send(effect(), CallKind.ENTRY) == ev.OrderAccepted(client_id="o1", venue_id="v9")


def test_an_answer_without_the_venues_id_proves_nothing():
    found = gateway("").send(effect(), CallKind.ENTRY)

    assert isinstance(found, ev.OrderUnknown)
    assert found.client_id == "o1"
    assert "without the venue's id" in found.why


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


def test_what_a_failed_call_said_is_kept_for_whoever_asks():
    def outcome(reached: Reached, code: str = "") -> ev.Event:
        error = BrokerError("it said so", reached=reached, code=code)
        return outcome_of(ClientOrderId("o1"), error, frozenset({"funds"}))

    assert outcome(Reached.NO, "funds") == ev.OrderRejected(
        client_id="o1", code="funds", text="it said so"
    )
    assert outcome(Reached.NO) == ev.SendRefused(
        client_id="o1", check="unreachable", detail="it said so"
    )
    assert outcome(Reached.UNKNOWN) == ev.OrderUnknown(client_id="o1", why="it said so")


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
    assert (refused.client_id, refused.check, sent(found)) == ("o1", "latch", [])
    assert "kill (k1)" in refused.detail


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
