"""One scan.

Every instrument gets one reason code, and what deserves it becomes evidence, a verdict, an intent.
Pure.

Knows nothing of brokers, limits' watch or storage. The gates in order: data, machine, features, the
strategy's cheap scan, its signal, opinions, risk, order. A quiet scan leaves nothing but its code
bytes; `trace` tells the numbers of any scan again.
"""

from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.effects import AskOpinion
from hfl_core.domain.ids import Symbol
from hfl_core.domain.opinions import Candidate, Evidence
from hfl_core.domain.orders import OrderStatus
from hfl_core.domain.verdicts import Outcome
from hfl_core.engine.blending import Blend, blend
from hfl_core.engine.core import CODE, OPINION_TIMER, Awaited, Core
from hfl_core.engine.decider import Lane
from hfl_core.engine.signals import (
    emit_signal,
    enter,
    evidence_of,
    refuse_candidate,
    size_and_assess,
)
from hfl_core.engine.table import EXECUTING, HALTED, IDLE, RISK_CHECK, SCANNING, SIGNALLING
from hfl_core.strategies.base import View

_NO_DATA = CODE["NO_DATA"]
_SKIPPED_BUSY = CODE["SKIPPED_BUSY"]
_HALTED = CODE["HALTED"]
_WARMING_UP = CODE["WARMING_UP"]
_NO_SETUP = CODE["NO_SETUP"]
_HOLDING = CODE["HOLDING"]


def scan(core: Core, slot: Slot, resting: str = IDLE) -> None:
    """Give every instrument its code for this slot; emit what is more than a code.

    resting: the state from which a scan decides; `scanning` for a slot that came bar by bar.
    """
    outcomes = core.outcomes
    vetoes = core.vetoes
    time_ns = slot[0]
    if core.book.state != resting:
        code = _HALTED if core.book.state == HALTED else _SKIPPED_BUSY
        for lane in core.decider.lanes:
            outcomes.append(code if lane.bar_ns == time_ns else _NO_DATA)
        return
    for lane in core.decider.lanes:
        if lane.bar_ns != time_ns:
            outcomes.append(_NO_DATA)
            continue
        if not lane.is_ready:
            outcomes.append(_WARMING_UP)
            continue
        lots = lane.lots
        position = 0 if not lots else 1 if lots > 0 else -1
        glance = lane.glance
        if glance is None:
            candidate = lane.strategy.scan(lane.view(time_ns))
        else:
            candidate = glance(lane.read(), lane.mark * lane.tick, position)
        if candidate is None or candidate[0] == position:
            outcomes.append(_HOLDING if position else _NO_SETUP)
            if vetoes:
                vetoes.pop(lane.instrument.symbol, None)
        else:
            code_name = _judge(core, lane, lane.view(time_ns), candidate)
            outcomes.append(core.codes.index(code_name))
    if core.transitions and resting == IDLE:
        conclude(core)


def conclude(core: Core) -> None:
    """Bring the machine to where the scan leaves it.

    Resting with orders or opinions out, or idle.
    """
    state = core.book.state
    if core.awaited and state == SIGNALLING:
        return
    live = core.book.live.values()
    if state == RISK_CHECK and any(order.status is OrderStatus.INTENDED for order in live):
        core.go("execute")
    elif state in {SCANNING, SIGNALLING, RISK_CHECK}:
        core.go("quiet")


# --- gates ----------------------------------------------------------------------------------------


def _judge(core: Core, lane: Lane, view: View, candidate: Candidate) -> str:
    """Take a stance that differs from the position through the gates.

    Return the code it ends with.
    """
    if view.position:
        return _judge_exit(core, lane, view, candidate)
    code = entry_obstacle(core, lane, candidate)
    if code:
        return code
    evidence = evidence_of(lane, view, candidate)
    blended = blend(lane.strategy_name, evidence, (), veto=core.settings.opinion_veto)
    if not is_strong(core, blended, candidate.direction):
        return "SIGNAL_WEAK"
    if core.settings.desks:
        _ask(core, lane, view, candidate=candidate, evidence=evidence)
        return "AWAITING_OPINIONS"
    return _judge_entry(core, lane, view, candidate=candidate, evidence=evidence, opinions=None)


def entry_obstacle(core: Core, lane: Lane, candidate: Candidate) -> str:
    """Return the code that stops an entry before any evidence is asked for, or nothing."""
    book = core.book
    symbol = lane.instrument.symbol
    if book.live:
        live = book.live_orders(symbol)
        if any(order.status is OrderStatus.UNKNOWN for order in live):
            return "UNKNOWN_FREEZE"
        if live:
            return "ORDER_PENDING"
    if symbol in book.halted_symbols:
        return "INSTRUMENT_HALTED"
    if book.latches:
        return "REDUCE_ONLY"
    if lane.bar is not None and lane.bar[6]:
        return "BAR_FLAGGED"
    if candidate.direction < 0 and not lane.instrument.may_short:
        return "MAY_NOT_SHORT"
    if lane.fits is not None and not lane.fits(candidate.direction, lane.regime):
        return "REGIME_UNFIT"
    return ""


def is_strong(core: Core, blended: Blend, direction: int) -> bool:
    """Tell whether a score is on the candidate's side and enough for a look by the risk gate."""
    return blended.score * direction >= core.settings.entry_score_min


def _judge_exit(core: Core, lane: Lane, view: View, candidate: Candidate) -> str:
    symbol = lane.instrument.symbol
    position = core.book.positions[symbol]
    if position.exit_reason:
        return "EXIT_PENDING"
    evidence = evidence_of(lane, view, candidate)
    _reach(core, SIGNALLING)
    blended = blend(lane.strategy_name, evidence, (), veto=core.settings.opinion_veto)
    decision = emit_signal(
        core, lane, view, candidate=candidate, evidence=evidence, blended=blended
    )
    core.emit(ev.ExitDecided(decision=decision, symbol=symbol, reason=f"signal: {candidate.setup}"))
    return "EXIT_INTENDED"


def _judge_entry(
    core: Core,
    lane: Lane,
    view: View,
    *,
    candidate: Candidate,
    evidence: Evidence,
    opinions: tuple[ev.OpinionReceived, ...] | None,
) -> str:
    """Size an entry, ask the gate, and intend the order or keep every reason against it.

    opinions: None when no desk was asked; then a refusal like the last one is only a code.
    """
    blended = blend(lane.strategy_name, evidence, opinions or (), veto=core.settings.opinion_veto)
    size, assessment = size_and_assess(
        core, lane, candidate=candidate, evidence=evidence, blended=blended
    )
    symbol = lane.instrument.symbol
    if not assessment.is_allowed:
        refusing = [rule.rule for rule in assessment.rules if rule.outcome is Outcome.REFUSE]
        key = f"{candidate.direction}:{','.join(refusing)}"
        if opinions is None and core.vetoes.get(symbol) == key:
            return "VETO_REPEATED"
        core.vetoes[symbol] = key
    else:
        core.vetoes.pop(symbol, None)
    _reach(core, SIGNALLING)
    decision = emit_signal(
        core, lane, view, candidate=candidate, evidence=evidence, blended=blended
    )
    _reach(core, RISK_CHECK)
    enter(
        core,
        lane,
        candidate=candidate,
        evidence=evidence,
        decision=decision,
        size=size,
        assessment=assessment,
    )
    return "ENTRY_INTENDED" if assessment.is_allowed else assessment.reason


def _reach(core: Core, state: str) -> None:
    """Walk the machine forward to the state that this stage of the scan stands for."""
    if core.book.state == IDLE:
        core.go("open_slot")
    if core.book.state == SCANNING:
        core.go("find_setup")
    if core.book.state == SIGNALLING and state == RISK_CHECK:
        core.go("assess")


# --- opinions -------------------------------------------------------------------------------------


def _ask(core: Core, lane: Lane, view: View, *, candidate: Candidate, evidence: Evidence) -> None:
    """Ask every desk about a candidate.

    The machine rests in `signalling` until they answered or the deadline passed.
    """
    _reach(core, SIGNALLING)
    deadline_ns = core.time_ns + core.settings.opinion_deadline_ns
    symbol = lane.instrument.symbol
    for desk in core.settings.desks:
        core.emit(ev.OpinionAsked(symbol=symbol, desk=desk, deadline_ns=deadline_ns))
        core.effects.append(
            AskOpinion(
                symbol=Symbol(symbol), desk=desk, as_of_ns=core.time_ns, deadline_ns=deadline_ns
            )
        )
    core.set_timer(deadline_ns, OPINION_TIMER, symbol)
    core.awaited[symbol] = Awaited(
        lane=lane,
        view=view,
        candidate=candidate,
        evidence=evidence,
        decision=0,
        deadline_ns=deadline_ns,
        desks=core.settings.desks,
        opinions={},
    )


def on_opinion(core: Core, event: ev.OpinionReceived) -> None:
    """Keep an answer that is still wanted and still valid; conclude when all are in."""
    awaited = core.awaited.get(event.symbol)
    if awaited is not None and event.desk in awaited.desks and event.valid_until_ns >= core.time_ns:
        awaited.opinions[event.desk] = event
    conclude_opinions(core)


def conclude_opinions(core: Core) -> None:
    """Go on with every candidate once all of them have their opinions or are past the deadline."""
    if not core.awaited or core.book.state in {SCANNING, EXECUTING, HALTED}:
        return
    for awaited in core.awaited.values():
        is_complete = len(awaited.opinions) == len(awaited.desks)
        if not is_complete and core.time_ns < awaited.deadline_ns:
            return
    _reach(core, SIGNALLING)
    waiting, core.awaited = core.awaited, {}
    for awaited in waiting.values():
        _after_opinions(core, awaited)
    conclude(core)


def _after_opinions(core: Core, awaited: Awaited) -> None:
    lane, candidate, evidence = awaited.lane, awaited.candidate, awaited.evidence
    opinions = tuple(awaited.opinions[desk] for desk in awaited.desks if desk in awaited.opinions)
    blended = blend(lane.strategy_name, evidence, opinions, veto=core.settings.opinion_veto)
    code = entry_obstacle(core, lane, candidate)
    if not code and blended.is_vetoed:
        code = "OPINION_VETO"
    if not code and not is_strong(core, blended, candidate.direction):
        code = "SIGNAL_WEAK"
    if code:
        decision = emit_signal(
            core, lane, awaited.view, candidate=candidate, evidence=evidence, blended=blended
        )
        refuse_candidate(core, lane, decision, code)
        return
    _judge_entry(
        core, lane, awaited.view, candidate=candidate, evidence=evidence, opinions=opinions
    )
