"""The performer: the only place that carries effects out.

It turns each into calls on workers and answers in the inbox.

Every effect that can be answered is counted as outstanding until its answer is in. What a broker
call fails with is an answer, too; whatever else is raised there is a fault of this program, and
ends the run on the engine's thread.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TypeVar, assert_never

from hfl_core.domain import effects as ef
from hfl_core.domain import events as ev
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.money import plain
from hfl_core.domain.orders import TERMINAL, OrderReport
from hfl_core.gateway.edge import at_edge
from hfl_core.gateway.gateway import Gateway, call_kind
from hfl_core.ports import AlertSink, OpinionSource
from hfl_core.runtime.desks import Desks
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_core.runtime.runner import Runner
from hfl_core.runtime.workers import Workers

E = TypeVar("E", bound=ef.Effect)

# Answers about the movement itself; any other refusal is about one call alone.
CASH_VERDICTS: Final = frozenset({"insufficient_cash", "request_reused"})


class Performer:
    """Carries out effects, in the order given, on behalf of one runner."""

    def __init__(
        self,
        *,
        runner: Runner,
        gateway: Gateway,
        inbox: Inbox,
        workers: Workers,
        latches: LatchKeeper,
        alerts: Sequence[AlertSink] = (),
        desks: Sequence[OpinionSource] | Desks = (),
    ) -> None:
        self._runner = runner
        self._gateway = gateway
        self._inbox = inbox
        self._workers = workers
        self._latches = latches
        self._alerts = tuple(alerts)
        # Named one by one they share the broker's workers: simulations, where nothing hangs.
        self._desks = desks if isinstance(desks, Desks) else Desks(desks, workers=workers)
        runner.evidence_of = self._desks.take_evidence
        self._deadline_s = gateway.settings.deadline_s
        self.end_reason = ""
        self.on_point: Callable[[str], None] | None = None

    def perform(self, effect: ef.Effect) -> None:  # noqa: C901 - one case an effect, each a line
        """Carry one effect out; its intent is durable by now."""
        if self.on_point is not None:
            self.on_point(f"effect:{type(effect).__name__}")
        match effect:
            case ef.SubmitOrder():
                self._submit(effect)
            case ef.CancelOrder():
                self._call(effect, self._cancel)
            case ef.QueryOrder():
                self._call(effect, self._query)
            case ef.PollVenue():
                self._call(effect, self._poll)
            case ef.Reconcile():
                self._call(effect, self._reconcile)
            case ef.MoveCash():
                self._call(effect, self._move_cash)
            case ef.AskOpinion():
                self._ask(effect)
            case ef.SetLatch():
                self._latches.set(effect)
            case ef.ClearLatch():
                self._latches.clear(effect)
            case ef.RaiseAlert():
                for sink in self._alerts:
                    sink.send(effect)
            case ef.EndRun():
                self.end_reason = self.end_reason or effect.reason
            case _:
                assert_never(effect)

    # --- calls ------------------------------------------------------------------------------------

    def _submit(self, effect: ef.SubmitOrder) -> None:
        core = self._runner.engine.core
        client_id = effect.order.client_id
        refused = self._gateway.refusal(effect, core.book, core.time_ns)
        if refused is not None:
            event = ev.SendRefused(client_id=client_id, check=refused[0], detail=refused[1])
            self._runner.submit(event, time_ns=core.time_ns, actor="gateway")
            return
        attempt = ev.SendAttempted(client_id=client_id, run_id=core.book.run_id)
        self._runner.submit(attempt, time_ns=core.time_ns, actor="gateway", must_commit=True)
        if self.on_point is not None:
            self.on_point("before_send")
        kind = call_kind(effect.order.intent, core.book)
        self._answer_later(lambda: [self._gateway.send(effect, kind)])

    def _call(self, effect: E, call: Callable[[E], list[ev.Event]]) -> None:
        self._answer_later(lambda: call(effect))

    def _answer_later(self, call: Callable[[], list[ev.Event]]) -> None:
        inbox = self._inbox
        if self._workers.is_inline:
            try:
                inbox.put_own(call(), actor="broker")
            except Exception as error:  # noqa: BLE001 - as from a worker: raised where letters are taken
                inbox.fail(error)
            return
        inbox.expect()

        def job() -> None:
            try:
                answers = call()
            except Exception as error:  # noqa: BLE001 - a worker's edge: the engine's thread raises it again
                inbox.fail(error)
                return
            inbox.put_answers(answers, actor="broker")

        self._workers.submit(job)

    def _cancel(self, effect: ef.CancelOrder) -> list[ev.Event]:
        """Cancel, then ask how the order ended.

        What filled before may not have come yet, and an exit would sell it again.
        """
        broker, deadline_s = self._gateway.broker, self._deadline_s
        client_id = effect.client_id
        answer, text = "unknown", ""
        fills: list[ev.Event] = []
        try:
            answer = at_edge(lambda: broker.cancel(client_id, deadline_s=deadline_s))
            if answer == "cancelled":
                report = at_edge(lambda: broker.query(client_id, deadline_s=deadline_s))
                fills = self._fills_of(report)
                text = _doubt(report)
        except BrokerError as error:
            text = str(error)
        answer = "unknown" if text else answer
        return [*fills, ev.CancelAnswered(client_id=client_id, answer=answer, text=text)]

    def _query(self, effect: ef.QueryOrder) -> list[ev.Event]:
        broker, deadline_s = self._gateway.broker, self._deadline_s
        client_id, attempt = effect.client_id, effect.attempt
        try:
            report = at_edge(lambda: broker.query(client_id, deadline_s=deadline_s))
            account = at_edge(lambda: broker.account(deadline_s=deadline_s))
        except BrokerError as error:
            return [
                ev.OrderQueried(
                    client_id=client_id,
                    attempt=attempt,
                    failed=str(error),
                    report=None,
                    positions=None,
                )
            ]
        queried = ev.OrderQueried(
            client_id=client_id,
            attempt=attempt,
            failed="",
            report=report,
            positions=account.positions,
        )
        return [*self._fills_of(report), queried]

    def _fills_of(self, report: OrderReport | None) -> list[ev.Event]:
        """Return the fills that a report lists as rows of their own; known ones leave no trace."""
        if report is None:
            return []
        venue = self._gateway.broker.traits.venue
        account = self._runner.engine.core.book.account
        return [
            ev.Filled(venue=venue, account=account, cursor=0, fill=fill) for fill in report.fills
        ]

    def _poll(self, effect: ef.PollVenue) -> list[ev.Event]:
        poll, deadline_s = self._gateway.broker.poll, self._deadline_s
        try:
            return list(at_edge(lambda: poll(effect.cursor, deadline_s=deadline_s)))
        except BrokerError:
            return []

    def _reconcile(self, effect: ef.Reconcile) -> list[ev.Event]:
        """Ask for fills, then working orders, then the account.

        In this order nothing can hide between them.
        """
        broker, deadline_s = self._gateway.broker, self._deadline_s
        venue = broker.traits.venue
        try:
            news = list(at_edge(lambda: broker.poll(effect.cursor, deadline_s=deadline_s)))
            orders = at_edge(lambda: broker.open_orders(deadline_s=deadline_s))
            account = at_edge(lambda: broker.account(deadline_s=deadline_s))
        except BrokerError as error:
            failed = ev.ReconcileReported(
                venue=venue,
                failed=str(error),
                cash=None,
                positions=(),
                orders=(),
                fill_cursor=0,
                foreign=(),
            )
            return [failed]
        report = ev.ReconcileReported(
            venue=venue,
            failed="",
            cash=account.cash,
            positions=account.positions,
            orders=orders,
            fill_cursor=account.fill_cursor,
            foreign=tuple(
                order.client_id for order in orders if not order.client_id.startswith("hf")
            ),
        )
        return [*news, report]

    def _move_cash(self, effect: ef.MoveCash) -> list[ev.Event]:
        amount = Decimal(effect.amount)
        try:
            move, deadline_s = self._gateway.broker.move_cash, self._deadline_s
            at_edge(lambda: move(effect.request_id, amount, deadline_s=deadline_s))
        except BrokerError as error:
            is_final = not effect.is_repeat or error.code in CASH_VERDICTS
            if error.reached is Reached.NO and is_final:
                verb = "deposit" if amount > 0 else "withdraw"
                refused = ev.CommandRefused(request_id=effect.request_id, verb=verb, why=str(error))
                return [refused]
            detail = f"{effect.request_id}: {error}"
            return [ev.Degraded(component="cash", detail=detail)]
        return [ev.CashMoved(request_id=effect.request_id, amount=amount)]

    def _ask(self, effect: ef.AskOpinion) -> None:
        inbox = self._inbox
        inbox.expect()
        actor = f"desk {effect.desk}"
        self._desks.ask(effect, lambda answers: inbox.put_answers(answers, actor=actor))


def _doubt(report: OrderReport | None) -> str:
    """Return why a report does not prove that a cancelled order has ended and how; or nothing."""
    if report is None:
        return "cancelled, but its ending is not found"
    if report.status not in TERMINAL:
        return f"cancelled, but still {report.status.value}"
    listed = sum((fill.quantity for fill in report.fills), Decimal(0))
    if report.filled != listed:
        return f"cancelled with {plain(report.filled)} filled, {plain(listed)} of it listed"
    return ""
