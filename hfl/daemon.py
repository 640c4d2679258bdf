"""The daemon: one process, one lock, one journal; recovers, reconciles, trades, ends in order."""

import os
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from hfl.aides import alert_hub, asked, desks_of
from hfl.build import plan
from hfl.hashes import changed, component_hashes, versions
from hfl.home import Home
from hfl.market import MARKET_DEADLINE_S, MarketKeeper
from hfl.port import DaemonPort
from hfl.pulse import LatchWatch, Pulse
from hfl.resume import Past
from hfl.serving import ApiStarter
from hfl.source import source_of
from hfl.terms import api_loopback, deciding_hash, gateway_settings, venue_options
from hfl_config.create import create_home
from hfl_config.load import LoadedConfig
from hfl_core.brokers.paper import Broker
from hfl_core.control import lock as daemon_lock
from hfl_core.control import spool
from hfl_core.control.desk import Desk
from hfl_core.control.emergency import EmergencyListener
from hfl_core.domain import events as ev
from hfl_core.domain.effects import RaiseAlert
from hfl_core.domain.errors import ControlError, JournalError
from hfl_core.gateway import latch_files
from hfl_core.gateway.gateway import Gateway
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.ports import AlertSink, OpinionSource
from hfl_core.runtime.clock import MachineClock
from hfl_core.runtime.clock_guard import ClockGuard
from hfl_core.runtime.conductor import Conductor, SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import Runner
from hfl_core.runtime.workers import ThreadWorkers
from hfl_core.venue.link import MarketLink, VenueOptions, start_venue
from hfl_journal.keys import load_key
from hfl_journal.reader import JournalReader
from hfl_journal.rows import Anchor
from hfl_journal.verify import verify_journal
from hfl_journal.writer import JournalWriter

LOCK_WAIT_S: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line adds to the configuration.

    speed: engine seconds a wall second, 0 for as fast as possible; base: what relative paths of
    the configuration are relative to.
    """

    speed: float
    is_until_end: bool
    base: Path
    has_api: bool = True
    scans_max: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended."""

    reason: str
    seconds: float
    scans: int


class Daemon:
    """Everything of one run, built by `open`, driven by `run`, released by `close`."""

    def __init__(self, home: Home, loaded: LoadedConfig, options: RunOptions) -> None:
        self.home = home
        self.loaded = loaded
        self.options = options
        self.run_id = secrets.token_hex(6)
        self.clock = MachineClock()
        self.stack = ExitStack()
        self.on_session: Callable[[Conductor], None] | None = None
        self.alerts: tuple[AlertSink, ...] = ()
        self.desks: tuple[OpinionSource, ...] | None = None

    # --- opening ----------------------------------------------------------------------------------

    def open(self) -> None:
        """Take the lock, open and verify the journal, fold it, and start venue and control.

        Raises HflError with one sentence; what was opened is released by `close`.
        """
        # Refused before anything is made or started.
        venue = venue_options(self.home, self.loaded)
        self._require_latch()
        create_home(self.home.paths)
        self._take_lock()
        self.journal = self.stack.enter_context(
            JournalWriter.open(self.home.journal, clock=self.clock, run_id=self.run_id)
        )
        self._verify()
        self.feed = source_of(self.loaded, base=self.options.base, kept=self.home.kept_rows)
        if self.desks is None:
            self.desks = desks_of(self.loaded, self.feed.data)
        self.plan = plan(
            self.loaded,
            self.feed.instruments,
            journal_id=self.journal.journal_id,
            search=self.home.strategy_folders,
        )
        self.hashes = component_hashes(self.plan.strategies, config_hash=deciding_hash(self.loaded))
        self.engine = self.plan.engine()
        self.past, self.cursor = self._recover()
        self._connect(venue)
        self._start_control()

    def _require_latch(self) -> None:
        """Refuse to trade where stops cannot be read; a home that is yet to be made has none."""
        is_new = not self.home.journal.journal.exists() and not Path(self.home.paths.latch).exists()
        if not is_new:
            state = latch_files.read(self.home.paths.latch)
            if state.detail:
                raise ControlError(state.detail)

    def _take_lock(self) -> None:
        path = self.home.lock_file
        others = [one for one in daemon_lock.holders(self.home.paths.run) if one.path != path]
        try:
            held = (
                None
                if others
                else daemon_lock.acquire(path, run_id=self.run_id, wait_s=LOCK_WAIT_S)
            )
        except OSError as error:
            raise JournalError(
                f"expected to write the lock {path}, found {error.strerror}: make the home "
                "writable for this user, or choose another with --home DIR"
            ) from error
        if held is None:
            holder = others[0] if others else daemon_lock.holder(path)
            who = f"process {holder.pid}" if holder is not None else "another process"
            name = Path(holder.path if holder is not None else path).name.removesuffix(".lock")
            raise JournalError(
                f"expected to be the only daemon of this home, found {who} running {name}: look at "
                "it with `hfl status`, stop it with `hfl kill`, or use another --home DIR"
            )
        self.stack.callback(held.release)

    def _holds_lock(self) -> bool:
        """Tell whether the lock file still names this process: somebody may have removed it."""
        holder = daemon_lock.holder(self.home.lock_file)
        return holder is not None and holder.pid == os.getpid()

    def _verify(self) -> None:
        """Refuse a journal that does not match its head; verify the chain since the last time."""
        head = self.journal.head_report
        if not head.is_sound:
            raise JournalError(head.sentence)
        report = verify_journal(
            self.home.journal.journal,
            head_path=self.home.journal.head,
            key=load_key(self.home.journal.key),
            is_full=False,
        )
        if not report.is_clean:
            finding = report.findings[0]
            raise JournalError(
                f"expected a chain that holds, found {finding.code} at row {finding.seq}: "
                f"{finding.text}; restore a backup with `hfl journal restore FILE --reason TEXT`"
            )
        self.journal.record_verified(Anchor(report.chain.last.seq, report.chain.last.hash))

    def _recover(self) -> tuple[Past, int]:
        """Fold the journal into the engine; return the past and the cursor behind its last bar."""
        with JournalReader.open(self.home.journal.journal) as reader:
            return self.feed.recover(self.engine, reader, hashes=self.hashes)

    def _connect(self, venue: VenueOptions) -> None:
        """Start the venue if need be, and put gateway, performer and session together."""
        config = self.loaded.config
        hub = alert_hub(self.home, run_id=self.run_id, clock=self.clock)
        self.stack.callback(hub.close)
        self.alerts = (*self.alerts, hub)
        latch_dir = self.home.paths.latch
        self.inbox = Inbox()
        self.latch = MemoryLatch(latch_dir)
        for record in self.engine.core.book.latches.values():
            self.latch.engage(record.level, record.latch_id)
        self.port = DaemonPort(latch=self.latch, latch_dir=latch_dir, inbox=self.inbox)
        start_venue(venue)
        self.market = MarketKeeper(
            MarketLink(venue.socket_path, self.feed.instruments, deadline_s=MARKET_DEADLINE_S),
            start=lambda: start_venue(venue),
            is_ending=lambda: self.port.is_ending,
            on_trouble=lambda text: self._degraded("paper venue", text),
        )
        self.stack.callback(self.market.close)
        gateway = Gateway(
            Broker(venue.socket_path, account=self.home.account),
            self.latch,
            gateway_settings(self.loaded, self.plan.settings.limits_hash),
            holds_lock=self._holds_lock,
        )
        answer_wait_s = 3 * float(config.gateway.read_deadline_s)
        desks = asked(self.desks or (), self.loaded, answer_wait_s=answer_wait_s)
        self.stack.callback(desks.close)
        workers = ThreadWorkers()
        self.stack.callback(workers.close)
        self.runner = Runner(self.engine, self.journal, self.clock)
        self.runner.snapshot_inputs = config.engine.snapshot_inputs
        self.keeper = LatchKeeper(self.latch, latch_dir)
        self.performer = Performer(
            runner=self.runner,
            gateway=gateway,
            inbox=self.inbox,
            workers=workers,
            latches=self.keeper,
            alerts=self.alerts,
            desks=desks,
        )
        self.session = self.feed.session(
            SessionSettings(
                timeframe_ns=self.feed.frame.nanoseconds,
                speed=self.options.speed,
                is_until_end=self.options.is_until_end,
                answer_wait_s=answer_wait_s,
                scans_max=self.options.scans_max,
                holds_while_halted=True,
            ),
            runner=self.runner,
            performer=self.performer,
            inbox=self.inbox,
            market=self.market,
            clock=self.clock,
        )

    def _start_control(self) -> None:
        desk = Desk(self.port)
        listener = EmergencyListener(self.home.paths.emergency_socket, desk)
        listener.start()
        self.stack.callback(listener.stop)
        if self.options.has_api:
            starter = ApiStarter(
                self.home.paths.api_socket,
                desk,
                on_failure=lambda text: self._degraded("control API", text),
                loopback=api_loopback(self.home, self.loaded),
            )
            starter.start()
            self.stack.callback(starter.stop)
        self.pulse = Pulse(
            session=self.session,
            journal=self.journal,
            port=self.port,
            board_file=self.home.board_file,
            watch=LatchWatch(self.session, self.keeper, self.inbox),
            clock=self.clock,
        )
        guard = ClockGuard(
            self.runner,
            self.clock,
            perform=self.performer.perform,
            reconcile=self.session.reconcile,
            behind_ns=lambda: self.journal.wall_behind_ns,
        )

        def tick() -> None:
            guard.look()
            self.pulse.beat()

        self.session.on_tick = tick

    def _degraded(self, component: str, text: str) -> None:
        """Journal that something works less well, and say so; from any thread."""
        self.inbox.put_command(ev.Degraded(component=component, detail=text), actor="runtime")
        for sink in self.alerts:
            sink.send(RaiseAlert(level="warning", text=f"{component}: {text}"))

    # --- running ----------------------------------------------------------------------------------

    def run(self) -> RunOutcome:
        """Recover, trade, end. Raises JournalError when the journal cannot be written any more."""
        began_s = time.monotonic()
        self._listen_to_signals()
        if self.on_session is not None:
            self.on_session(self.session)
        acted = [
            ev.ExternalActed(actor=entry.actor, what=entry.what, detail=entry.detail)
            for entry in self._spooled()
        ]
        found = self.keeper.unknown_files(self.engine.core.book)
        self.session.start(self._started(), [*acted, *found])
        if acted:
            with suppress(OSError):
                # Left in place it is taken in again, which changes nothing.
                spool.set_adopted(self.home.spool_file)
        self.pulse.refresh(time.monotonic())
        reason = self.session.run(self.cursor)
        self.pulse.refresh(time.monotonic(), is_last=True)
        return RunOutcome(
            reason=reason, seconds=time.monotonic() - began_s, scans=self.session.scans
        )

    @property
    def changed(self) -> tuple[str, ...]:
        """Return the components that differ from the last run's, in name order."""
        last = self.past.last_run
        return changed(last.hashes, self.hashes) if last is not None else ()

    def _started(self) -> ev.RunStarted:
        config = self.loaded.config
        for strategy in self.plan.strategies:
            self.journal.put_blob(strategy.source.encode(), kind="strategy_source")
        return ev.RunStarted(
            run_id=self.run_id,
            mode=config.mode,
            account=self.home.account,
            currency=config.account.currency,
            hashes=self.hashes,
            versions=versions(),
            config_blob=self.journal.put_blob(self.loaded.blob, kind="config"),
            plan_blob=self.journal.put_blob(self.plan.as_bytes(), kind="plan"),
            seed=config.feed.simulated.seed,
            head_seq=self.journal.seq,
            head_hash=self.journal.head_hash.hex(),
            operator_policy=config.operator.policy,
            changed=self.changed,
            pid=os.getpid(),
        )

    def _spooled(self) -> tuple[spool.SpoolEntry, ...]:
        """Return what a panic did while no engine ran. Raises JournalError."""
        try:
            return spool.read(self.home.spool_file)
        except OSError as error:
            raise JournalError(
                f"expected to read {self.home.spool_file}, where a panic wrote what it did, found "
                f"{error.strerror}: make it readable for this user"
            ) from error

    def _listen_to_signals(self) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            del frame
            # A second signal ends the process at once; the journal bears that.
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, signal.SIG_DFL)
            with suppress(ControlError):
                self.port.submit_command(
                    f"signal-{number}-{self.run_id}",
                    "stop",
                    actor="signal",
                    arguments={"reason": signal.Signals(number).name},
                )

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def close(self) -> None:
        """Release everything, in the reverse order of opening."""
        self.stack.close()
