"""From book and decider to what the risk gate may know. Pure; knows nothing of rules.

Entries that are on their way, and entries whose outcome is unknown, count as if filled at their
reference price.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from hfl_core.domain.limits import is_bounding
from hfl_core.domain.money import steps_nearest
from hfl_core.domain.orders import Purpose, Side
from hfl_core.engine.core import Core
from hfl_core.engine.decider import Lane
from hfl_core.risk.context import MarketFacts, RiskContext, share
from hfl_core.risk.correlation import Correlations, correlate

CACHED_MAX: Final = 256


@dataclass(slots=True, kw_only=True)
class _Sums:
    """What is open, added up; money units."""

    gross: int = 0
    net: int = 0
    symbol_gross: int = 0
    sector_gross: int = 0
    margin: int = 0
    open_risk: int = 0
    group_risk: int = 0
    gap_loss: int = 0
    bets: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)


def risk_context(
    core: Core, lane: Lane, *, direction: int, stop_ticks: int, lots_base: int
) -> RiskContext:
    """Collect what the gate judges one intended entry by."""
    decider, pace = core.decider, core.book.pace
    sums = _add_up(core, lane)
    others = tuple(sorted(sums.others))
    # Of a stream as of the slot's close, however long the slot waited for its bars.
    symbol, now_ns = lane.symbol, core.time_ns - core.waited_ns
    side = Side.BUY if direction > 0 else Side.SELL
    same_ns = pace.same.get(f"{symbol} {side.value}")
    stopped_ns = pace.stopped_out.get(symbol)
    return RiskContext(
        instrument=lane.instrument,
        limits=core.limits,
        currency=core.settings.currency,
        direction=direction,
        price_ticks=lane.mark,
        stop_ticks=stop_ticks,
        lots_base=lots_base,
        equity=decider.equity,
        cash=decider.cash,
        high_water_mark=decider.high_water_mark,
        anchors=(decider.anchors[0], decider.anchors[1], decider.anchors[2]),
        open_risk=sums.open_risk,
        gross=sums.gross,
        symbol_gross=sums.symbol_gross,
        margin_used=sums.margin,
        bets=len(sums.bets),
        price_age_ns=now_ns - lane.bar_ns,
        price_age_max_ns=core.settings.opinion_deadline_ns if core.settings.desks else 0,
        time_ns=now_ns,
        net=sums.net,
        group_risk=sums.group_risk,
        sector_gross=sums.sector_gross,
        gap_loss=sums.gap_loss,
        mark_age_ns=_oldest_mark_ns(core),
        others=others,
        correlations=_correlations(core, symbol, others),
        market=_market_facts(core, lane),
        entries_hour=pace.entries_within_hour(now_ns),
        since_same_entry_ns=None if same_ns is None else now_ns - same_ns,
        losing_run=pace.losing_run,
        since_loss_ns=now_ns - pace.lost_ns if pace.losing_run else None,
        since_stop_out_ns=None if stopped_ns is None else now_ns - stopped_ns,
        tripped=pace.sentences(symbol),
    )


def _add_up(core: Core, lane: Lane) -> _Sums:
    """Add up what is open, as seen from one instrument."""
    sums = _Sums()
    own = lane.instrument
    for symbol, (lots, price_ticks, risk) in exposures(core).items():
        other = core.lanes[symbol]
        one = other.instrument
        value = abs(lots) * price_ticks * other.value_units
        gap: Decimal = getattr(core.limits, f"gap_fraction_{one.asset_class.value}")
        sums.gross += value
        sums.net += value if lots > 0 else -value
        sums.margin += share(value, one.margin_fraction)
        sums.open_risk += risk
        # Rounded up: half a unit of loss is a unit.
        sums.gap_loss -= share(-value, gap)
        sums.bets.add(one.group or symbol)
        is_one_bet = other is lane or bool(own.group and one.group == own.group)
        if other is lane:
            sums.symbol_gross = value
        if one.sector and one.sector == own.sector:
            sums.sector_gross += value
        if is_one_bet:
            sums.group_risk += risk
        else:
            sums.others.append(symbol)
    sums.bets.discard(own.group)
    return sums


def exposures(core: Core) -> dict[str, tuple[int, int, int]]:
    """Return symbol -> (lots, price in ticks, money at risk), entries on their way included."""
    found: dict[str, tuple[int, int, int]] = {}
    for symbol, position in core.book.positions.items():
        lane = core.lanes.get(symbol)
        if lane is None:
            continue
        lots = lane.lots
        risk = _at_risk(lane, lots, mark=lane.mark, stop=position.stop_price)
        found[symbol] = (lots, lane.mark, risk)
    for order in core.book.live.values():
        lane = core.lanes.get(order.symbol)
        if lane is None or order.purpose is not Purpose.ENTRY:
            continue
        lots = order.side.sign * int(order.remaining / lane.instrument.lot)
        ticks = steps_nearest(order.reference_price, lane.instrument.tick)
        risk = _at_risk(lane, lots, mark=ticks, stop=order.risk_stop_price)
        held = found.get(order.symbol, (0, ticks, 0))
        found[order.symbol] = (held[0] + lots, max(held[1], ticks), held[2] + risk)
    return found


def _at_risk(lane: Lane, lots: int, *, mark: int, stop: Decimal | None) -> int:
    """Return what is lost from mark to stop; without a stop everything is at risk."""
    if stop is None:
        return abs(lots) * mark * lane.value_units
    distance = mark - steps_nearest(stop, lane.instrument.tick)
    return max(0, lots * distance) * lane.value_units


def _oldest_mark_ns(core: Core) -> int | None:
    """Return the age of the oldest price of anything held, None where one has none."""
    oldest = 0
    for symbol in core.book.positions:
        lane = core.lanes.get(symbol)
        if lane is None or not lane.bar_ns:
            return None
        oldest = max(oldest, core.time_ns - core.waited_ns - lane.bar_ns)
    return oldest


def _market_facts(core: Core, lane: Lane) -> MarketFacts | None:
    watch = core.decider.watch
    if not watch.is_on:
        return None
    market = watch.markets[lane.index]
    lot = float(lane.instrument.lot)
    return MarketFacts(
        days=len(market.days),
        good_ticks=market.good_before,
        regime=market.regime.name,
        volatility_ratio=market.volatility_ratio(),
        day_value=_whole(market.day_value_mean(), lane.value_units / lot),
        bar_lots=_whole(market.bar_volume_mean(), 1.0 / lot),
    )


def _whole(number: float | None, factor: float) -> int | None:
    """Return number x factor rounded down, None for what is not known or no number."""
    if number is None or not math.isfinite(number * factor):
        return None
    return math.floor(number * factor)


def _correlations(core: Core, symbol: str, others: Iterable[str]) -> Correlations | None:
    """Return correlations with everything open; computed once for the same closed days."""
    watch, limits = core.decider.watch, core.limits
    if not watch.is_on or not others or not is_bounding(limits, "correlation_max"):
        return None
    closes = {
        name: watch.markets[core.lanes[name].index].closes(core.time_ns - core.waited_ns)
        for name in (symbol, *others)
    }
    last_days = tuple(next(reversed(each), 0) for each in closes.values())
    key = (*closes, *last_days, limits.correlation_days)
    found = core.correlations.get(key)
    if found is None:
        if len(core.correlations) >= CACHED_MAX:
            core.correlations.clear()
        found = correlate(symbol, closes, days=limits.correlation_days)
        core.correlations[key] = found
    return found
