"""One bot in its world: the real parts on a virtual clock, with crashes.

`crash` throws engine, runner, session, gateway and inbox away; what is left is what a SIGKILL
leaves: committed rows, the venue, the latch directory. `boot` builds anew as the daemon does: fold,
RunStarted, reconcile. Invariants are checked after every step.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hfl_core.brokers.inprocess import Broker
from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.effects import ClearLatch, RaiseAlert, SetLatch
from hfl_core.domain.orders import OrderIntent
from hfl_core.engine.core import StepResult
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.gateway import latch_files
from hfl_core.gateway.gateway import Gateway
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.runtime.clock import VirtualClock
from hfl_core.runtime.conductor import Conductor, SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.recovery import Folder, restore_snapshot
from hfl_core.runtime.runner import Runner
from hfl_core.runtime.session import Session
from tests.support import invariants
from tests.support.builders import CASH, JOURNAL_ID, engine_settings
from tests.support.outside import SimulatedCrash, SurvivingJournal, WatchedVenue
from tests.support.parts import CANARY, SimDesk, SimWorkers, gateway_settings, run_started
from tests.support.plan import SECOND_NS, Order, Plan
from tests.support.shadow import Shadow

LEVELS: Final = {"pause": "reduce_only", "close_all": "reduce_only", "kill": "kill"}


class World:
    """See the module. Raises invariants.InvariantError when a law does not hold."""

    is_live = False

    def __init__(self, plan: Plan, directory: Path) -> None:
        self.plan = plan
        self.feed = plan.feed
        self.rng = random.Random(plan.seed + 1)
        self.settings = engine_settings(
            plan.watches, operator_policy=plan.operator_policy, desks=plan.desks
        )
        self.instruments = {each.symbol: each for each in self.feed.instruments}
        self.clock = VirtualClock(self.feed.opened(0).first_ns)
        self.venue = WatchedVenue(self.feed.instruments, cash=CASH, seed=plan.seed)
        self.venue.change_faults(plan.faults.get(0, ""), seed=plan.seed)
        self.venue.on_point = self.point
        self.venue.on_send = self._on_send
        self.directory = str(directory / "latch") if plan.is_latched_on_disk else None
        if self.directory is not None:
            latch_files.prepare(self.directory)
        self.journal = SurvivingJournal(
            run_id="r0", clock=self.clock, journal_id=JOURNAL_ID, account="a"
        )
        self.shadow = self._new_shadow()
        self.stops: dict[str, str] = {}
        self.canary = CANARY
        self.alerts: list[tuple[int, RaiseAlert]] = []
        self.seen: Counter[str] = Counter()
        self.points = 0
        self.crash_at = 0
        self.last_point = ""
        self.number = -1
        self.runs = 0
        self.requests = 0
        self.is_up = False
        self.entries_sent: list[tuple[int, str]] = []
        self.committed: set[str] = set()
        self._committed_seq = 0
        self._inside: list[Order] = []
        self.broken: invariants.InvariantError | None = None
        self._group: ev.ScansCoalesced | None = None
        self._items: Iterator[Slot | RefusedRows] = iter(())

    # --- starting and crashing --------------------------------------------------------------------

    def boot(self) -> None:
        """Start a run: recovery, RunStarted, reconciliation, data set."""
        self.runs += 1
        self.journal = self.journal.taken_over(run_id=f"r{self.runs}", clock=self.clock)
        self.engine = self.recovered(is_from_snapshot=self.runs % 2 == 0)
        self.core = self.engine.core
        self.runner = Runner(self.engine, self.journal, self.clock)
        self.runner.on_result = self._on_result
        self.runner.snapshot_inputs = self.plan.snapshot_every
        self.latch = MemoryLatch(self.directory)
        settings = gateway_settings(self.settings.limits_hash)
        self.gateway = Gateway(
            Broker(self.venue), self.latch, settings, holds_lock=lambda: self.is_up
        )
        self.inbox = Inbox()
        self.workers = SimWorkers()
        self.keeper = LatchKeeper(self.latch, self.directory)
        self.performer = Performer(
            runner=self.runner,
            gateway=self.gateway,
            inbox=self.inbox,
            workers=self.workers,
            latches=self.keeper,
            alerts=(self,),
            desks=[SimDesk(desk, self.rng) for desk in self.plan.desks],
        )
        self.session = self._new_session()
        self.session.on_tick = self._tick
        self.shadow = self._new_shadow()
        self.shadow.apply_rows(self.journal.rows())
        self._group = None
        self.journal.on_group = self._on_group
        self.journal.on_point = lambda name: self.point(f"journal:{name}")
        self.performer.on_point = self._performer_point
        self._forget_lifted_stops()
        self.is_up = True
        invariants.check(self, invariants.BOOT)
        self.session.start(
            run_started(self.journal, self.settings), self.keeper.unknown_files(self.core.book)
        )
        self._open_data()

    def _new_session(self) -> Conductor:
        return Session(
            SessionSettings(timeframe_ns=self.feed.timeframe_ns),
            runner=self.runner,
            performer=self.performer,
            inbox=self.inbox,
            market=self.venue,
            feed=self.feed,
            clock=self.clock,
        )

    def _new_shadow(self) -> Shadow:
        return Shadow(self.feed)

    def _forget_lifted_stops(self) -> None:
        """Keep the stops that stand in the journal or on disk: a crash may follow a resume."""
        standing = set(self.shadow.stops)
        if self.directory is not None:
            standing.update(latch_files.read(self.directory).ids)
        self.stops = {name: level for name, level in self.stops.items() if name in standing}

    def _open_data(self) -> None:
        """Do what `Session.run` does before its first slot."""
        core = self.core
        opened = self.feed.opened(core.book.cursor)
        start_ns = max(core.time_ns, opened.first_ns if not core.time_ns else 0)
        self.runner.submit(opened, time_ns=start_ns, actor="feed", must_commit=True)
        self.session._settle()
        self._items = self.feed.read(core.book.cursor)

    def recovered(self, *, is_from_snapshot: bool) -> Engine:
        """Fold the committed rows, from the newest snapshot or from the first row."""
        engine = Engine(self.settings, make)
        folder = Folder(engine, lambda _opened: self.feed.between)
        rows = self.journal.rows()
        start = 0
        if is_from_snapshot:
            for place, row in enumerate(rows):
                if isinstance(row.event, ev.SnapshotTaken):
                    start = place + 1
            if start:
                found = rows[start - 1].event
                assert isinstance(found, ev.SnapshotTaken)
                restore_snapshot(engine, found, self.journal.blob)
                folder.resume(self.feed.opened(0))
        folder.fold(rows[start:])
        return engine

    def crash(self) -> None:
        """Lose everything that is not committed."""
        self.seen["crash"] += 1
        self.seen[f"crash at {self.last_point}"] += 1
        self.is_up = False
        self.crash_at = 0
        self._inside.clear()
        self.workers.held.clear()
        invariants.check(self, invariants.REST)

    # --- boundaries -------------------------------------------------------------------------------

    def point(self, name: str) -> None:
        """Count a boundary; crash or let the operator act there when it is time."""
        self.points += 1
        if not self.is_up:
            return
        if self.crash_at and self.points >= self.crash_at:
            self.last_point = name
            raise SimulatedCrash(name)
        if self._inside and not name.startswith("journal:"):
            self.operate(self._inside.pop(0))

    def _performer_point(self, name: str) -> None:
        if name == "effect:AskOpinion" and self.rng.random() < 0.15:
            self.workers.is_holding = True
        self.point(name)

    def _tick(self) -> None:
        """The session waits for an answer that does not come: let the virtual wall clock run."""
        if self.inbox.outstanding:
            self.clock.now_ns += 31 * SECOND_NS

    def send(self, alert: RaiseAlert) -> None:
        """Hear an alert: the world is its own alert sink."""
        self.alerts.append((self.core.time_ns, alert))
        self.seen[f"alert {alert.level}"] += 1

    def _on_send(self, client_id: str, intent: OrderIntent) -> None:
        for row in self.journal.rows(self._committed_seq):
            self._committed_seq = row.seq
            if isinstance(row.event, ev.OrderIntended | ev.SendAttempted):
                self.committed.add(f"{row.kind} {row.event.client_id}")
        try:
            invariants.check(self, invariants.CALL, invariants.Call(client_id, intent))
        except invariants.InvariantError as error:
            self.broken = self.broken or error  # the call's edge swallows it
            raise
        if not intent.is_reduce_only:
            key = f"{intent.symbol} {intent.side} {intent.quantity}"
            self.entries_sent.append((self.core.time_ns, key))

    def _on_result(self, event: ev.Event, result: StepResult) -> None:
        if self.broken is not None:
            raise self.broken
        self.seen["step"] += 1
        time_ns = self.core.time_ns
        step = invariants.Step(event, result.events, result.effects, dict(self.shadow.positions))
        if self._group is not None and self._group is not event:
            invariants.check(self, invariants.GROUP, self._group)
        self._group = None
        for each in (event, *result.events):
            if isinstance(each, ev.ScansCoalesced) and not self.is_live:
                continue  # taken in as a row
            invariants.check(self, invariants.EVENT, invariants.Seen(each, step))
            self.shadow.apply(each, time_ns)
            self.seen[type(each).__name__] += 1
            if isinstance(each, ev.Resumed):
                for latch_id in each.latch_ids:
                    self.stops.pop(latch_id, None)
        for effect in result.effects:
            if isinstance(effect, SetLatch):
                self.stops[effect.latch_id] = effect.level
            elif isinstance(effect, ClearLatch):
                for latch_id in effect.latch_ids:
                    self.stops.pop(latch_id, None)
        for each in step.scans:
            invariants.check(self, invariants.GROUP, each)
        invariants.check(self, invariants.STEP, step)

    def _on_group(self, group: ev.ScansCoalesced) -> None:
        """Take a group of scans in as soon as it is a row; a live scan comes with its step."""
        if self.is_live:
            return
        self._group = group
        step = invariants.Step(group, [], [], self.shadow.positions)
        invariants.check(self, invariants.EVENT, invariants.Seen(group, step))
        self.shadow.apply(group, self.core.time_ns)
        self.seen["ScansCoalesced"] += 1

    # --- the operator -----------------------------------------------------------------------------

    def operate(self, order: Order) -> None:
        """Do what an operator does; stops are latched first, as the emergency desk does."""
        self.requests += 1
        request_id = f"q{self.requests}"
        self.seen[f"operator {order.verb}"] += 1
        level = LEVELS.get(order.verb)
        if level is not None:
            is_file_alone = order.where == "file" and self.directory is not None
            if not is_file_alone:
                self.latch.engage(level, request_id)
            if self.directory is not None:
                latch_files.set_stop(
                    self.directory, level, request_id, reason=order.verb, actor="operator"
                )
                self.stops[request_id] = level
            if is_file_alone:
                return
        event = ev.CommandReceived(
            request_id=request_id,
            verb=order.verb,
            actor="operator",
            arguments=tuple(self._arguments(order).items()),
        )
        for _ in range(1 + (self.requests % 3 == 0)):
            self.inbox.put_command(event, actor="operator")

    def _arguments(self, order: Order) -> Mapping[str, str]:
        if order.verb == "resume":
            latches = self.core.book.latches.values()
            ids = [
                each.latch_id
                for each in latches
                if not each.limit or each.period_end_ns <= self.core.time_ns
            ]
            return {"typed": "RESUME", "latch_ids": ",".join(ids), "reason": "looked at it"}
        return {"amount": order.amount or "100", "reason": "because"}

    # --- time -------------------------------------------------------------------------------------

    def advance(self) -> bool:
        """Take the next item of the data set in; False at its end."""
        if not self.is_up:
            self.boot()
        item = next(self._items, None)
        if item is None:
            return False
        self.clock.now_ns = max(self.clock.now_ns, self.core.time_ns)
        if isinstance(item, RefusedRows):
            self.runner.refuse(item)
            return True
        self._before_slot(item)
        self.session._wait_for(item.time_ns)
        assert isinstance(self.session, Session)
        if not self.performer.end_reason:
            self.session.take_slot(item)
            self.seen["slot"] += 1
        self._after_item()
        return True

    def _after_item(self) -> None:
        """End the run when it was asked to end; flush every so often."""
        if self.performer.end_reason:
            self.session._end()
            self.seen["ended"] += 1
            self.is_up = False
        elif self.seen["slot"] % self.plan.flush_every == 0:
            self.runner.flush()

    def _before_slot(self, slot: Slot) -> None:
        """Let happen what the plan has for this slot, the first time it comes."""
        for job in self.workers.held:
            job()
        self.workers.held.clear()
        number = self.feed.number_of(slot)
        if number % 5 == 0:
            for found in self.keeper.unknown_files(self.core.book):
                self.runner.submit(
                    found, time_ns=self.core.time_ns, actor="latch file", must_commit=True
                )
        if number <= self.number:
            return
        self.number = number
        if number in self.plan.faults:
            self.venue.change_faults(self.plan.faults[number], seed=self.plan.seed + number)
        if number == self.plan.calm_from:
            self.calm()
        if number in self.plan.crashes:
            self.crash_at = self.points + self.plan.crashes[number]
        for order in self.plan.orders.get(number, ()):
            if order.where == "inside":
                self._inside.append(order)
            else:
                self.operate(order)

    def calm(self) -> None:
        """From here on the venue is honest, the operator quiet and nothing crashes."""
        self.venue.change_faults("", seed=0)
        self._inside.clear()
        if self.is_up and self.rng.random() < 0.7:
            self.operate(Order("resume", "between"))

    def run(self) -> None:
        """Live through the whole plan, then check what must hold at the end."""
        while self.step():
            pass
        self.crash_at = 0
        self.finish()

    def step(self) -> bool:
        """Advance once, surviving a crash; False at the end of the data."""
        try:
            return self.advance()
        except SimulatedCrash:
            self.crash()
            return True

    def finish(self) -> None:
        """End in order and check everything that holds when all is quiet."""
        if self.broken is not None:
            raise self.broken
        if not self.is_up:
            self.boot()
        self.session._at_end_of_data()
        invariants.check(self, invariants.QUIET)
        self.session._end()
        self.is_up = False
        invariants.check(self, invariants.REST)
        invariants.check(self, invariants.END)
