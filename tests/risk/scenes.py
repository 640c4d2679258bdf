"""Generated entries at which one configured limit fires; all else is in order.

A scene draws the limit's value, other limits that must make room, and an entry just beyond it.
`loose` is the value of the limit under which the same entry passes.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

from hfl_core.domain.instruments import AssetClass
from hfl_core.domain.values import with_changes
from hfl_core.risk.context import MarketFacts
from hfl_core.risk.correlation import Correlations
from tests.engine.kit import D
from tests.risk.context import CALM, HOUR, MONDAY, ONE, UNIT

EQUITY = 10_000
MINUTE = HOUR // 60
SECOND = MINUTE // 60
Draw = Callable[[Any], Any]


class Drawn(NamedTuple):
    """What a scene came to: the limit, the entry, other limits."""

    value: Any
    entry: dict[str, Any]
    bounds: dict[str, Any]


class Scene(NamedTuple):
    """The rule that fires, the value under which it would not, and how to draw the rest."""

    rule: str
    loose: Any
    draw: Callable[[Draw], Drawn]


def facts(**changes: Any) -> MarketFacts:
    return replace(CALM, **changes)


def fraction(draw: Draw, lowest: str, highest: str) -> Decimal:
    return draw(st.decimals(lowest, highest, places=4))


def filled(field: str, lowest: str, highest: str, *, lot: int = 100) -> Callable[[Draw], Drawn]:
    """Draw a share of equity that is used up but for less than one lot costs."""

    def scene(draw: Draw) -> Drawn:
        value = fraction(draw, lowest, highest)
        room = draw(st.integers(0, lot * ONE - 1))
        used = EQUITY * value - Decimal(room) / ONE
        return Drawn(value, {field: used}, {})

    return scene


def fallen(place: int | None) -> Callable[[Draw], Drawn]:
    """Draw a start from which equity fell by the limit or more."""

    def scene(draw: Draw) -> Drawn:
        value = fraction(draw, "0.001", "0.9")
        start = int(EQUITY / (1 - value)) + 1 + draw(st.integers(0, 1_000))
        if place is None:
            return Drawn(value, {"high_water_mark": start}, {})
        anchors = [EQUITY] * 3
        anchors[place] = start
        return Drawn(value, {"anchors": tuple(anchors)}, {})

    return scene


def a_trade(draw: Draw) -> Drawn:
    """One unit loses 50 at its stop; less than that is allowed."""
    value = fraction(draw, "0.0001", "0.0049")
    return Drawn(value, {"instrument": UNIT}, {"risk_per_trade_fraction": value})


def an_order(draw: Draw) -> Drawn:
    return Drawn(fraction(draw, "0.0001", "0.0099"), {}, {})


def counted(field: str, highest: int) -> Callable[[Draw], Drawn]:
    def scene(draw: Draw) -> Drawn:
        value = draw(st.integers(1, highest))
        return Drawn(value, {field: value + draw(st.integers(0, 5))}, {})

    return scene


def a_collar(draw: Draw) -> Drawn:
    value = fraction(draw, "0.01", "0.9")
    if draw(st.booleans()):
        good = int(100 / (1 + value))
        good -= 100 - good <= good * value
    else:
        good = int(100 / (1 - value)) + 1
    return Drawn(value, {"market": facts(good_ticks=good)}, {})


def a_likeness(draw: Draw) -> Drawn:
    value = fraction(draw, "0.1", "0.9")
    found = float(value) + draw(st.floats(1e-6, 0.09))
    pairs = (("BBB", draw(st.sampled_from([found, -found]))),)
    return Drawn(value, {"correlations": Correlations(pairs=pairs, days=60)}, {})


def short_history(draw: Draw) -> Drawn:
    value = draw(st.integers(3, 60))
    days = draw(st.integers(2, value - 1))
    return Drawn(value, {"correlations": Correlations(pairs=(("BBB", 0.1),), days=days)}, {})


def a_net(draw: Draw) -> Drawn:
    drawn = filled("net", "0.05", "1")(draw)
    side = draw(st.sampled_from([1, -1]))
    return drawn._replace(entry={"net": side * drawn.entry["net"], "direction": side})


def a_quiet_market(draw: Draw) -> Drawn:
    value = draw(st.integers(1, 10**9))
    day_value = draw(st.integers(0, value * ONE - 1))
    return Drawn(D(value), {"market": facts(day_value=day_value)}, {})


def a_thin_market(draw: Draw) -> Drawn:
    value = fraction(draw, "0.001", "0.5")
    most = int((1 - D("0.0001")) / value)
    return Drawn(value, {"market": facts(bar_lots=draw(st.integers(0, most)))}, {})


def a_spread(draw: Draw) -> Drawn:
    value = fraction(draw, "0.0001", "0.1")
    wide = value + draw(st.decimals("0.00001", "0.1", places=5))
    return Drawn(value, {"instrument": with_changes(UNIT, spread_fraction=wide)}, {})


def an_hour(draw: Draw) -> Drawn:
    start = draw(st.integers(0, 1_438))
    end = draw(st.integers(start + 1, 1_439))
    found = draw(st.integers(start, end - 1))
    text = f"stocks {start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    day = draw(st.integers(0, 6))
    return Drawn(text, {"time_ns": MONDAY + day * 24 * HOUR + found * MINUTE}, {})


def a_gap(asset_class: AssetClass) -> Callable[[Draw], Drawn]:
    """Of the 500 that gaps may cost, less is left than one lot would."""

    def scene(draw: Draw) -> Drawn:
        value = fraction(draw, "0.0001", "1")
        room = draw(st.integers(0, int(100 * value * ONE) - 1))
        entry = {
            "instrument": with_changes(UNIT, asset_class=asset_class),
            "gap_loss": 500 - Decimal(room) / ONE,
        }
        return Drawn(value, entry, {})

    return scene


def young(draw: Draw) -> Drawn:
    value = draw(st.integers(1, 120))
    days = draw(st.integers(0, value - 1))
    return Drawn(value, {"market": facts(days=days)}, {"crisis_size_fraction": D(1)})


def lively(draw: Draw) -> Drawn:
    """A size of two that shrinks below two."""
    value = fraction(draw, "0.5", "9")
    ratio = float(value) * (1 + draw(st.floats(0.001, 9)))
    return Drawn(value, {"market": facts(volatility_ratio=ratio)}, {})


def a_crisis(draw: Draw) -> Drawn:
    return Drawn(fraction(draw, "0", "0.99"), {"market": facts(regime="crisis")}, {})


def too_soon(field: str, unit: int, highest: int) -> Callable[[Draw], Drawn]:
    def scene(draw: Draw) -> Drawn:
        value = draw(st.integers(1, highest))
        return Drawn(value, {field: draw(st.integers(0, value * unit - 1))}, {})

    return scene


def a_losing_run(draw: Draw) -> Drawn:
    drawn = counted("losing_run", 20)(draw)
    return drawn._replace(entry=drawn.entry | {"since_loss_ns": draw(st.integers(0, HOUR))})


def an_old_price(draw: Draw) -> Drawn:
    value = draw(st.integers(1, 8_000))
    age = value * HOUR + draw(st.integers(1, 100 * HOUR))
    return Drawn(value, {"mark_age_ns": age}, {})


SCENES: dict[str, Scene] = {
    "risk_per_trade_fraction_max": Scene("trade_risk", D("0.02"), a_trade),
    "open_risk_fraction_max": Scene("open_risk", D(1), filled("open_risk", "0.02", "0.9", lot=50)),
    "drawdown_fraction_max": Scene("drawdown", D(1), fallen(None)),
    "daily_loss_fraction_max": Scene("daily_loss", D(1), fallen(0)),
    "weekly_loss_fraction_max": Scene("weekly_loss", D(1), fallen(1)),
    "monthly_loss_fraction_max": Scene("monthly_loss", D(1), fallen(2)),
    "position_fraction_max": Scene("position_cap", D(1000), filled("symbol_gross", "0.05", "9")),
    "gross_exposure_fraction_max": Scene("gross_exposure", D(1000), filled("gross", "0.05", "9")),
    "positions_max": Scene("positions_max", 1000, counted("bets", 20)),
    "order_notional_max_fraction": Scene("order_notional", D(1000), an_order),
    "price_collar_fraction": Scene("price_collar", D(1), a_collar),
    "correlation_max": Scene("correlation", D(1), a_likeness),
    "correlation_days_min": Scene("correlation", 2, short_history),
    "sector_fraction_max": Scene("sector", D(1000), filled("sector_gross", "0.05", "9")),
    "net_exposure_fraction_max": Scene("net_exposure", D(1000), a_net),
    "traded_value_min": Scene("liquidity", D(0), a_quiet_market),
    "bar_volume_fraction_max": Scene("bar_volume", D(1000), a_thin_market),
    "spread_fraction_max": Scene("spread", D(1), a_spread),
    "bad_hours": Scene("bad_hours", "", an_hour),
    "gap_loss_fraction_max": Scene("gap", D(1), filled("gap_loss", "0.01", "0.9", lot=10)),
    "gap_fraction_stocks": Scene("gap", D(0), a_gap(AssetClass.STOCKS)),
    "gap_fraction_forex": Scene("gap", D(0), a_gap(AssetClass.FOREX)),
    "gap_fraction_crypto": Scene("gap", D(0), a_gap(AssetClass.CRYPTO)),
    "gap_fraction_indices": Scene("gap", D(0), a_gap(AssetClass.INDICES)),
    "history_days_min": Scene("volatility", 0, young),
    "volatility_ratio_max": Scene("volatility", D(1000), lively),
    "crisis_size_fraction": Scene("regime", D(1), a_crisis),
    "orders_per_hour_max": Scene("order_rate", 1000, counted("entries_hour", 20)),
    "repeat_pause_s": Scene("repeated_order", 0, too_soon("since_same_entry_ns", SECOND, 86_400)),
    "losing_trades_max": Scene("losing_run", 1000, a_losing_run),
    "loss_pause_hours": Scene("losing_run", 0, too_soon("since_loss_ns", HOUR, 8_760)),
    "stop_out_pause_hours": Scene("stop_out", 0, too_soon("since_stop_out_ns", HOUR, 8_760)),
    "mark_age_hours_max": Scene("mark_age", 8_760, an_old_price),
}
