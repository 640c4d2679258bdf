"""W1: one instrument, averages of 20 and 50 bars, long or flat, next-open fills, 0.1 % fee.

The bars are seeded synthetic minutes in three regimes; the engine that trades them is the whole
one: gate with every rule, chained journal in memory, gateway, venue. `plain_loop` is the same
arithmetic and nothing else, the yardstick of one run.
"""

import math
import random
from collections.abc import Iterator
from decimal import Decimal

from hfl.inprocess import Parts, in_process
from hfl.plan import rules
from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.limits import UNLIMITED, RiskLimits, limits_hash
from hfl_core.engine.machine import TableMachine
from hfl_core.engine.settings import EngineSettings, Watch
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.gateway.gateway import GatewaySettings
from hfl_core.ports import Journal
from hfl_core.runtime.backtest import Backtest
from hfl_core.runtime.clock import VirtualClock
from hfl_core.runtime.conductor import SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.strategies.sma_cross import Strategy
from hfl_core.venue.inprocess import InProcessVenue
from hfl_core.venue.model import COSTS_NONE, Costs, VenueSettings
from hfl_journal.memory import MemoryJournal

FAST, SLOW, FEE, CASH = 20, 50, Decimal("0.001"), 1_000_000
MINUTE_NS = 60_000_000_000
START_NS = 1_577_836_800_000_000_000
# So fine that two averages never tie: floats and whole ticks would break a tie differently.
TICK = Decimal("0.000001")
TICKS_PER_ONE = 1_000_000
VOLATILITY = (3e-4, 5e-4, 2e-4)
DRIFT = (4e-6, -4e-6, 0.0)
PULL, LEVEL, JUMP = 1e-6, math.log(100.0), 5e-5
REGIME_BARS = 2_000
INSTRUMENT = Instrument(
    symbol=Symbol("W1"),
    asset_class=AssetClass.STOCKS,
    tick=TICK,
    lot=Decimal(1),
    notional_min=Decimal(0),
    currency="USD",
)


def bars(count: int, seed: int = 7) -> list[Slot]:
    """Return seeded minutes whose regimes (bull, bear, chop) change every 2,000 bars or so."""
    rng = random.Random(seed)
    gauss = rng.gauss
    slots, at, regime, left = [], LEVEL, 2, 0
    for number in range(1, count + 1):
        if left <= 0:
            left = int(rng.expovariate(1 / REGIME_BARS)) + 50
            regime = (regime + rng.randrange(1, 3)) % 3
        left -= 1
        opened = at + gauss(0, JUMP)
        first = opened + gauss(0, VOLATILITY[regime] / 2)
        second = first + gauss(0, VOLATILITY[regime] / 2)
        at = second + DRIFT[regime] - PULL * (at - LEVEL)
        path = (opened, first, second, at)
        open_ticks, high, low, close = (
            int(math.exp(x) * TICKS_PER_ONE) for x in (opened, max(path), min(path), at)
        )
        row = BarRow(0, open_ticks, high, low, close, 1e6, 0)
        slots.append(Slot(START_NS + number * MINUTE_NS, (row,), number))
    return slots


def plain_loop(opens: list[float], closes: list[float]) -> tuple[float, int]:
    """Trade W1 with arithmetic alone; return equity and fills."""
    fee, cash = float(FEE), float(CASH)
    fast_sum = slow_sum = 0.0
    position = fills = 0
    want = False
    for number, close in enumerate(closes):
        if want != (position == 1):
            if want:
                cash -= opens[number] * (1 + fee)
                position = 1
            else:
                cash += opens[number] * (1 - fee)
                position = 0
            fills += 1
        fast_sum += close - (closes[number - FAST] if number >= FAST else 0.0)
        slow_sum += close - (closes[number - SLOW] if number >= SLOW else 0.0)
        if number >= SLOW - 1:
            want = fast_sum / FAST > slow_sum / SLOW
    return cash + position * closes[-1], fills


class Feed:
    """The bars as a feed that is read from memory."""

    instruments = (INSTRUMENT,)

    def __init__(self, slots: list[Slot]) -> None:
        self._slots = slots

    def opened(self, cursor: int) -> ev.DatasetOpened:
        """Describe the data set."""
        return ev.DatasetOpened(
            dataset_id="w1",
            source="benchmark",
            spec="{}",
            content_hash="",
            rows=len(self._slots),
            symbols=(INSTRUMENT.symbol,),
            first_ns=self._slots[0].time_ns,
            last_ns=self._slots[-1].time_ns,
            cursor=cursor,
        )

    def read(self, cursor: int) -> Iterator[Slot]:
        """Yield the slots behind the cursor."""
        return iter(self._slots[cursor:])


def limits() -> RiskLimits:
    """Return the widest limits there are: every rule runs and none refuses."""
    one = Decimal(1)
    return RiskLimits(
        profile=UNLIMITED,
        risk_per_trade_fraction=one,
        risk_per_trade_fraction_max=one,
        open_risk_fraction_max=one,
        drawdown_fraction_max=one,
        daily_loss_fraction_max=one,
        weekly_loss_fraction_max=one,
        monthly_loss_fraction_max=one,
        position_fraction_max=one,
        gross_exposure_fraction_max=one,
        positions_max=5,
        atr_stop_multiple=Decimal(2),
        order_notional_max_fraction=one,
        price_collar_fraction=one,
        period_zone="UTC",
    )


def settings(*, fast: int = FAST, slow: int = SLOW) -> EngineSettings:
    """Return what the engine of W1 is built with."""
    bounds = limits()
    watch = Watch(
        instrument=INSTRUMENT,
        strategy=Strategy(fast=fast, slow=slow),
        strategy_name="sma_cross",
    )
    return EngineSettings(
        mode="backtest",
        journal_id="bench1",
        watches=(watch,),
        limits=bounds,
        limits_hash=limits_hash(bounds),
        rules=rules(),
        fixed_lots=1,
        reconcile_scans=0,
    )


def build(
    slots: list[Slot], engine_settings: EngineSettings, journal: Journal | None = None
) -> Backtest:
    """Wire one backtest over the bars, its journal in memory unless another is given.

    `trade` runs it.
    """
    costs = {**COSTS_NONE, AssetClass.STOCKS: Costs(commission=FEE)}
    venue = InProcessVenue(
        (INSTRUMENT,),
        cash=Decimal(CASH),
        settings=VenueSettings(costs=costs, participation=Decimal(1)),
    )
    clock = VirtualClock()
    rows = journal or MemoryJournal(run_id="bench", clock=clock, journal_id="bench1")
    parts = Parts(
        engine=Engine(engine_settings, make),
        journal=rows,
        clock=clock,
        venue=venue,
        feed=Feed(slots),
        gateway=GatewaySettings(
            intent_age_max_ns=MINUTE_NS,
            price_age_max_ns=MINUTE_NS,
            orders_per_minute_max=1_000,
            repeats_per_minute_max=1_000,
            deadline_s=3,
            limits_hash=engine_settings.limits_hash,
        ),
        session=SessionSettings(timeframe_ns=MINUTE_NS),
        inbox=Inbox(),
        machine=TableMachine,
    )
    return in_process(parts, Backtest)


def trade(backtest: Backtest) -> None:
    """Run a backtest from its first row to its last."""
    started = ev.RunStarted(
        run_id="bench",
        mode="backtest",
        account="bench",
        currency="USD",
        hashes=(),
        versions=(),
        config_blob="",
        seed=7,
        head_seq=0,
        head_hash="",
        operator_policy="none",
        changed=(),
        pid=1,
    )
    backtest.start(started, [])
    backtest.run(0)
