"""Contexts for rules: equity 10,000, price 100, stop 50 away, one lot one unit; and random ones."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.money import MONEY_UNITS_PER_ONE
from hfl_core.domain.orders import OrderIntent, OrderType, Purpose, Side
from hfl_core.domain.values import with_changes
from hfl_core.risk.context import RiskContext
from tests.engine.kit import D, instrument, limits

ONE = MONEY_UNITS_PER_ONE
UNIT = instrument(tick=D(1), lot=D(1), notional_min=D(10))


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
        }
        | dict.fromkeys(("equity", "cash", "high_water_mark"), 10000)
        | dict.fromkeys(("open_risk", "gross", "symbol_gross", "margin_used"), 0)
    )
    plain |= changes
    for name in (
        "equity",
        "cash",
        "high_water_mark",
        "open_risk",
        "gross",
        "symbol_gross",
        "margin_used",
    ):
        plain[name] = int(Decimal(str(plain[name])) * ONE)
    plain["anchors"] = tuple(int(Decimal(str(value)) * ONE) for value in plain["anchors"])
    return RiskContext(**plain)


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
    )
