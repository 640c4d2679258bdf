"""Headlines for tests, and a whole run in memory with desks that are really asked."""

from dataclasses import dataclass
from typing import Any

from hfl_core.brokers.inprocess import Broker
from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.ids import Symbol
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.gateway.gateway import Gateway, GatewaySettings
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.ports import OpinionSource
from hfl_core.runtime.clock import MachineClock
from hfl_core.runtime.conductor import SessionSettings
from hfl_core.runtime.desks import Desks
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import Runner
from hfl_core.runtime.session import Session
from hfl_core.runtime.workers import InlineWorkers
from hfl_core.venue.inprocess import InProcessVenue
from hfl_journal.memory import MemoryJournal
from hfl_models.desks.investor import Desk
from hfl_models.sources import DeskSources
from tests.engine.kit import HOUR, MONDAY, D, Puppet, instrument, run_started, settings

NOW = MONDAY
AAA = Symbol("AAA")
UNIT = instrument()


@dataclass(frozen=True)
class Line:
    time_ns: int
    text: str


def desk_of(*texts: str, age_hours: float = 1) -> Desk:
    """Return an investor's desk that reads these headlines, all equally old at NOW."""
    lines = [Line(NOW - int(age_hours * HOUR), text) for text in texts]
    return Desk(DeskSources(headlines=lambda symbol, until_ns: lines))


class World:
    """Engine, memory journal and paper venue over a few hourly bars; the wall's clock is real."""

    def __init__(
        self, wishes: str, *desks: OpinionSource, deadline_s: float = 5.0, **changes: Any
    ) -> None:
        names = tuple(desk.desk for desk in desks)
        self.settings = settings(
            instruments=(UNIT,), strategy=Puppet(), desks=changes.pop("names", names), **changes
        )
        self.instruments = (UNIT,)
        self.slots = [
            Slot(MONDAY + n * HOUR, (BarRow(0, 10_000, 10_020, 9_980, 10_000, wish, 0),), n)
            for n, wish in enumerate(({"L": 1.0, "F": 2.0, ".": 0.0}[one] for one in wishes), 1)
        ]
        clock = MachineClock()
        self.journal = MemoryJournal(run_id="r1", clock=clock, journal_id="test01")
        self.engine = Engine(self.settings, make)
        self.runner = Runner(self.engine, self.journal, clock)
        self.inbox = Inbox()
        self.desks = Desks(desks, deadline_s=deadline_s)
        latch = MemoryLatch(None)
        venue = InProcessVenue((UNIT,), cash=D(10_000))
        gateway = Gateway(
            Broker(venue),
            latch,
            GatewaySettings(
                intent_age_max_ns=HOUR,
                price_age_max_ns=HOUR,
                orders_per_minute_max=100,
                repeats_per_minute_max=100,
                deadline_s=3,
                limits_hash=self.settings.limits_hash,
            ),
            holds_lock=lambda: True,
        )
        performer = Performer(
            runner=self.runner,
            gateway=gateway,
            inbox=self.inbox,
            workers=InlineWorkers(),
            latches=LatchKeeper(latch, None),
            desks=self.desks,
        )
        self.session = Session(
            SessionSettings(timeframe_ns=HOUR),
            runner=self.runner,
            performer=performer,
            inbox=self.inbox,
            market=venue,
            feed=self,
            clock=clock,
        )

    def opened(self, cursor: int) -> ev.DatasetOpened:
        return ev.DatasetOpened(
            dataset_id="d",
            source="test",
            spec="{}",
            content_hash="00",
            rows=len(self.slots),
            symbols=("AAA",),
            first_ns=MONDAY,
            last_ns=self.slots[-1].time_ns,
            cursor=cursor,
        )

    def read(self, cursor: int):
        return iter(self.slots[cursor:])

    def run(self) -> str:
        try:
            self.session.start(run_started(), [])
            return self.session.run(0)
        finally:
            self.desks.close()

    def events(self, kind: type) -> list[Any]:
        return [row.event for row in self.journal.rows() if isinstance(row.event, kind)]
