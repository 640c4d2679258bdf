"""A bench for orders: the real rules, the real gateway, a venue in memory, one ordinary order.

Each `send` begins as an order that passes everything; what a case changes is what is tested.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from hfl.plan import rules
from hfl.terms import gateway_settings, venue_settings
from hfl_config.load import LoadedConfig
from hfl_core.brokers.inprocess import Broker
from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.effects import SubmitOrder
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.limits import DAYS_MAX, RiskLimits, limits_hash
from hfl_core.domain.money import MONEY_UNITS_PER_ONE
from hfl_core.domain.orders import OrderIntent, OrderStatus, OrderType, Purpose, Side
from hfl_core.domain.regimes import BULL
from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import ApprovedOrder, RiskVerdict
from hfl_core.engine.book import Book
from hfl_core.engine.book_records import OrderRecord
from hfl_core.engine.periods import PERIODS
from hfl_core.engine.settings import SECOND_NS
from hfl_core.gateway.gateway import Gateway, GatewaySettings, call_kind
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.risk.context import MarketFacts, RiskContext, Rule, share
from hfl_core.risk.gate import Assessment, approve, assess
from hfl_core.risk.sizing import size_by_risk
from hfl_core.venue.inprocess import InProcessVenue

# A Wednesday; the hour is chosen so that an ordinary order passes.
START_NS: Final = 1_767_744_000 * SECOND_NS
HOUR_NS: Final = 3_600 * SECOND_NS
HOURS: Final = 168
PRICE_TICKS: Final = 10_000
STOP_TICKS: Final = 200
# Far more than is needed: the venue's own refusals are not what is tested.
VENUE_CASH: Final = Decimal(10**9)
EQUITY: Final = 10_000 * MONEY_UNITS_PER_ONE
# A market that has been known for long, in which nothing is unusual.
ORDINARY: Final = MarketFacts(
    days=DAYS_MAX,
    good_ticks=PRICE_TICKS,
    regime=BULL,
    volatility_ratio=1.0,
    day_value=10**12 * MONEY_UNITS_PER_ONE,
    bar_lots=10**12,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Who refused an order: where is gate, seal, gateway or venue."""

    where: str
    check: str
    detail: str


class Bench:
    """One set-up for one attempt."""

    def __init__(
        self,
        *,
        limits: RiskLimits,
        currency: str,
        rules_in_force: tuple[Rule, ...],
        venue: InProcessVenue,
        settings: GatewaySettings,
        latch_dir: str,
        instrument: Instrument,
    ) -> None:
        self.limits = limits
        self.settings = settings
        self.latch_dir = latch_dir
        self.latch = MemoryLatch(latch_dir)
        self.equity = EQUITY
        self.is_locked = True
        self.arrived_well = 0
        self._currency = currency
        self._instrument = instrument
        self._rules = rules_in_force
        self._venue = venue
        self._book = Book()
        self._numbers = 0
        self._gateway = Gateway(
            Broker(venue), self.latch, settings, holds_lock=lambda: self.is_locked
        )
        self._now_ns = START_NS
        self._find_hour()
        ticks = PRICE_TICKS
        slot = Slot(START_NS, (BarRow(0, ticks, ticks, ticks, ticks, 1e6, 0),), 1)
        venue.publish_slot(slot, START_NS - HOUR_NS)

    # --- an ordinary order ------------------------------------------------------------------------

    @property
    def arrived(self) -> int:
        """Return how many orders the venue has seen."""
        return len(self._venue.open_orders(deadline_s=1.0))

    @property
    def quantity(self) -> Decimal:
        """Return what the gate allows of the ordinary order."""
        return self._assess(self.context()).lots * self._instrument.lot

    def share(self, name: str) -> int:
        """Return a limit's share of equity in money units."""
        fraction: Decimal = getattr(self.limits, name)
        return share(self.equity, fraction)

    def context(self, **changes: Any) -> RiskContext:  # noqa: ANN401 - any field of a context
        """Return what the rules are told of the ordinary order, with changes."""
        size = size_by_risk(
            self._instrument,
            equity=EQUITY,
            fraction=self.limits.risk_per_trade_fraction / 2,
            stop_ticks=STOP_TICKS,
        )
        plain: dict[str, Any] = {
            "instrument": self._instrument,
            "limits": self.limits,
            "currency": self._currency,
            "direction": 1,
            "price_ticks": PRICE_TICKS,
            "stop_ticks": STOP_TICKS,
            "lots_base": size.lots,
            "equity": EQUITY,
            "cash": EQUITY,
            "high_water_mark": EQUITY,
            "anchors": (EQUITY, EQUITY, EQUITY),
            "open_risk": 0,
            "gross": 0,
            "symbol_gross": 0,
            "margin_used": 0,
            "bets": 0,
            "price_age_ns": 0,
            "price_age_max_ns": 0,
            "market": ORDINARY,
            "time_ns": self._now_ns,
        }
        return RiskContext(**(plain | changes))

    def fallen(self, name: str, period: int) -> dict[str, Any]:
        """Return the fields of an account whose loss is exactly a limit.

        period: 0 to 2 for day, week and month, 3 for the high-water mark.
        """
        kept = 1 - getattr(self.limits, name)
        top = -int(-EQUITY // kept) if kept > 0 else EQUITY * 10**6
        if period == len(PERIODS):
            return {"high_water_mark": top}
        anchors = [EQUITY] * len(PERIODS)
        anchors[period] = top
        return {"anchors": tuple(anchors)}

    # --- sending ----------------------------------------------------------------------------------

    def send(
        self,
        context: RiskContext | None = None,
        *,
        limits_hash: str = "",
        intended_ago_ns: int = 0,
        price_ago_ns: int = 0,
        extra: int = 0,
        before_call: Callable[[], None] = lambda: None,
    ) -> Refused | None:
        """Send one order through gate, seal and gateway; return who refused it."""
        assessment = self._assess(context or self.context())
        if not assessment.is_allowed:
            return _gate_refusal(assessment)
        intent = self._intent((assessment.lots - extra) * self._instrument.lot)
        verdict = approve(intent, assessment, limits_hash=limits_hash or self.settings.limits_hash)
        order = ApprovedOrder(client_id=self._next_id(), intent=intent, verdict=verdict)
        effect = SubmitOrder(
            order=order,
            intended_ns=self._now_ns - intended_ago_ns,
            price_ns=self._now_ns - price_ago_ns,
        )
        return self._submit(effect, before_call)

    def send_well(self, *, extra: int = 0) -> None:
        """Send an order that must arrive. Raises AssertionError when it does not."""
        refused = self.send(extra=extra)
        if refused is not None:
            raise AssertionError(f"expected an ordinary order to arrive, found {refused}")
        self.arrived_well += 1

    def send_changed(self, **changes: Any) -> Refused | None:  # noqa: ANN401 - any field of an intent
        """Send what differs from what was approved."""
        assessment = self._assess(self.context())
        intent = self._intent(assessment.lots * self._instrument.lot)
        verdict = approve(intent, assessment, limits_hash=self.settings.limits_hash)
        return self._seal_and_submit(intent, verdict, **changes)

    def send_ungated(self, context: RiskContext) -> Refused | None:
        """Send what the gate refused, as if its answer had not been read."""
        intent = self._intent(self.quantity)
        verdict = approve(intent, self._assess(context), limits_hash=self.settings.limits_hash)
        return self._seal_and_submit(intent, verdict)

    def leave_unknown(self) -> None:
        """Leave an order of the instrument whose outcome nobody knows."""
        self._keep(self._next_id(), self._intent(self.quantity), OrderStatus.UNKNOWN)

    def _keep(self, client_id: ClientOrderId, intent: OrderIntent, status: OrderStatus) -> None:
        """Keep an order in the book, as the engine would."""
        record = OrderRecord(
            client_id=client_id,
            number=self._numbers,
            decision=self._numbers,
            symbol=intent.symbol,
            side=intent.side,
            type=intent.type,
            purpose=intent.purpose,
            quantity=intent.quantity,
            limit_price=None,
            stop_price=None,
            risk_stop_price=intent.risk_stop_price,
            reference_price=PRICE_TICKS * self._instrument.tick,
            reason=intent.reason,
            intended_ns=self._now_ns,
            status=status,
            attempted_ns=self._now_ns,
        )
        self._book.orders[client_id] = self._book.live[client_id] = record

    # --- pieces -----------------------------------------------------------------------------------

    def _seal_and_submit(
        self,
        intent: OrderIntent,
        verdict: RiskVerdict,
        **changes: Any,  # noqa: ANN401 - any field of an intent
    ) -> Refused | None:
        """Bind an intent, changed after its approval, to the verdict; hand it to the gateway."""
        try:
            changed = with_changes(intent, **changes)
            order = ApprovedOrder(client_id=self._next_id(), intent=changed, verdict=verdict)
        except ValueError as error:
            return Refused(where="seal", check="approval", detail=str(error))
        effect = SubmitOrder(order=order, intended_ns=self._now_ns, price_ns=self._now_ns)
        return self._submit(effect, lambda: None)

    def _assess(self, context: RiskContext) -> Assessment:
        return assess(context, self._rules)

    def _intent(self, quantity: Decimal) -> OrderIntent:
        tick = self._instrument.tick
        return OrderIntent(
            symbol=self._instrument.symbol,
            side=Side.BUY,
            type=OrderType.MARKET,
            purpose=Purpose.ENTRY,
            quantity=quantity,
            risk_stop_price=(PRICE_TICKS - STOP_TICKS) * tick,
            reason="self-test",
        )

    def _next_id(self) -> ClientOrderId:
        self._numbers += 1
        return ClientOrderId(f"hfpselftest{self._numbers:08d}")

    def _submit(self, effect: SubmitOrder, before_call: Callable[[], None]) -> Refused | None:
        refused = self._gateway.refusal(effect, self._book, self._now_ns)
        if refused is not None:
            return Refused(where="gateway", check=refused[0], detail=refused[1])
        before_call()
        outcome = self._gateway.send(effect, call_kind(effect.order.intent, self._book))
        if isinstance(outcome, ev.SendRefused):
            return Refused(where="gateway", check=outcome.check, detail=outcome.detail)
        if isinstance(outcome, ev.OrderRejected):
            return Refused(where="venue", check=outcome.code, detail=outcome.text)
        self._keep(effect.order.client_id, effect.order.intent, OrderStatus.WORKING)
        return None

    def _find_hour(self) -> None:
        """Choose an hour in which nothing but the case itself refuses, where there is one."""
        for hour in range(HOURS):
            self._now_ns = START_NS + hour * HOUR_NS
            if self._assess(self.context()).is_allowed:
                return


def bench_of(loaded: LoadedConfig, limits: RiskLimits, latch_dir: str) -> Bench:
    """Build a bench with a home's settings and these limits."""
    currency = loaded.config.account.currency
    instrument = Instrument(
        symbol=Symbol("SELF-TEST"),
        asset_class=AssetClass.INDICES,
        tick=Decimal("0.01"),
        lot=Decimal("0.0001"),
        notional_min=Decimal(0),
        currency=currency,
        spread_fraction=Decimal(0),
    )
    venue = InProcessVenue(
        [instrument],
        cash=VENUE_CASH,
        settings=venue_settings(loaded),
    )
    return Bench(
        limits=limits,
        currency=currency,
        rules_in_force=rules(),
        venue=venue,
        settings=gateway_settings(loaded, limits_hash(limits)),
        latch_dir=latch_dir,
        instrument=instrument,
    )


def _gate_refusal(assessment: Assessment) -> Refused:
    refusing = next(one for one in assessment.rules if one.outcome.value == "refuse")
    said = f"{refusing.value} of {refusing.limit} {refusing.unit}" if refusing.limit else ""
    detail = " ".join(part for part in (said, refusing.note) if part)
    return Refused(where="gate", check=refusing.rule, detail=detail)
