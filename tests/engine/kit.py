"""A small stage for playbooks of the engine: instruments, limits, a strategy that bars steer."""

import importlib
import pkgutil
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import hfl_core.risk.rules
from hfl_core.domain import effects as ef
from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.ids import ClientOrderId, FillId, Symbol, VenueOrderId
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.limits import RiskLimits, limits_hash
from hfl_core.domain.opinions import Candidate, Evidence
from hfl_core.domain.orders import (
    Fill,
    OrderReport,
    OrderStatus,
    PositionReport,
    Purpose,
)
from hfl_core.domain.values import with_changes
from hfl_core.engine.book_records import OrderRecord, PositionRecord
from hfl_core.engine.settings import EngineSettings, Watch
from hfl_core.engine.step import Engine
from hfl_core.features.base import FeatureSpec
from hfl_core.features.catalogue import make
from hfl_core.risk.context import Rule
from hfl_core.strategies.base import View

SECOND = 1_000_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
# Monday, 5 January 2026, 00:00 UTC.
MONDAY = 1_767_571_200 * SECOND
D = Decimal
TEN_THOUSAND = D(10_000)

RULES: tuple[Rule, ...] = tuple(
    importlib.import_module(f"hfl_core.risk.rules.{module.name}").Rule()
    for module in pkgutil.iter_modules(hfl_core.risk.rules.__path__)
    if not module.name.startswith("_")
)

LONG_WISH, FLAT_WISH, SHORT_WISH = 1.0, 2.0, 3.0
WISHES = {"": 0.0, "long": LONG_WISH, "flat": FLAT_WISH, "short": SHORT_WISH}
_CANDIDATES = {
    LONG_WISH: Candidate(1, "wants long"),
    FLAT_WISH: Candidate(0, "wants flat"),
    SHORT_WISH: Candidate(-1, "wants short"),
}


@dataclass(frozen=True)
class Puppet:
    """Wants what a bar's volume says: 1 long, 2 flat, 3 short, anything else no change."""

    stop_distance: float = 2.0
    strength: float = 1.0
    warm_up: int = 0
    lookback: int = 0

    def features(self) -> tuple[FeatureSpec, ...]:
        return (FeatureSpec("sma", (self.warm_up,)),) if self.warm_up else ()

    def scan(self, view: View) -> Candidate | None:
        return _CANDIDATES.get(view.volume)

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        return Evidence(
            score=self.strength * (candidate.direction or -view.position),
            confidence=1.0,
            numbers=(("close", view.close),),
            rationale="the bar says so",
            stop_distance=self.stop_distance,
        )


def instrument(symbol: str = "AAA", **changes: Any) -> Instrument:
    plain = Instrument(
        symbol=Symbol(symbol),
        asset_class=AssetClass.STOCKS,
        tick=D("0.01"),
        lot=D(1),
        notional_min=D(10),
        currency="USD",
        may_short=True,
    )
    return with_changes(plain, **changes)


def limits(**changes: Any) -> RiskLimits:
    """Return limits that leave room: risk 1 % a trade, daily 2 %, weekly 5 %, both others 10 %."""
    plain = RiskLimits(
        profile="test",
        risk_per_trade_fraction=D("0.01"),
        risk_per_trade_fraction_max=D("0.02"),
        open_risk_fraction_max=D("0.1"),
        drawdown_fraction_max=D("0.1"),
        daily_loss_fraction_max=D("0.02"),
        weekly_loss_fraction_max=D("0.05"),
        monthly_loss_fraction_max=D("0.1"),
        position_fraction_max=D(1),
        gross_exposure_fraction_max=D(1),
        positions_max=5,
        atr_stop_multiple=D(2),
        order_notional_max_fraction=D(1),
        price_collar_fraction=D(1),
        period_zone="UTC",
    )
    return with_changes(plain, **changes)


def settings(
    *,
    instruments: tuple[Instrument, ...] = (),
    strategy: Any = None,
    bounds: RiskLimits | None = None,
    **changes: Any,
) -> EngineSettings:
    bounds = bounds or limits()
    watches = tuple(
        Watch(instrument=one, strategy=strategy or Puppet(), strategy_name="puppet")
        for one in instruments or (instrument(),)
    )
    plain = EngineSettings(
        mode="backtest",
        journal_id="test01",
        watches=watches,
        limits=bounds,
        limits_hash=limits_hash(bounds),
        rules=(),
    )
    return with_changes(plain, **changes)


def run_started(run_id: str = "r1", *, changed: tuple[str, ...] = ()) -> ev.RunStarted:
    return ev.RunStarted(
        run_id=run_id,
        mode="backtest",
        account="acc",
        currency="USD",
        hashes=(("code", "00"),),
        versions=(),
        config_blob="",
        seed=0,
        head_seq=0,
        head_hash="",
        operator_policy="none",
        changed=changed,
        pid=1,
    )


def position_report(symbol: str, quantity: int | Decimal, price: int = 100) -> PositionReport:
    return PositionReport(symbol=Symbol(symbol), quantity=D(quantity), price=D(price))


def report(
    *,
    cash: Decimal = TEN_THOUSAND,
    positions: tuple[PositionReport, ...] = (),
    orders: tuple[OrderReport, ...] = (),
    failed: str = "",
    cursor: int = 0,
    foreign: tuple[str, ...] = (),
) -> ev.ReconcileReported:
    return ev.ReconcileReported(
        venue="paper",
        failed=failed,
        cash=None if failed else cash,
        positions=positions,
        orders=orders,
        fill_cursor=cursor,
        foreign=foreign,
    )


def order_report(
    order: OrderRecord, status: OrderStatus = OrderStatus.WORKING, filled: int = 0
) -> OrderReport:
    return OrderReport(
        client_id=ClientOrderId(order.client_id),
        venue_id=VenueOrderId("v"),
        symbol=Symbol(order.symbol),
        side=order.side,
        status=status,
        quantity=order.quantity,
        filled=D(filled),
    )


def command(verb: str, request_id: str = "", **arguments: str) -> ev.CommandReceived:
    return ev.CommandReceived(
        request_id=request_id or f"req-{verb}",
        verb=verb,
        actor="human",
        arguments=tuple(arguments.items()),
    )


def resume(*latch_ids: str, typed: str = "RESUME", request_id: str = "") -> ev.CommandReceived:
    return command(
        "resume",
        request_id or "req-resume",
        typed=typed,
        latch_ids=",".join(latch_ids),
        reason="looked at it",
    )


class Play:
    """Drives one engine as the runner does: groups are closed, times never move back."""

    def __init__(self, *, engine: Engine | None = None, **changes: Any) -> None:
        self.engine = engine or Engine(settings(**changes), make)
        self.core = self.engine.core
        self.book = self.engine.core.book
        self.now = MONDAY
        self.cursor = 0
        self.events: list[ev.Event] = []
        self.effects: list[ef.Effect] = []
        self.groups: list[ev.ScansCoalesced] = []
        self._fills = 0

    # --- inputs -----------------------------------------------------------------------------------

    def start(self, cash: int = 10_000) -> "Play":
        self.say(run_started())
        self.say(report(cash=D(cash)))
        return self

    def say(self, event: ev.Event, *, after_s: float = 0) -> list[ev.Event]:
        """Step one input; return what the engine made of it."""
        self.now += int(after_s * SECOND)
        self.close()
        self._set_anchor()
        result = self.engine.step(event, self.now)
        self.events += [event, *result.events]
        self.effects += result.effects
        return result.events

    def slot(self, *bars: BarRow, after: int = HOUR) -> list[ev.Event]:
        """Scan one slot; return what the engine made of it, nothing when it was quiet."""
        self.now += after
        self.cursor += 1
        self._set_anchor()
        result = self.engine.scan(Slot(self.now, bars, self.cursor))
        if result is None:
            return []
        self.close()
        self.events += result.events
        self.effects += result.effects
        return result.events

    def bar(
        self, close: float = 100, want: str = "", *, flags: int = 0, after: int = HOUR
    ) -> list[ev.Event]:
        return self.slot(row(close, want, flags=flags), after=after)

    def run_timers(self, until_s: float) -> list[ev.Event]:
        """Step every timer that is due within that time."""
        limit = self.now + int(until_s * SECOND)
        found: list[ev.Event] = []
        while self.core.next_due_ns() <= limit:
            due_ns = self.core.next_due_ns()
            self.now = max(self.now, due_ns)
            found += self.say(ev.TimePassed(due_ns=due_ns))
        self.now = limit
        return found

    def _set_anchor(self) -> None:
        self.core.anchor = bytes([len(self.events) % 256]) * 32

    def close(self) -> None:
        group = self.engine.close_group()
        if group is not None:
            self.groups.append(group)
            self.events.append(group)

    # --- what the venue says ----------------------------------------------------------------------

    def attempt(self, order: OrderRecord) -> list[ev.Event]:
        return self.say(ev.SendAttempted(client_id=order.client_id, run_id="r1"))

    def accept(self, order: OrderRecord) -> list[ev.Event]:
        self.attempt(order)
        return self.say(ev.OrderAccepted(client_id=order.client_id, venue_id="v"))

    def fill(
        self,
        order: OrderRecord,
        quantity: float | Decimal | None = None,
        price: float | str = 100,
        *,
        fee: str = "0",
        fill_id: str = "",
    ) -> list[ev.Event]:
        self._fills += 1
        return self.say(
            filled(
                order,
                order.remaining if quantity is None else D(str(quantity)),
                price,
                fee=fee,
                fill_id=fill_id or f"f{self._fills}",
                at_ns=self.now,
                cursor=self._fills,
            )
        )

    def queried(
        self,
        order: OrderRecord,
        found: OrderReport | None = None,
        *,
        failed: str = "",
        positions: tuple[PositionReport, ...] | None = (),
    ) -> list[ev.Event]:
        return self.say(
            ev.OrderQueried(
                client_id=order.client_id,
                attempt=order.queries + 1,
                failed=failed,
                report=found,
                positions=None if failed else positions,
            )
        )

    # --- what is there ----------------------------------------------------------------------------

    def live(self, purpose: Purpose, symbol: str = "AAA") -> list[OrderRecord]:
        return [o for o in self.book.live_orders(symbol) if o.purpose is purpose]

    def only(self, purpose: Purpose, symbol: str = "AAA") -> OrderRecord:
        (order,) = self.live(purpose, symbol)
        return order

    def position(self, symbol: str = "AAA") -> PositionRecord:
        return self.book.positions[symbol]

    def open_long(self, quantity: int | None = None, price: float = 100) -> PositionRecord:
        """Enter at a price, with the protective stop accepted."""
        self.bar(price, "long")
        entry = self.only(Purpose.ENTRY)
        self.accept(entry)
        self.fill(entry, quantity, price)
        self.accept(self.only(Purpose.PROTECTION))
        return self.position()

    def alerts(self) -> list[str]:
        return [effect.text for effect in self.effects if isinstance(effect, ef.RaiseAlert)]

    def codes(self) -> dict[str, int]:
        self.close()
        return dict(self.book.counts)


def row(close: float = 100, want: str = "", *, flags: int = 0, index: int = 0) -> BarRow:
    ticks = round(close * 100)
    return BarRow(index, ticks, ticks + 10, ticks - 10, ticks, WISHES[want], flags)


def filled(
    order: OrderRecord,
    quantity: Decimal,
    price: float | str,
    *,
    fee: str = "0",
    fill_id: str = "f1",
    at_ns: int = 0,
    cursor: int = 0,
) -> ev.Filled:
    return ev.Filled(
        venue="paper",
        account="acc",
        cursor=cursor,
        fill=Fill(
            client_id=ClientOrderId(order.client_id),
            fill_id=FillId(fill_id),
            symbol=Symbol(order.symbol),
            side=order.side,
            price=D(str(price)),
            quantity=quantity,
            fee=D(fee),
            at_ns=at_ns,
        ),
    )


def kinds(events: list[ev.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def of_kind(events: list[Any], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]
