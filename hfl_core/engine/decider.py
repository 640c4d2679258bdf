"""The decider: features, marks, equity and period anchors, fed only by accepted inputs.

Used by engine, replay and `why`.

Knows nothing of orders or decisions. It owns its state and changes it in place; in the loop there
is no object per bar but the view that a strategy reads. Prices are integer ticks, money integer
units (`money.MONEY_UNIT`).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.events import ScansCoalesced
from hfl_core.domain.instruments import Instrument
from hfl_core.domain.money import money_from_units, money_units, money_units_nearest
from hfl_core.engine.book import Book
from hfl_core.engine.periods import PERIODS, Boundaries
from hfl_core.engine.saved import State, part
from hfl_core.engine.watching import MarketWatch
from hfl_core.features.base import CLOSE, HLC, HLCV, Feature, FeatureSpec
from hfl_core.risk.regimes import Regime
from hfl_core.strategies.base import Fits, Glance, Strategy, Target, View

FeatureMaker = Callable[[FeatureSpec], Feature]
_PUSH: Final = "push"
_new_view: Final = tuple.__new__


@dataclass(slots=True, kw_only=True)
class Lane:
    """Everything the decider keeps of one instrument."""

    index: int
    instrument: Instrument
    symbol: str
    strategy: Strategy
    strategy_name: str
    specs: tuple[FeatureSpec, ...]
    labels: tuple[str, ...]
    features: list[Feature]
    slots: list[tuple[Feature, str]]
    read: Callable[[], tuple[float, ...]]
    glance: Glance | None
    fits: Fits | None
    target: Target | None
    push_close: tuple[Callable[[float], None], ...]
    push_hlc: tuple[Callable[[float, float, float], None], ...]
    push_hlcv: tuple[Callable[[float, float, float, float], None], ...]
    tick: float
    value_units: int
    closes: deque[float]
    needs_more: bool
    is_ready: bool = False
    # The market's own, which changes in place; None where no markets are kept.
    market_regime: Regime | None = None
    bar: BarRow | None = None
    bar_ns: int = 0
    bars: int = 0
    mark: int = 0
    lots: int = 0
    entry_price: float = 0.0
    opened_bar: int = 0

    @property
    def regime(self) -> str:
        """Return the market's regime, empty while it is not known."""
        return self.market_regime.name if self.market_regime is not None else ""

    def view(self, time_ns: int) -> View:
        """Return what the strategy may see: this bar and nothing later."""
        bar = self.bar
        assert bar is not None
        _, open_, high, low, close, volume, _ = bar
        tick = self.tick
        lots = self.lots
        # Once a bar: what the named tuple's own constructor does, without its call.
        return _new_view(
            View,
            (
                self.symbol,
                time_ns,
                open_ * tick,
                high * tick,
                low * tick,
                close * tick,
                volume,
                self.read(),
                0 if not lots else 1 if lots > 0 else -1,
                self.bars - self.opened_bar if lots else 0,
                self.entry_price,
                tuple(self.closes) if self.closes else (),
                self.market_regime.name if self.market_regime is not None else "",
            ),
        )


def make_lane(
    index: int, instrument: Instrument, strategy: Strategy, *, name: str, make: FeatureMaker
) -> Lane:
    """Build a lane: each distinct declared feature once, pushed in the order declared."""
    specs = strategy.features()
    built: dict[tuple[str, tuple[float, ...]], Feature] = {}
    for spec in specs:
        key = (spec.name, spec.parameters)
        if key not in built:
            built[key] = make(spec)
    features = list(built.values())
    closes: deque[float] = deque(maxlen=strategy.lookback)
    push_hlc, push_hlcv = _pushes(features, HLC), _pushes(features, HLCV)
    slots = [(built[spec.name, spec.parameters], spec.output) for spec in specs]
    return Lane(
        index=index,
        instrument=instrument,
        symbol=instrument.symbol,
        strategy=strategy,
        strategy_name=name,
        specs=specs,
        labels=tuple(spec.label for spec in specs),
        features=features,
        slots=slots,
        read=_reader(slots),
        glance=getattr(strategy, "glance", None),
        fits=getattr(strategy, "fits", None),
        target=getattr(strategy, "target", None),
        push_close=_pushes(features, CLOSE),
        push_hlc=push_hlc,
        push_hlcv=push_hlcv,
        tick=float(instrument.tick),
        value_units=instrument.value_units,
        closes=closes,
        needs_more=bool(push_hlc or push_hlcv or closes.maxlen),
        is_ready=not features,
    )


def _reader(slots: list[tuple[Feature, str]]) -> Callable[[], tuple[float, ...]]:
    """Return what reads the declared values: once a bar, so the usual shapes are spelt out."""
    if all(output == "value" for _, output in slots):
        features: list[Any] = [feature for feature, _ in slots]
        if len(features) == 1:
            (only,) = features
            return lambda: (only.value,)
        if len(features) == 2:
            first, second = features
            return lambda: (first.value, second.value)
    return lambda: tuple([getattr(feature, output) for feature, output in slots])


def _pushes(features: list[Feature], inputs: str) -> tuple[Callable[..., None], ...]:
    return tuple(getattr(feature, _PUSH) for feature in features if inputs == feature.INPUTS)


def _push_more(lane: Lane, bar: BarRow, close: float) -> None:
    """Feed what needs more of a bar than its close."""
    tick = lane.tick
    top, bottom = bar[2] * tick, bar[3] * tick
    for push_hlc in lane.push_hlc:
        push_hlc(top, bottom, close)
    for push_hlcv in lane.push_hlcv:
        push_hlcv(top, bottom, close, bar[5])
    if lane.closes.maxlen:
        lane.closes.append(close)


@dataclass(slots=True, kw_only=True)
class Decider:
    """The fold over bars. `equity`, marks and limits are integers; see the module's docstring."""

    lanes: tuple[Lane, ...]
    boundaries: Boundaries
    watch: MarketWatch
    time_ns: int = 0
    inputs: int = 0
    cash: int = 0
    held: list[Lane] = field(default_factory=list)
    equity: int = 0
    high_water_mark: int = 0
    anchors: list[int] = field(default_factory=lambda: [0] * len(PERIODS))
    period_ends: list[int] = field(default_factory=lambda: [0] * len(PERIODS))
    next_roll_ns: int = 0
    # Of the last slot: (period, its base) of every period that ended with its close. Whoever
    # watches the limits judges them once more and clears it.
    ended: list[tuple[int, int]] = field(default_factory=list)
    # Anchors change with the day, and every group of scans names them.
    named: tuple[tuple[str, Decimal], ...] = ()
    named_of: list[int] = field(default_factory=list)

    def fold(self, slot: Slot) -> bool:
        """Take one slot in: features, marks, equity, high-water mark.

        Return whether limits must be looked at: a period began, or the market wants attention.
        """
        time_ns = slot[0]
        lanes = self.lanes
        for bar in slot[1]:
            lane = lanes[bar[0]]
            close = bar[4]
            price = close * lane.tick
            for push in lane.push_close:
                push(price)
            if lane.needs_more:
                _push_more(lane, bar, price)
            lane.bar = bar
            lane.bar_ns = time_ns
            lane.bars += 1
            lane.mark = close
            if not lane.is_ready:
                lane.is_ready = all(feature.is_ready for feature in lane.features)
        before = self.equity
        if self.held:
            equity = self.cash
            for lane in self.held:
                equity += lane.lots * lane.mark * lane.value_units
            self.equity = equity
            if equity > self.high_water_mark:  # noqa: PLR1730 - max() costs a call a bar
                self.high_water_mark = equity
        if self.watch.is_on:
            self.watch.take(
                slot[1], time_ns=time_ns, equity=self.equity, boundaries=self.boundaries
            )
        self.time_ns = time_ns
        self.inputs += 1
        if time_ns < self.next_roll_ns:
            return self.watch.attention
        self._roll(time_ns, before)
        return True

    def fold_late(self, bar: BarRow, close_ns: int) -> bool:
        """Take a bar in whose slot was scanned without it: time never steps back.

        Return whether a period began.
        """
        is_new_period = self.fold(Slot(max(self.time_ns, close_ns), (bar,), 0))
        self.lanes[bar[0]].bar_ns = close_ns
        return is_new_period

    def _roll(self, time_ns: int, before: int) -> None:
        """Begin every period whose end was reached; its base is the equity at the boundary.

        That is this close's where it stands at a boundary, else the one before it.
        """
        self.ended.clear()
        for number, period in enumerate(PERIODS):
            if time_ns < self.period_ends[number]:
                continue
            end_ns = self.period_ends[number]
            is_exact = not end_ns or self.boundaries(period, time_ns - 1) == time_ns
            if end_ns and is_exact:
                # Behind a time without bars the period that ends here began with the last equity.
                base = self.anchors[number] if time_ns == end_ns else before
                self.ended.append((number, base))
            self.anchors[number] = self.equity if is_exact else before
            self.period_ends[number] = self.boundaries(period, time_ns)
        self.next_roll_ns = min(self.period_ends)

    def refresh(self, book: Book) -> None:
        """Take positions and cash over from the book.

        Called whenever the book's may have changed.
        """
        self.cash = money_units_nearest(book.cash)
        held = []
        for lane in self.lanes:
            position = book.positions.get(lane.instrument.symbol)
            if position is None:
                lane.lots = 0
                lane.entry_price = 0.0
                lane.opened_bar = 0
                continue
            if lane.lots == 0:
                lane.opened_bar = lane.bars
            lane.lots = int(position.quantity / lane.instrument.lot)
            lane.entry_price = float(position.price)
            if not lane.mark:
                lane.mark = int(position.price / lane.instrument.tick)
            held.append(lane)
        self.held = held
        equity = self.cash
        for lane in held:
            equity += lane.lots * lane.mark * lane.value_units
        self.equity = equity
        self.high_water_mark = max(self.high_water_mark, equity)

    def open_account(self, cash: Decimal) -> None:
        """Begin with the account's first cash as equity, high-water mark and every anchor."""
        units = money_units_nearest(cash)
        self.cash = self.equity = self.high_water_mark = units
        self.anchors = [units] * len(PERIODS)

    def shift(self, amount: Decimal) -> None:
        """Neutralise a deposit or withdrawal: high-water mark and anchors move with it."""
        units = money_units_nearest(amount)
        self.high_water_mark += units
        self.watch.peaks.shift(units)
        self.anchors = [anchor + units for anchor in self.anchors]

    def adopt(self, scans: ScansCoalesced) -> None:
        """Take equity and what limits compare it with over from a row of another data set."""
        self.equity = money_units(scans.equity)
        self.high_water_mark = money_units(scans.high_water_mark)
        self.anchors = [money_units(amount) for _, amount in scans.anchors]
        self.period_ends = [self.boundaries(period, scans.slot_last_ns) for period in PERIODS]
        self.next_roll_ns = min(self.period_ends)
        self.time_ns = scans.slot_last_ns

    def anchors_named(self) -> tuple[tuple[str, Decimal], ...]:
        """Return the equity at the start of each period, by name."""
        if self.named_of != self.anchors:
            self.named_of = list(self.anchors)
            self.named = tuple(
                (period, money_from_units(anchor))
                for period, anchor in zip(PERIODS, self.anchors, strict=True)
            )
        return self.named

    def state(self) -> State:
        """Return every bit that later folds depend on, as plain JSON values."""
        return {
            "time_ns": self.time_ns,
            "inputs": self.inputs,
            "equity": self.equity,
            "high_water_mark": self.high_water_mark,
            "anchors": list(self.anchors),
            "period_ends": list(self.period_ends),
            "next_roll_ns": self.next_roll_ns,
            "lanes": [_lane_state(lane) for lane in self.lanes],
            "watch": self.watch.state(),
        }

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken.

        `refresh` must follow with the book of the same moment.
        """
        for name in ("time_ns", "inputs", "equity", "high_water_mark", "next_roll_ns"):
            setattr(self, name, state[name])
        self.anchors = list(part(state, "anchors", list))
        self.period_ends = list(part(state, "period_ends", list))
        for lane, lane_state in zip(self.lanes, part(state, "lanes", list), strict=True):
            _restore_lane(lane, lane_state)
        # Missing in what an older version wrote.
        self.watch.restore(part({"watch": {}, **state}, "watch", dict))


_LANE_FIELDS: Final = (
    "is_ready",
    "bar_ns",
    "bars",
    "mark",
    "lots",
    "entry_price",
    "opened_bar",
)


def _lane_state(lane: Lane) -> State:
    state: State = {name: getattr(lane, name) for name in _LANE_FIELDS}
    state["symbol"] = lane.instrument.symbol
    state["bar"] = list(lane.bar) if lane.bar is not None else None
    state["closes"] = list(lane.closes)
    state["features"] = [feature.state() for feature in lane.features]
    return state


def _restore_lane(lane: Lane, state: State) -> None:
    if state["symbol"] != lane.instrument.symbol:
        raise AssertionError(
            f"expected the lane of {lane.instrument.symbol}, found {state['symbol']}"
        )
    for name in _LANE_FIELDS:
        setattr(lane, name, state[name])
    lane.bar = BarRow(*part(state, "bar", list)) if state["bar"] is not None else None
    lane.closes.clear()
    lane.closes.extend(part(state, "closes", list))
    for feature, saved in zip(lane.features, part(state, "features", list), strict=True):
        feature.restore(saved)
