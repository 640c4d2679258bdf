"""Contexts for rules: equity 10,000, price 100, stop 50 away, one lot one unit; and random ones."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hfl_core.domain.instruments import VolumeKind
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.money import MONEY_UNITS_PER_ONE
from hfl_core.domain.orders import OrderIntent, OrderType, Purpose, Side
from hfl_core.domain.values import with_changes
from hfl_core.risk.context import MarketFacts, RiskContext
from hfl_core.risk.correlation import Correlations
from tests.engine.kit import D, instrument, limits

ONE = MONEY_UNITS_PER_ONE
UNIT = instrument(
    tick=D(1), lot=D(1), notional_min=D(10), sector="technology", spread_fraction=D("0.001")
)
HOUR = 3_600_000_000_000
DAY = 24 * HOUR
# Monday, 5 January 2026, 00:00 UTC.
MONDAY = 1_767_571_200_000_000_000
CALM = MarketFacts(
    days=60,
    good_ticks=100,
    regime="bull",
    volatility_ratio=1.0,
    day_value=10**9 * MONEY_UNITS_PER_ONE,
    bar_lots=10**6,
)


HELD = (
    "open_risk",
    "gross",
    "symbol_gross",
    "margin_used",
    "net",
    "group_risk",
    "sector_gross",
    "gap_loss",
)


def tight(**changes: Any) -> RiskLimits:
    """Return limits that all bind, as a careful profile's do; an ordinary entry passes them."""
    plain: dict[str, Any] = {
        "price_collar_fraction": D("0.05"),
        "correlation_max": D("0.3"),
        "correlation_days_min": 20,
        "sector_fraction_max": D("0.2"),
        "net_exposure_fraction_max": D("0.5"),
        "traded_value_min": D(1_000_000),
        "bar_volume_fraction_max": D("0.1"),
        "spread_fraction_max": D("0.002"),
        "bad_hours": "stocks 13:30-13:45; forex 20:55-22:15; forex fri 20:00-24:00",
        "gap_loss_fraction_max": D("0.05"),
        "gap_fraction_stocks": D("0.1"),
        "gap_fraction_forex": D("0.02"),
        "gap_fraction_crypto": D("0.1"),
        "gap_fraction_indices": D("0.07"),
        "history_days_min": 30,
        "volatility_ratio_max": D("1.5"),
        "crisis_size_fraction": D(0),
        "orders_per_hour_max": 20,
        "repeat_pause_s": 60,
        "losing_trades_max": 3,
        "loss_pause_hours": 24,
        "stop_out_pause_hours": 4,
        "mark_age_hours_max": 96,
    }
    return limits(**(plain | changes))


def context(bounds: RiskLimits | None = None, **changes: Any) -> RiskContext:
    """Return a context; money is given in whole units of account currency."""
    plain: dict[str, Any] = (
        {
            "instrument": UNIT,
            "limits": bounds or limits(),
            "currency": "USD",
            "direction": 1,
            "price_ticks": 100,
            "stop_ticks": 50,
            "lots_base": 10,
            "price_age_ns": 0,
            "price_age_max_ns": 0,
            "bets": 0,
            "anchors": (10_000, 10_000, 10_000),
            "time_ns": MONDAY + 12 * HOUR,
            "market": CALM,
        }
        | dict.fromkeys(("equity", "cash", "high_water_mark"), 10000)
        | dict.fromkeys(HELD, 0)
    )
    plain |= changes
    for name in ("equity", "cash", "high_water_mark", *HELD):
        plain[name] = int(Decimal(str(plain[name])) * ONE)
    plain["anchors"] = tuple(int(Decimal(str(value)) * ONE) for value in plain["anchors"])
    return RiskContext(**plain)


def ordinary(bounds: RiskLimits | None = None, **changes: Any) -> RiskContext:
    """Return an entry that every rule has something to judge of, and lets pass."""
    plain: dict[str, Any] = {
        "instrument": with_changes(UNIT, group="majors"),
        "lots_base": 2,
        "others": ("BBB",),
        "correlations": Correlations(pairs=(("BBB", -0.3),), days=60),
        "mark_age_ns": HOUR,
        "losing_run": 3,
        "since_loss_ns": DAY,
        "since_stop_out_ns": 4 * HOUR,
        "since_same_entry_ns": 60 * 10**9,
    }
    return context(bounds or tight(), **(plain | changes))


def intent(**changes: Any) -> OrderIntent:
    plain = OrderIntent(
        symbol=UNIT.symbol,
        side=Side.BUY,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=D(2),
    )
    return with_changes(plain, **changes)


FRACTIONS = st.decimals("0.001", "1", places=3)
MONEY = st.integers(-2 * 10**16, 10**17)
POSITIVE = st.integers(0, 10**17)


@st.composite
def limits_of_any_size(draw) -> RiskLimits:
    risk = sorted(draw(st.lists(FRACTIONS, min_size=3, max_size=3)))
    return limits(
        profile=draw(st.sampled_from(["test", "unlimited"])),
        risk_per_trade_fraction=risk[0],
        risk_per_trade_fraction_max=risk[1],
        open_risk_fraction_max=risk[2],
        drawdown_fraction_max=draw(FRACTIONS),
        daily_loss_fraction_max=draw(FRACTIONS),
        position_fraction_max=draw(FRACTIONS),
        gross_exposure_fraction_max=draw(FRACTIONS),
        order_notional_max_fraction=draw(FRACTIONS),
        positions_max=draw(st.integers(1, 6)),
        **draw(later_limits()),
    )


@st.composite
def later_limits(draw) -> dict[str, Any]:
    """Draw the fields that have a default: some loose, some binding."""
    return {
        "price_collar_fraction": draw(FRACTIONS),
        "correlation_max": draw(st.sampled_from([D(1), D("0.3")])),
        "correlation_days_min": draw(st.sampled_from([2, 20])),
        "sector_fraction_max": draw(st.sampled_from([D(1000), D("0.2")])),
        "net_exposure_fraction_max": draw(st.one_of(st.just(D(1000)), FRACTIONS)),
        "traded_value_min": draw(st.sampled_from([D(0), D("1000.5")])),
        "bar_volume_fraction_max": draw(st.one_of(st.just(D(1000)), FRACTIONS)),
        "spread_fraction_max": draw(st.sampled_from([D(1), D("0.002")])),
        "bad_hours": draw(st.sampled_from(["", "stocks 00:00-12:00; stocks sun 12:00-24:00"])),
        "gap_loss_fraction_max": draw(FRACTIONS),
        "gap_fraction_stocks": draw(st.sampled_from([D(0), D("0.1"), D(1)])),
        "history_days_min": draw(st.sampled_from([0, 30])),
        "volatility_ratio_max": draw(st.sampled_from([D(1000), D("1.5")])),
        "crisis_size_fraction": draw(st.sampled_from([D(0), D("0.5"), D(1)])),
        "orders_per_hour_max": draw(st.integers(1, 5)),
        "repeat_pause_s": draw(st.sampled_from([0, 60])),
        "losing_trades_max": draw(st.integers(1, 5)),
        "loss_pause_hours": draw(st.sampled_from([0, 24])),
        "stop_out_pause_hours": draw(st.sampled_from([0, 4])),
        "mark_age_hours_max": draw(st.sampled_from([96, 8_760])),
    }


FIGURES = st.one_of(
    st.floats(0, 10), st.sampled_from([float("nan"), float("inf"), -1.0, 0.0, 1e300, 5e-324])
)
AGES = st.sampled_from([None, -1, 0, 1, 60 * 10**9, 4 * HOUR, 100 * HOUR])


@st.composite
def market_facts(draw) -> MarketFacts | None:
    """Draw what is known of a market, nonsense included."""
    if draw(st.integers(0, 9)) == 0:
        return None
    return MarketFacts(
        days=draw(st.integers(0, 120)),
        good_ticks=draw(st.integers(-1, 10**7)),
        regime=draw(st.sampled_from(["", "bull", "bear", "sideways", "crisis", "fog"])),
        volatility_ratio=draw(st.one_of(st.none(), FIGURES)),
        day_value=draw(st.one_of(st.none(), st.integers(-1, 10**17))),
        bar_lots=draw(st.one_of(st.none(), st.integers(-1, 10**9))),
    )


@st.composite
def correlations(draw) -> Correlations | None:
    """Draw correlations with AAA and BBB, nonsense included."""
    if draw(st.integers(0, 5)) == 0:
        return None
    return Correlations(
        pairs=tuple((name, draw(FIGURES)) for name in draw(st.sampled_from(["", "A", "AB"]))),
        days=draw(st.integers(0, 60)),
        still=draw(st.sampled_from([(), (), ("A",)])),
    )


@st.composite
def contexts(draw) -> RiskContext:
    """Draw anything, nonsense included: no equity, negative equity, no stop, no price."""
    one = instrument(
        tick=draw(st.sampled_from([D("0.01"), D("0.00001"), D(1), D("0.25")])),
        lot=draw(st.sampled_from([D(1), D("0.001"), D(100), D("0.00001")])),
        notional_min=draw(st.sampled_from([D(0), D(10), D("12.5")])),
        currency=draw(st.sampled_from(["USD", "EUR"])),
        margin_fraction=draw(st.sampled_from([D(1), D("0.02"), D("0.5")])),
        group=draw(st.sampled_from(["", "majors"])),
        sector=draw(st.sampled_from(["", "technology"])),
        spread_fraction=draw(st.sampled_from([None, D(0), D("0.002"), D("0.01")])),
        volume=draw(st.sampled_from(list(VolumeKind))),
    )
    return RiskContext(
        instrument=one,
        limits=draw(limits_of_any_size()),
        currency="USD",
        direction=draw(st.sampled_from([1, -1])),
        price_ticks=draw(st.integers(0, 10**7)),
        stop_ticks=draw(st.integers(-5, 10**6)),
        lots_base=draw(st.integers(-3, 10**9)),
        equity=draw(MONEY),
        cash=draw(MONEY),
        high_water_mark=draw(MONEY),
        anchors=(draw(MONEY), draw(MONEY), draw(MONEY)),
        open_risk=draw(POSITIVE),
        gross=draw(POSITIVE),
        symbol_gross=draw(POSITIVE),
        margin_used=draw(POSITIVE),
        bets=draw(st.integers(0, 8)),
        price_age_ns=draw(st.sampled_from([-1, 0, 1, 10**12])),
        price_age_max_ns=draw(st.sampled_from([0, 10**10])),
        time_ns=draw(st.integers(-(10**18), 2 * 10**18)),
        net=draw(MONEY),
        group_risk=draw(POSITIVE),
        sector_gross=draw(POSITIVE),
        gap_loss=draw(POSITIVE),
        mark_age_ns=draw(AGES),
        others=draw(st.sampled_from([(), ("A",), ("A", "B")])),
        correlations=draw(correlations()),
        market=draw(market_facts()),
        entries_hour=draw(st.integers(0, 6)),
        since_same_entry_ns=draw(AGES),
        losing_run=draw(st.integers(0, 6)),
        since_loss_ns=draw(AGES),
        since_stop_out_ns=draw(AGES),
        tripped=draw(st.sampled_from([(), (), ("price of AAA",)])),
    )
