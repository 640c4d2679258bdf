"""The backtest cases on the engine: its step, its gateway, its venue; the rest is bookkeeping."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.w1 import limits
from hfl.inprocess import Parts, in_process
from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.instruments import timeframe as timeframe_of
from hfl_core.domain.limits import limits_hash
from hfl_core.domain.orders import Fill
from hfl_core.engine.machine import TableMachine
from hfl_core.engine.settings import EngineSettings, Watch
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.gateway.gateway import GatewaySettings
from hfl_core.runtime.backtest import Backtest
from hfl_core.runtime.clock import VirtualClock
from hfl_core.runtime.conductor import SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.strategies.base import Strategy
from hfl_core.venue.inprocess import InProcessVenue
from hfl_core.venue.model import COSTS_NONE, Costs, VenueSettings
from hfl_journal.memory import MemoryJournal
from tests.support.parts import run_started
from tests.truth.compare import instant
from tests.truth.figures import figures
from tests.truth.files import PRICES, Columns, read
from tests.truth.notbuilt import NotBuiltError
from tests.truth.strategies import Bracket, LongOnlyCross, Reversion, TurnOver

# So fine that rounding a price to it is far below the tolerance of a case.
TICK: Final = Decimal("0.0000000001")
TICKS_PER_ONE: Final = 10_000_000_000
# More than any account here can pay for: the venue clips it at the fill.
EVERYTHING: Final = 10**9
ENDLESS: Final = 1e18
MINUTE_NS: Final = 60_000_000_000
# How long the open of a bar is, where it is told as a bar of its own.
OPEN_NS: Final = 1_000_000_000


class Feed:
    """Slots in memory."""

    def __init__(self, slots: list[Slot], instrument: Instrument) -> None:
        self._slots = slots
        self.instruments = (instrument,)

    def opened(self, cursor: int) -> ev.DatasetOpened:
        """Describe the data set."""
        return ev.DatasetOpened(
            dataset_id="truth",
            source="truth",
            spec="{}",
            content_hash="",
            rows=len(self._slots),
            symbols=(self.instruments[0].symbol,),
            first_ns=self._slots[0].time_ns,
            last_ns=self._slots[-1].time_ns,
            cursor=cursor,
        )

    def read(self, cursor: int) -> Iterator[Slot]:
        """Yield the slots behind the cursor."""
        return iter(self._slots[cursor:])


def backtest(
    inputs: Mapping[str, Any], _expected: Any, _tolerance: Mapping[str, Any], root: Path
) -> dict[str, object]:
    """Return every figure that the case may ask for."""
    name = inputs["strategy"]
    table = cleaned(root / inputs["file"], inputs)
    step_ns = step_of(Path(inputs["file"]))
    # A bar ends a second early: so what happened in it is not taken for the next one's open.
    length_ns = step_ns - OPEN_NS
    turns_over = name == "sma_cross_long_short_10_30"
    ends_ns = int(table.ts[-2]) + (step_ns if turns_over else length_ns)
    strategy, slowest = strategy_of(name, step_ns=step_ns, ends_ns=ends_ns)
    fills = traded(
        slots_with_opens(table, step_ns) if turns_over else slots_of(table, length_ns),
        strategy,
        cash=Decimal(str(inputs["cash"])),
        commission=Decimal(str(inputs["commission_rate_per_side"])),
        step_ns=OPEN_NS if turns_over else length_ns,
    )
    return figures(table, fills, start=float(inputs["cash"]), slowest=slowest)


def strategy_of(name: str, *, step_ns: int, ends_ns: int) -> tuple[Strategy, int]:
    """Return a strategy, and the length of its slowest average."""
    if name == "sma_cross_long_short_10_30":
        return TurnOver(step_ns=step_ns, ends_ns=ends_ns), 30
    if name == "sma_cross_long_only_50_200":
        return LongOnlyCross(ends_ns=ends_ns), 200
    if name == "rsi14_mean_reversion":
        return Reversion(ends_ns=ends_ns), 14
    if name == "bracket_3_6":
        return Bracket(ends_ns=ends_ns), 20
    raise NotBuiltError(f"no strategy of the name {name}")


def step_of(path: Path) -> int:
    """Return the length of a file's bars by its name."""
    return timeframe_of(path.stem.rpartition("_")[2]).nanoseconds


def cleaned(path: Path, inputs: Mapping[str, Any]) -> Columns:
    """Return the usable rows in time, highs and lows enclosing open and close."""
    table = read(path)
    prices = np.stack([table[name] for name in PRICES])
    table = table.rows(np.flatnonzero((prices > 0.0).all(axis=0)))
    _, first = np.unique(table.ts, return_index=True)
    table = table.rows(first).rows(slice(-int(inputs["last_rows"]), None))
    table["high"] = np.max([table[name] for name in PRICES], axis=0)
    table["low"] = np.min([table[name] for name in PRICES], axis=0)
    if int(instant(inputs["first_ts"]).timestamp() * 1e9) != table.ts[0]:
        raise ValueError(f"expected the first row at {inputs['first_ts']}, found another")
    return table


def slots_of(table: Columns, step_ns: int) -> list[Slot]:
    """Return one slot a bar, known at its close."""
    ticks = [np.rint(table[name] * TICKS_PER_ONE).astype(np.int64).tolist() for name in PRICES]
    rows = zip((table.ts + step_ns).tolist(), *ticks, strict=True)
    return [
        Slot(time_ns, (BarRow(0, open_, high, low, close, ENDLESS, 0),), number)
        for number, (time_ns, open_, high, low, close) in enumerate(rows, start=1)
    ]


def slots_with_opens(table: Columns, step_ns: int) -> list[Slot]:
    """Return two slots a bar: its open alone as a second of its own, then the bar."""
    found: list[Slot] = []
    for slot in slots_of(table, step_ns):
        bar = slot.bars[0]
        opened = BarRow(0, bar.open, bar.open, bar.open, bar.open, ENDLESS, 0)
        found.append(Slot(slot.time_ns - step_ns + OPEN_NS, (opened,), len(found) + 1))
        found.append(Slot(slot.time_ns, (bar,), len(found) + 1))
    return found


def traded(
    slots: list[Slot], strategy: Strategy, *, cash: Decimal, commission: Decimal, step_ns: int
) -> list[Fill]:
    """Run a strategy with everything it has; return the executions, oldest first."""
    events = journaled(slots, strategy, cash=cash, commission=commission, step_ns=step_ns)
    return [event.fill for event in events if isinstance(event, ev.Filled)]


def journaled(
    slots: list[Slot], strategy: Strategy, *, cash: Decimal, commission: Decimal, step_ns: int
) -> list[object]:
    """Run a strategy with everything it has; return the journal's events, oldest first."""
    instrument = Instrument(
        symbol=Symbol("TRUTH"),
        asset_class=AssetClass.STOCKS,
        tick=TICK,
        lot=Decimal(1),
        notional_min=Decimal(0),
        currency="USD",
        may_short=True,
    )
    bounds = limits()
    settings = EngineSettings(
        mode="backtest",
        journal_id="truth",
        watches=(Watch(instrument=instrument, strategy=strategy, strategy_name="truth"),),
        limits=bounds,
        limits_hash=limits_hash(bounds),
        rules=(),
        fixed_lots=EVERYTHING,
        reconcile_scans=0,
    )
    costs = {**COSTS_NONE, AssetClass.STOCKS: Costs(commission=commission)}
    clock = VirtualClock()
    journal = MemoryJournal(run_id="truth", clock=clock, journal_id="truth")
    gateway = GatewaySettings(
        intent_age_max_ns=MINUTE_NS,
        price_age_max_ns=MINUTE_NS,
        orders_per_minute_max=250,
        repeats_per_minute_max=250,
        deadline_s=3,
        limits_hash=settings.limits_hash,
    )
    venue = InProcessVenue(
        (instrument,),
        cash=cash,
        settings=VenueSettings(costs=costs, participation=Decimal(1), clips_entries=True),
    )
    parts = Parts(
        engine=Engine(settings, make),
        journal=journal,
        clock=clock,
        venue=venue,
        feed=Feed(slots, instrument),
        gateway=gateway,
        session=SessionSettings(timeframe_ns=step_ns),
        inbox=Inbox(),
        machine=TableMachine,
    )
    run = in_process(parts, Backtest)
    run.start(run_started(journal, settings), [])
    run.run(0)
    return [row.event for row in journal.rows()]
