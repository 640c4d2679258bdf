"""One run with everything in this process: engine, journal, gateway and the paper venue's matching.

Backtests, `hfl whatif`, the benchmarks and the tests are put together here; the daemon, whose venue
is an outside party, is not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hfl_core.brokers.inprocess import Broker
from hfl_core.engine.machine import LiveMachine, Machine
from hfl_core.engine.step import Engine
from hfl_core.gateway.gateway import Gateway, GatewaySettings
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.ports import Clock, Feed, Journal, OpinionSource
from hfl_core.runtime.conductor import SessionSettings
from hfl_core.runtime.desks import Desks
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import SNAPSHOT_INPUTS, Runner
from hfl_core.runtime.session import Session
from hfl_core.runtime.workers import InlineWorkers
from hfl_core.venue.inprocess import InProcessVenue

S = TypeVar("S", bound=Session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What differs from run to run.

    machine: what executes the state table; snapshot_inputs: inputs between two snapshots.
    """

    engine: Engine
    journal: Journal
    clock: Clock
    venue: InProcessVenue
    feed: Feed
    gateway: GatewaySettings
    session: SessionSettings
    inbox: Inbox
    machine: Callable[[str, Callable[[], None]], Machine] = LiveMachine
    desks: Sequence[OpinionSource] | Desks = ()
    snapshot_inputs: int = SNAPSHOT_INPUTS


def in_process(parts: Parts, kind: type[S]) -> S:
    """Put a run together; kind: Session, or Backtest for one that asks nobody while all is calm."""
    latch = MemoryLatch(None)
    runner = Runner(parts.engine, parts.journal, parts.clock, machine=parts.machine)
    runner.snapshot_inputs = parts.snapshot_inputs
    performer = Performer(
        runner=runner,
        gateway=Gateway(Broker(parts.venue), latch, parts.gateway, holds_lock=lambda: True),
        inbox=parts.inbox,
        workers=InlineWorkers(),
        latches=LatchKeeper(latch, None),
        desks=parts.desks,
    )
    return kind(
        parts.session,
        runner=runner,
        performer=performer,
        inbox=parts.inbox,
        market=parts.venue,
        feed=parts.feed,
        clock=parts.clock,
    )
