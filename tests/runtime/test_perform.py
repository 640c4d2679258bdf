"""The performer: each effect becomes calls, each call an answer; what fails outside is an event."""

from typing import Any

import pytest

from hfl_core.domain import effects as ef
from hfl_core.domain import events as ev
from hfl_core.domain.errors import BrokerError, ModelError, Reached
from hfl_core.domain.ids import ClientOrderId, FillId, Symbol, VenueOrderId
from hfl_core.domain.opinions import Opinion
from hfl_core.domain.orders import AccountReport, Fill, OrderReport, OrderStatus, Purpose, Side
from hfl_core.domain.values import with_changes
from hfl_core.gateway.gateway import Gateway, GatewaySettings
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.ports import BrokerTraits
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.workers import InlineWorkers
from tests.engine.kit import D, command, filled, order_report, position_report
from tests.runtime.rig import Rig

ID = ClientOrderId("x1")
DOWN = BrokerError("the venue is down", reached=Reached.UNKNOWN)


class World:
    """A broker of fixed answers, a desk and a sink; every call is put on the rig's record."""

    def __init__(self, rig: Rig, **answers: Any) -> None:
        self.rig = rig
        self.answers = answers
        self.alerts: list[str] = []
        self.desk = "market"
        self.traits = BrokerTraits(
            venue="paper",
            settle_s=1.0,
            definite_codes=frozenset({"funds"}),
            resolves_unknown=True,
            is_reduce_only_enforced=True,
        )

    def _answer(self, name: str, plain: Any) -> Any:
        self.rig.record.append(f"call {name}")
        found = self.answers.get(name, plain)
        if isinstance(found, Exception):
            raise found
        return found

    def submit(self, client_id, intent, *, deadline_s):
        return self._answer("submit", "v1")

    def cancel(self, client_id, *, deadline_s):
        return self._answer("cancel", "cancelled")

    def query(self, client_id, *, deadline_s):
        return self._answer("query", None)

    def poll(self, cursor, *, deadline_s):
        return self._answer("poll", ())

    def open_orders(self, *, deadline_s):
        return self._answer("open_orders", ())

    def account(self, *, deadline_s):
        plain = AccountReport(cash=D(10_000), positions=(), fill_cursor=4, now_ns=1)
        return self._answer("account", plain)

    def move_cash(self, request_id, amount, *, deadline_s):
        return self._answer("move_cash", None)

    def ask(self, symbol, *, as_of_ns, deadline_s):
        plain = Opinion(
            symbol=symbol,
            desk="market",
            source="m",
            version="1",
            score=-0.5,
            confidence=0.25,
            rationale="r",
            evidence=(),
            made_ns=1,
            valid_until_ns=2,
        )
        return self._answer("ask", plain)

    def send(self, alert):
        self.alerts.append(alert.text)


def stage(**answers: Any) -> tuple[Rig, Performer, Inbox, World]:
    rig = Rig().start()
    world, inbox, latch = World(rig, **answers), Inbox(), MemoryLatch(None)
    gateway = Gateway(
        world,
        latch,
        GatewaySettings(
            intent_age_max_ns=10**12,
            price_age_max_ns=10**12,
            orders_per_minute_max=99,
            repeats_per_minute_max=99,
            deadline_s=1.0,
            limits_hash=rig.settings.limits_hash,
        ),
        holds_lock=lambda: True,
    )
    performer = Performer(
        runner=rig.runner,
        gateway=gateway,
        inbox=inbox,
        workers=InlineWorkers(),
        latches=LatchKeeper(latch, None),
        alerts=[world],
        desks=[world],  # type: ignore[list-item]
    )
    return rig, performer, inbox, world


def answers(inbox: Inbox) -> list[ev.Event]:
    found = []
    while (letter := inbox.take(0)) is not None:
        found.append(letter.event)
    return found


def entered(rig: Rig, performer: Performer) -> None:
    """Scan until an entry was intended; the performer carries it out."""
    rig.runner.perform = performer.perform
    for slot in rig.slots:
        bar = slot.bars[0]._replace(volume=1.0, close=10_000, open=10_000, high=10_020, low=9_980)
        rig.runner.scan(slot._replace(bars=(bar,)))
        if rig.engine.core.book.orders:
            return


def test_an_attempt_is_durable_before_its_call_and_the_call_is_made_once():
    rig, performer, inbox, _ = stage()
    entered(rig, performer)
    at = rig.record.index("append SendAttempted")
    call = rig.record.index("call submit")

    assert rig.record[at:call].count("commit") == 1
    assert rig.record.count("call submit") == 1
    assert [type(event).__name__ for event in answers(inbox)] == ["OrderAccepted"]
    assert inbox.outstanding == 0


def test_an_order_that_the_gateway_keeps_in_is_never_called():
    rig, performer, inbox, _ = stage()
    performer._latches.set(ef.SetLatch(level="kill", latch_id="k", reason="test"))
    entered(rig, performer)
    (order,) = rig.engine.core.book.orders.values()

    assert "call submit" not in rig.record
    assert (order.status, order.purpose) == (OrderStatus.REFUSED, Purpose.ENTRY)
    assert answers(inbox) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("already_filled", "already_filled"), ("not_found", "not_found"), (DOWN, "unknown")],
)
def test_a_cancel_says_what_came_of_it(answer, expected: str):
    _, performer, inbox, _ = stage(cancel=answer)
    performer.perform(ef.CancelOrder(client_id=ID))
    (event,) = answers(inbox)

    assert isinstance(event, ev.CancelAnswered)
    assert event.answer == expected


def cancelled_with(report: OrderReport | Exception | None) -> list[ev.Event]:
    """Return what comes of a cancel that the venue confirms; report: what it says when asked."""
    rig, performer, inbox, _ = stage(query=report)
    performer.perform(ef.CancelOrder(client_id=ID))
    assert rig.record[-2:] == ["call cancel", "call query"]
    return answers(inbox)


def ended(status: OrderStatus, *, filled: int = 0, listed: int = 0) -> OrderReport:
    """Return a venue's report of a stop over ten, with one fill that lists a part."""
    fill = Fill(
        client_id=ID,
        fill_id=FillId("f1"),
        symbol=Symbol("AAA"),
        side=Side.SELL,
        price=D(97),
        quantity=D(listed),
        fee=D(0),
        at_ns=1,
    )
    return OrderReport(
        client_id=ID,
        venue_id=VenueOrderId("v1"),
        symbol=Symbol("AAA"),
        side=Side.SELL,
        status=status,
        quantity=D(10),
        filled=D(filled),
        fills=(fill,) if listed else (),
    )


def test_a_cancel_is_confirmed_with_the_fills_that_came_before_it():
    """A stop that filled in part unseen: an exit of the rest must not sell that part again."""
    fill, answer = cancelled_with(ended(OrderStatus.CANCELLED, filled=4, listed=4))

    assert isinstance(fill, ev.Filled)
    assert (fill.fill.quantity, fill.fill.client_id) == (D(4), ID)
    assert answer == ev.CancelAnswered(client_id=ID, answer="cancelled", text="")


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (DOWN, "the venue is down"),
        (None, "not found"),
        (ended(OrderStatus.WORKING), "still working"),
        (ended(OrderStatus.CANCELLED, filled=4), "4 filled, 0 of it listed"),
    ],
)
def test_a_cancel_without_proof_of_how_the_order_ended_leaves_it_unknown(report, why: str):
    answer = cancelled_with(report)[-1]

    assert isinstance(answer, ev.CancelAnswered)
    assert answer.answer == "unknown"
    assert why in answer.text


@pytest.mark.parametrize("failing", ["query", "account"])
def test_a_question_that_fails_proves_nothing(failing: str):
    _, performer, inbox, _ = stage(**{failing: DOWN})
    performer.perform(ef.QueryOrder(client_id=ID, attempt=3))
    (event,) = answers(inbox)

    assert isinstance(event, ev.OrderQueried)
    assert (event.failed, event.report, event.positions, event.attempt) == (
        "the venue is down",
        None,
        None,
        3,
    )


def test_fills_that_a_report_lists_come_in_front_of_it():
    rig, performer, inbox, world = stage()
    entered(rig, performer)
    (order,) = rig.engine.core.book.orders.values()
    answers(inbox)
    fill = filled(order, D(3), "100").fill
    world.answers["query"] = with_changes(order_report(order, filled=3), fills=(fill,))
    performer.perform(ef.QueryOrder(client_id=ID, attempt=1))

    assert [type(event).__name__ for event in answers(inbox)] == ["Filled", "OrderQueried"]


def test_a_reconciliation_asks_for_fills_first_and_the_account_last():
    rig, performer, inbox, _ = stage()
    rig.record.clear()
    performer.perform(ef.Reconcile(cursor=0))
    (event,) = answers(inbox)

    assert [entry for entry in rig.record if entry.startswith("call")] == [
        "call poll",
        "call open_orders",
        "call account",
    ]
    assert isinstance(event, ev.ReconcileReported)
    assert (event.cash, event.fill_cursor, event.failed) == (D(10_000), 4, "")


@pytest.mark.parametrize("failing", ["poll", "open_orders", "account"])
def test_a_reconciliation_that_fails_anywhere_says_so_and_nothing_else(failing: str):
    _, performer, inbox, _ = stage(**{failing: DOWN})
    performer.perform(ef.Reconcile(cursor=0))
    (event,) = answers(inbox)

    assert isinstance(event, ev.ReconcileReported)
    assert (event.failed, event.cash, event.positions) == ("the venue is down", None, ())


def test_foreign_orders_are_named():
    rig, performer, inbox, world = stage()
    entered(rig, performer)
    (order,) = rig.engine.core.book.orders.values()
    answers(inbox)
    ours = order_report(order)
    world.answers["open_orders"] = (ours, with_changes(ours, client_id=ClientOrderId("by-hand")))
    world.answers["account"] = AccountReport(
        cash=D(1), positions=(position_report("AAA", 1),), fill_cursor=0, now_ns=0
    )
    performer.perform(ef.Reconcile(cursor=0))
    (event,) = answers(inbox)

    assert isinstance(event, ev.ReconcileReported)
    assert event.foreign == ("by-hand",)


def test_a_poll_that_fails_is_asked_again_by_others():
    _, performer, inbox, _ = stage(poll=DOWN)
    performer.perform(ef.PollVenue(cursor=3))

    assert (answers(inbox), inbox.outstanding) == ([], 0)


def test_cash_moves_or_says_that_it_did_not():
    for answer, kind in ((None, ev.CashMoved), (DOWN, ev.Degraded)):
        _, performer, inbox, _ = stage(move_cash=answer)
        performer.perform(ef.MoveCash(request_id="d1", amount="12.5"))

        assert type(answers(inbox)[0]) is kind


def test_an_opinion_comes_back_as_an_event():
    _, performer, inbox, _ = stage()
    ask = ef.AskOpinion(symbol=Symbol("AAA"), desk="market", as_of_ns=1, deadline_ns=2)
    performer.perform(ask)
    (event,) = answers(inbox)

    assert isinstance(event, ev.OpinionReceived)
    assert (event.score, event.confidence, event.valid_until_ns) == ("-0.5", "0.25", 2)


@pytest.mark.parametrize(("desk", "answer"), [("market", ModelError("no model")), ("nobody", None)])
def test_a_desk_that_fails_or_is_not_there_is_a_degradation(desk: str, answer):
    _, performer, inbox, _ = stage(**({"ask": answer} if answer else {}))
    performer.perform(ef.AskOpinion(symbol=Symbol("AAA"), desk=desk, as_of_ns=1, deadline_ns=2))
    (event,) = answers(inbox)

    assert isinstance(event, ev.Degraded)
    assert event.component == f"desk {desk}"


def test_whatever_a_library_raises_leaves_the_outcome_unknown():
    _, performer, inbox, _ = stage(cancel=RuntimeError("odd library"))
    performer.perform(ef.CancelOrder(client_id=ID))
    found = answers(inbox)

    assert found == [
        ev.CancelAnswered(client_id=ID, answer="unknown", text="RuntimeError: odd library")
    ]
    assert inbox.outstanding == 0


@pytest.mark.parametrize(
    ("call", "effect"),
    [
        ("cancel", ef.CancelOrder(client_id=ID)),
        ("query", ef.QueryOrder(client_id=ID, attempt=1)),
        ("poll", ef.PollVenue(cursor=0)),
        ("account", ef.Reconcile(cursor=0)),
        ("move_cash", ef.MoveCash(request_id="d1", amount="5")),
    ],
)
def test_a_false_assertion_on_a_worker_ends_the_run_on_the_engines_thread(call: str, effect):
    _, performer, inbox, _ = stage(**{call: AssertionError("not as believed")})
    performer.perform(effect)

    assert not inbox.is_empty
    with pytest.raises(AssertionError, match="not as believed"):
        inbox.take(0)


def test_the_first_reason_to_end_stays():
    _, performer, _, _ = stage()
    performer.perform(ef.EndRun(reason="killed"))
    performer.perform(ef.EndRun(reason="stopped"))

    assert performer.end_reason == "killed"


def test_alerts_reach_every_sink_and_latches_their_keeper():
    rig, performer, _, world = stage()
    seen: list[str] = []
    performer.on_point = seen.append
    rig.runner.perform = performer.perform
    rig.say(command("pause", "p1"))
    level = performer._gateway.latch.state().level
    performer.perform(ef.RaiseAlert(level="warning", text="look"))
    performer.perform(ef.ClearLatch(latch_ids=("p1",)))

    assert (level, world.alerts) == ("reduce_only", ["look"])
    assert performer._gateway.latch.state().level == "none"
    assert seen == ["effect:SetLatch", "effect:RaiseAlert", "effect:ClearLatch"]
