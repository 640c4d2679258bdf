"""From a candidate to its journaled signal, its size, its verdict and its order. Pure.

Knows nothing of gates before the signal, of other instruments' scans or of brokers.
"""

import math
from decimal import Decimal

from hfl_core.domain import events as ev
from hfl_core.domain.bars import flag_names
from hfl_core.domain.effects import RaiseAlert
from hfl_core.domain.opinions import Candidate, Evidence
from hfl_core.domain.orders import OrderIntent, OrderType, Purpose, Side, TimeInForce
from hfl_core.engine.blending import Blend
from hfl_core.engine.core import Core
from hfl_core.engine.decider import Lane
from hfl_core.engine.exposure import risk_context
from hfl_core.risk.context import RiskContext
from hfl_core.risk.gate import Assessment, approve, assess
from hfl_core.risk.sizing import Size, size_by_risk, size_fixed
from hfl_core.strategies.base import View


def evidence_of(lane: Lane, view: View, candidate: Candidate) -> Evidence:
    """Ask the strategy for its evidence; a number that is not finite becomes no evidence at all."""
    evidence = lane.strategy.signal(view, candidate)
    figures = (evidence.score, evidence.confidence, evidence.stop_distance)
    odd = [name for name, value in evidence.numbers if not math.isfinite(value)]
    if not odd and all(map(math.isfinite, figures)):
        return evidence
    kept = tuple(pair for pair in evidence.numbers if math.isfinite(pair[1]))
    names = ", ".join(odd) or "score, confidence or stop distance"
    return Evidence(
        score=0.0,
        confidence=0.0,
        numbers=kept,
        rationale=f"the strategy gave a number that is not finite: {names}",
    )


def size_and_assess(
    core: Core, lane: Lane, *, candidate: Candidate, evidence: Evidence, blended: Blend
) -> tuple[Size, Assessment]:
    """Size one entry and run the whole gate on it."""
    tick = lane.tick
    stop_ticks = (
        math.ceil(evidence.stop_distance / tick - 1e-9) if evidence.stop_distance > 0 else 0
    )
    if candidate.direction > 0:
        stop_ticks = min(stop_ticks, lane.mark - 1)
    if core.settings.fixed_lots:
        size = size_fixed(core.settings.fixed_lots)
    else:
        fraction = core.limits.risk_per_trade_fraction * blended.size_factor
        size = size_by_risk(
            lane.instrument, equity=core.decider.equity, fraction=fraction, stop_ticks=stop_ticks
        )
    context = risk_context(
        core, lane, direction=candidate.direction, stop_ticks=stop_ticks, lots_base=size.lots
    )
    return _with_market(size, context), assess(context, core.settings.rules)


def _with_market(size: Size, context: RiskContext) -> Size:
    """Add what is known of the market to the arithmetic: the rules may take less because of it."""
    market = context.market
    if market is None:
        return size
    ratio = market.volatility_ratio
    steps = (
        ("regime", market.regime or "unknown"),
        ("volatility_ratio", "unknown" if ratio is None else f"{ratio:.4f}"),
    )
    return Size(lots=size.lots, steps=(*size.steps, *steps))


def enter(
    core: Core,
    lane: Lane,
    *,
    candidate: Candidate,
    evidence: Evidence,
    decision: int,
    size: Size,
    assessment: Assessment,
) -> None:
    """Journal the verdict on a sized entry, and intend its order when it is allowed."""
    instrument = lane.instrument
    price = lane.mark * instrument.tick
    stop_ticks = (
        math.ceil(evidence.stop_distance / lane.tick - 1e-9) if evidence.stop_distance > 0 else 0
    )
    stop = None
    if stop_ticks > 0:
        stop = max(lane.mark - candidate.direction * stop_ticks, 1) * instrument.tick
    intent = OrderIntent(
        symbol=instrument.symbol,
        side=Side.BUY if candidate.direction > 0 else Side.SELL,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=max(assessment.lots, 0) * instrument.lot,
        risk_stop_price=stop,
        time_in_force=TimeInForce.BAR,
        reason=f"signal: {candidate.setup}",
    )
    verdict = approve(intent, assessment, limits_hash=core.limits_hash)
    core.emit(
        ev.RiskAssessed(
            decision=decision,
            symbol=instrument.symbol,
            allowed=verdict.allowed,
            reason=verdict.reason,
            quantity=verdict.quantity,
            sizing=size.steps,
            rules=verdict.rules,
            limits_hash=verdict.limits_hash,
            intent_hash=verdict.intent_hash,
            inputs_hash=verdict.inputs_hash,
        )
    )
    for fault in assessment.faults:
        core.effects.append(RaiseAlert(level="critical", text=f"a risk rule failed: {fault}"))
    if verdict.allowed:
        core.intend(intent, verdict, decision=decision, reference_price=price, price_ns=lane.bar_ns)


def emit_signal(
    core: Core,
    lane: Lane,
    view: View,
    *,
    candidate: Candidate,
    evidence: Evidence,
    blended: Blend,
) -> int:
    """Journal a signal with everything that led to it; return its decision number."""
    decision = core.book.decisions + 1
    tick: Decimal = lane.instrument.tick
    assert lane.bar is not None
    number_text = ev.number_text
    _, open_, high, low, close, volume, flags = lane.bar
    core.emit(
        ev.SignalEmitted(
            decision=decision,
            symbol=lane.instrument.symbol,
            slot_ns=view.time_ns,
            direction=candidate.direction,
            setup=candidate.setup,
            strategy=lane.strategy_name,
            bar=(
                str(open_ * tick),
                str(high * tick),
                str(low * tick),
                str(close * tick),
                number_text(volume),
            ),
            flags=flag_names(flags),
            features=tuple(
                [
                    (label, number_text(value))
                    for label, value in zip(lane.labels, view.values, strict=True)
                ]
            ),
            score=number_text(evidence.score),
            confidence=number_text(evidence.confidence),
            numbers=tuple([(name, number_text(value)) for name, value in evidence.numbers]),
            rationale=evidence.rationale,
            weights=blended.weights,
            blended=number_text(blended.score),
            dataset_id=core.book.dataset_id,
            cursor=core.group_cursor,
            regime=view.regime,
        )
    )
    return decision


def refuse_candidate(core: Core, lane: Lane, decision: int, code: str) -> None:
    """End a candidate before the gate: its scan said only that opinions were awaited."""
    core.emit(
        ev.RiskAssessed(
            decision=decision,
            symbol=lane.instrument.symbol,
            allowed=False,
            reason=code,
            quantity=Decimal(0),
            sizing=(),
            rules=(),
            limits_hash=core.limits_hash,
            intent_hash="",
        )
    )
