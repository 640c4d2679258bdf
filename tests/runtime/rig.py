"""A whole run in memory: engine, runner, journal, paper venue; what happens is put on a record."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarRow, Slot
from hfl_core.engine.settings import EngineSettings
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.ports import JournalRow
from hfl_core.runtime.clock import VirtualClock
from hfl_core.runtime.recovery import SlotReader
from hfl_core.runtime.runner import Runner
from hfl_journal.memory import MemoryJournal
from tests.engine.kit import (
    HOUR,
    MONDAY,
    RULES,
    D,
    Puppet,
    filled,
    instrument,
    limits,
    report,
    run_started,
    settings,
)

UNIT = instrument()


def engine_settings(**changes: Any) -> EngineSettings:
    bounds = changes.pop("bounds", limits())
    return settings(
        instruments=(UNIT,),
        strategy=Puppet(stop_distance=2.0, warm_up=3, lookback=2),
        bounds=bounds,
        rules=RULES,
        operator_policy="next-period",
        **changes,
    )


def slots_of(seed: int, count: int) -> list[Slot]:
    """Return a seeded random walk whose volumes steer the puppet."""
    chance = random.Random(seed)
    price, found = 10_000, []
    for number in range(1, count + 1):
        price = max(5_000, price + chance.randrange(-150, 151))
        wish = chance.choice((0.0, 0.0, 0.0, 1.0, 2.0, 3.0))
        bar = BarRow(0, price, price + 20, price - 20, price, wish, 0)
        found.append(Slot(MONDAY + number * HOUR, (bar,), number))
    return found


def opened(cursor: int = 0) -> ev.DatasetOpened:
    return ev.DatasetOpened(
        dataset_id="d",
        source="test",
        spec="{}",
        content_hash="00",
        rows=10_000,
        symbols=("AAA",),
        first_ns=MONDAY,
        last_ns=MONDAY + 10_000 * HOUR,
        cursor=cursor,
    )


@dataclass
class Recorder:
    """Wraps the journal: what is appended, committed and performed, in the order it happens."""

    journal: MemoryJournal
    record: list[str]

    @property
    def seq(self) -> int:
        return self.journal.seq

    @property
    def head_hash(self) -> bytes:
        return self.journal.head_hash

    @property
    def pending(self) -> int:
        return self.journal.pending

    def append(self, event: ev.Event, *, time_ns: int, cause_seq: int, actor: str) -> int:
        self.record.append(f"append {type(event).__name__}")
        return self.journal.append(event, time_ns=time_ns, cause_seq=cause_seq, actor=actor)

    def append_step(
        self, event: ev.Event, outcomes: Sequence[ev.Event], *, time_ns: int, actor: str
    ) -> int:
        self.record.extend(f"append {type(each).__name__}" for each in (event, *outcomes))
        return self.journal.append_step(event, outcomes, time_ns=time_ns, actor=actor)

    def put_blob(self, data: bytes, *, kind: str) -> str:
        return self.journal.put_blob(data, kind=kind)

    def commit(self) -> None:
        self.record.append("commit")
        self.journal.commit()


class Rig:
    """Runner over a recording journal; effects are recorded and, for orders, answered at once."""

    def __init__(self, *, seed: int = 1, count: int = 200, **changes: Any) -> None:
        self.clock = VirtualClock()
        self.journal = MemoryJournal(
            run_id="r1", clock=self.clock, mode="backtest", journal_id="test01"
        )
        self.record: list[str] = []
        self.settings = engine_settings(**changes)
        self.engine = Engine(self.settings, make)
        self.runner = Runner(self.engine, Recorder(self.journal, self.record), self.clock)
        self.runner.perform = self.perform
        self.slots = slots_of(seed, count)
        self.chance = random.Random(seed)
        self.fills = 0
        self.effects: list[Any] = []

    @property
    def rows(self) -> tuple[JournalRow, ...]:
        return self.journal.rows()

    def perform(self, effect: Any) -> None:
        self.record.append(f"perform {type(effect).__name__}")
        self.effects.append(effect)

    def say(self, event: ev.Event, *, must_commit: bool = False) -> None:
        time_ns = self.engine.core.time_ns
        self.runner.submit(event, time_ns=time_ns, actor="test", must_commit=must_commit)

    def start(self) -> "Rig":
        self.runner.submit(run_started(), time_ns=MONDAY, actor="runtime", must_commit=True)
        self.say(report(cash=D(10_000)))
        self.say(opened())
        return self

    def run(self) -> "Rig":
        """Scan every slot; orders are accepted, and filled at the close, some in two parts."""
        self.start()
        for slot in self.slots:
            self.runner.scan(slot)
            self.answer(Decimal(slot.bars[0].close) / 100)
        self.runner.flush()
        return self

    def answer(self, price: Decimal) -> None:
        for _ in range(4):
            for order in list(self.engine.core.book.live.values()):
                if order.status.value == "intended":
                    self.say(ev.SendAttempted(client_id=order.client_id, run_id="r1"))
                    self.say(ev.OrderAccepted(client_id=order.client_id, venue_id="v"))
                elif order.status.value == "cancelling":
                    answer = ev.CancelAnswered(
                        client_id=order.client_id, answer="cancelled", text=""
                    )
                    self.say(answer)
                elif order.purpose.value != "protection":
                    self.fill(order, price)

    def fill(self, order: Any, price: Decimal) -> None:
        self.fills += 1
        whole = order.remaining
        part = whole if whole == 1 or self.chance.random() < 0.7 else Decimal(int(whole / 2) or 1)
        self.say(
            filled(order, part, str(price), fee="0.5", fill_id=f"f{self.fills}", cursor=self.fills)
        )

    def reader_of(self, event: ev.DatasetOpened) -> SlotReader:
        def read(start: int, stop: int) -> Iterator[Slot]:
            return iter(self.slots[start:stop])

        return read
