"""From book and decider to what the risk gate may know. Pure; knows nothing of rules.

Entries that are on their way, and entries whose outcome is unknown, count as if filled at their
reference price.
"""

from decimal import Decimal

from hfl_core.domain.money import steps_nearest
from hfl_core.domain.orders import Purpose
from hfl_core.engine.core import Core
from hfl_core.engine.decider import Lane
from hfl_core.risk.context import RiskContext, share


def risk_context(
    core: Core, lane: Lane, *, direction: int, stop_ticks: int, lots_base: int
) -> RiskContext:
    """Collect what the gate judges one intended entry by."""
    decider = core.decider
    gross = symbol_gross = margin = open_risk = 0
    bets: set[str] = set()
    for symbol, (lots, price_ticks, risk) in _exposures(core).items():
        other = core.lanes[symbol]
        value = abs(lots) * price_ticks * other.value_units
        gross += value
        margin += share(value, other.instrument.margin_fraction)
        open_risk += risk
        bets.add(other.instrument.group or symbol)
        if other is lane:
            symbol_gross = value
    bets.discard(lane.instrument.group)
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
        open_risk=open_risk,
        gross=gross,
        symbol_gross=symbol_gross,
        margin_used=margin,
        bets=len(bets),
        price_age_ns=core.time_ns - lane.bar_ns,
        price_age_max_ns=core.settings.opinion_deadline_ns if core.settings.desks else 0,
    )


def _exposures(core: Core) -> dict[str, tuple[int, int, int]]:
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
