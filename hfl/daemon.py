"""The daemon: one process, one lock, one journal. It recovers, reconciles, trades the feed and ends in order."""

import os
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Final

from hfl_config.create import create_home
from hfl_config.load import LoadedConfig
from hfl_core.brokers.paper import Broker
from hfl_core.control import lock as daemon_lock
from hfl_core.control import spool
from hfl_core.control.desk import Desk
from hfl_core.control.emergency import EmergencyListener
from hfl_core.domain import events as ev
from hfl_core.domain.errors import ControlError, JournalError
from hfl_core.domain.instruments import AssetClass
from hfl_core.gateway.gateway import Gateway, GatewaySettings
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.engine.settings import SECOND_NS
from hfl_core.ports import AlertSink, OpinionSource
from hfl_core.runtime.clock import MachineClock
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import Runner
from hfl_core.runtime.session import Session, SessionSettings
from hfl_core.runtime.workers import ThreadWorkers
from hfl_core.venue.link import MarketLink, VenueOptions, start_venue
from hfl_core.venue.model import Costs, VenueSettings
from hfl_journal.reader import JournalReader
from hfl_journal.rows import Anchor
from hfl_journal.verify import verify_journal
from hfl_journal.keys import load_key
from hfl_journal.writer import JournalWriter

from hfl.build import feed_of, plan
from hfl.hashes import changed, component_hashes, versions
from hfl.home import Home
from hfl.plan import Plan
from hfl.port import DaemonPort
from hfl.pulse import Pulse
from hfl.shelf import FeedShelf
from hfl.resume import Past, check_same_past, fold_back, look_back

VENUE_IDLE_S: Final = 30.0
STOP_REASON: Final = "signal"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line adds to the configuration. speed: engine seconds a wall second, 0 for as fast as possible."""

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
        self.on_session: Callable[[Session], None] | None = None
        self.alerts: tuple[AlertSink, ...] = ()
        self.desks: tuple[OpinionSource, ...] = ()

    # --- opening ----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Take the lock, open and verify the journal, fold it, and start venue and control.

        Raises HflError with one sentence; what was opened is released by `close`.
        """
        create_home(self.home.paths)
        self._take_lock()
        self.journal = self.stack.enter_context(
            JournalWriter.open(self.home.journal, clock=self.clock, run_id=self.run_id)
        )
        self._verify()
        self.feed = feed_of(self.loaded, base=self.options.base)
        self.plan = plan(
            self.loaded,
            self.feed.instruments,
            journal_id=self.journal.journal_id,
            search=self.home.strategy_folders,
        )
        self.hashes = component_hashes(self.plan.strategies, config_hash=self.loaded.sha256)
        self.engine = self.plan.engine()
        self.past, self.cursor = self._recover()
        self._connect()
        self._start_control()

    def _take_lock(self) -> None:
        held = daemon_lock.acquire(self.home.lock_file, run_id=self.run_id, wait_s=0.2)
        if held is None:
            holder = daemon_lock.holder(self.home.lock_file)
            who = f"process {holder.pid}" if holder is not None else "another process"
            raise JournalError(
                f"expected to be the only daemon of {self.home.mode}-{self.home.account}, found {who} running: "
                "use `hfl status`, or stop it with `hfl kill`"
            )
        self.stack.callback(held.release)

    def _holds_lock(self) -> bool:
        """Tell whether the lock file still names this process: somebody may have removed it."""
        holder = daemon_lock.holder(self.home.lock_file)
        return holder is not None and holder.pid == os.getpid()

    def _verify(self) -> None:
        """Refuse a journal that does not match its head, and verify the chain since the last time."""
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
                f"expected a chain that holds, found {finding.code} at row {finding.seq}: {finding.text}; "
                "restore a backup with `hfl journal restore FILE --reason TEXT`"
            )
        self.journal.record_verified(Anchor(report.chain.last.seq, report.chain.last.hash))

    def _recover(self) -> tuple[Past, int]:
        """Fold the journal into the engine; return the past and the cursor behind its last bar."""
        opened = self.feed.opened(0)
        shelf = FeedShelf(self.plan.instruments)
        with JournalReader.open(self.home.journal.journal) as reader:
            past = look_back(reader)
            last = past.last_dataset
            is_same = last is not None and last.dataset_id == opened.dataset_id
            fold_back(
                self.engine,
                reader,
                past,
                dataset_id=opened.dataset_id,
                hashes=self.hashes,
                reader_of=shelf.reader,
            )
        book = self.engine.core.book
        if last is None:
            return past, 0
        if is_same:
            self.feed.check_continues(last, book.cursor)
            return past, book.cursor
        held = [*book.positions, *(order.symbol for order in book.live.values())]
        check_same_past(self.engine.core.time_ns, opened, held)
        return past, 0

    def _connect(self) -> None:
        """Start the venue if need be, and put gateway, performer and session together."""
        config = self.loaded.config
        account = self.home.account
        socket_path = Path(self.home.paths.venue_socket(account))
        start_venue(
            VenueOptions(
                directory=Path(self.home.paths.venue_dir(account)),
                socket_path=socket_path,
                account=account,
                currency=config.account.currency,
                cash=Decimal(config.account.cash_start),
                settings=venue_settings(self.loaded),
                faults=config.venue.faults,
                seed=config.venue.faults_seed,
                idle_s=VENUE_IDLE_S,
            )
        )
        self.market = MarketLink(socket_path, self.feed.instruments)
        self.stack.callback(self.market.close)
        self.inbox = Inbox()
        self.latch = MemoryLatch(self.home.paths.latch)
        for record in self.engine.core.book.latches.values():
            self.latch.engage(record.level, record.latch_id)
        gateway = Gateway(
            Broker(socket_path, account=account),
            self.latch,
            gateway_settings(self.loaded, self.plan),
            holds_lock=self._holds_lock,
        )
        workers = ThreadWorkers()
        self.stack.callback(workers.close)
        self.runner = Runner(self.engine, self.journal, self.clock)
        self.runner.snapshot_inputs = config.engine.snapshot_inputs
        self.keeper = LatchKeeper(self.latch, self.home.paths.latch)
        self.performer = Performer(
            runner=self.runner,
            gateway=gateway,
            inbox=self.inbox,
            workers=workers,
            latches=self.keeper,
            alerts=self.alerts,
            desks=self.desks,
        )
        self.session = Session(
            SessionSettings(
                timeframe_ns=self.feed.frame.nanoseconds,
                speed=self.options.speed,
                is_until_end=self.options.is_until_end,
                answer_wait_s=3 * float(config.gateway.read_deadline_s),
                scans_max=self.options.scans_max,
            ),
            runner=self.runner,
            performer=self.performer,
            inbox=self.inbox,
            market=self.market,
            feed=self.feed,
            clock=self.clock,
        )

    def _start_control(self) -> None:
        self.port = DaemonPort(latch=self.latch, latch_dir=self.home.paths.latch, inbox=self.inbox)
        desk = Desk(self.port)
        listener = EmergencyListener(self.home.paths.emergency_socket, desk)
        listener.start()
        self.stack.callback(listener.stop)
        if self.options.has_api:
            from hfl_core.control.api import ApiServer

            server = ApiServer(self.home.paths.api_socket, desk)
            server.start()
            self.stack.callback(server.stop)
        self.pulse = Pulse(
            session=self.session,
            journal=self.journal,
            port=self.port,
            board_file=self.home.board_file,
        )
        self.session.on_tick = self.pulse.beat

    # --- running ----------------------------------------------------------------------------------------------------

    def run(self) -> RunOutcome:
        """Recover, trade, end. Raises JournalError when the journal cannot be written any more."""
        began_s = time.monotonic()
        self._listen_to_signals()
        if self.on_session is not None:
            self.on_session(self.session)
        self.session.start(self._started(), self.keeper.unknown_files(self.engine.core.book))
        self._adopt_spool()
        self.pulse.refresh(time.monotonic())
        reason = self.session.run(self.cursor)
        self.pulse.refresh(time.monotonic(), is_last=True)
        return RunOutcome(
            reason=reason, seconds=time.monotonic() - began_s, scans=self.session.scans
        )

    def _started(self) -> ev.RunStarted:
        config = self.loaded.config
        last = self.past.last_run
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
            changed=changed(last.hashes, self.hashes) if last is not None else (),
            pid=os.getpid(),
        )

    def _adopt_spool(self) -> None:
        """Journal what a panic did while no engine ran."""
        entries = spool.read(self.home.spool_file)
        for entry in entries:
            self.runner.submit(
                ev.ExternalActed(actor=entry.actor, what=entry.what, detail=entry.detail),
                time_ns=self.engine.core.time_ns,
                actor="panic",
                must_commit=True,
            )
        if entries:
            spool.set_adopted(self.home.spool_file)

    def _listen_to_signals(self) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            del frame
            with suppress(ControlError):
                self.port.submit_command(
                    f"signal-{number}-{time.time_ns()}",
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


def venue_settings(loaded: LoadedConfig) -> VenueSettings:
    """Return the paper venue's costs and depth from the configuration."""
    section = loaded.config.venue
    costs = {}
    for asset_class in AssetClass:
        own = getattr(section.costs, asset_class.value)
        costs[asset_class] = Costs(
            commission=own.fee_fraction, spread=own.spread_fraction, slippage=own.slippage_fraction
        )
    return VenueSettings(costs=costs, participation=section.participation_fraction)


def gateway_settings(loaded: LoadedConfig, built: Plan) -> GatewaySettings:
    """Return the gateway's last checks from the configuration."""
    section = loaded.config.gateway
    return GatewaySettings(
        intent_age_max_ns=int(section.intent_age_max_s * SECOND_NS),
        price_age_max_ns=int(section.price_age_max_s * SECOND_NS),
        orders_per_minute_max=section.orders_per_minute_max,
        repeats_per_minute_max=max(1, min(5, section.orders_per_minute_max)),
        deadline_s=float(section.read_deadline_s),
        limits_hash=built.settings.limits_hash,
    )
