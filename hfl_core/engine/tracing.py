"""Decide one slot again and keep every number: what `why` shows. Pure; knows nothing of storage.

The engine must stand right before the slot. The scan runs as it ran then; afterwards the same pure
functions are asked once more for the numbers that a quiet scan does not keep.
"""

from hfl_core.domain.bars import Slot, flag_names
from hfl_core.domain.events import Event, RiskAssessed, ScansCoalesced
from hfl_core.domain.opinions import Candidate, Evidence
from hfl_core.domain.reasons import gate_of, meaning_of
from hfl_core.domain.values import Record
from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.engine.blending import Blend, blend
from hfl_core.engine.core import Core
from hfl_core.engine.decider import Lane
from hfl_core.engine.signals import evidence_of, size_and_assess
from hfl_core.engine.step import Engine
from hfl_core.strategies.base import View


class Trace(Record, frozen=True, kw_only=True):
    """One (instrument, scan) pair with everything that led to its code."""

    symbol: str
    slot_ns: int
    code: str
    gate: str
    meaning: str
    state: str
    flags: tuple[str, ...]
    features: tuple[tuple[str, float], ...]
    view: View | None
    candidate: Candidate | None
    evidence: Evidence | None
    blended: Blend | None
    threshold: float
    sizing: tuple[tuple[str, str], ...]
    rules: tuple[RuleVerdict, ...]
    events: tuple[Event, ...]


def trace_slot(engine: Engine, slot: Slot, symbol: str) -> Trace:
    """Scan a slot and explain one instrument's outcome.

    Raises KeyError for an instrument that is not watched.
    """
    core = engine.core
    state = core.book.state
    result = engine.scan(slot)
    codes = core.outcomes[len(core.outcomes) - len(core.decider.lanes) :]
    events = tuple(result.events) if result is not None else ()
    return _trace(
        core, symbol, slot_ns=slot.time_ns, state=state, codes=bytes(codes), events=events
    )


def trace_input(
    engine: Engine, event: Event, time_ns: int, *, symbol: str
) -> tuple[Trace, tuple[Event, ...]]:
    """Step the input that concluded a stream's slot and explain one instrument's outcome.

    Also return everything that came of it. Raises KeyError for an instrument that is not watched,
    ValueError for an input that concludes no slot.
    """
    core = engine.core
    state = core.book.state
    events = tuple(engine.step(event, time_ns).events)
    scans = [each for each in events if isinstance(each, ScansCoalesced)]
    if not scans:
        raise ValueError(f"expected an input that ends a slot, found {type(event).__name__}")
    trace = _trace(
        core,
        symbol,
        slot_ns=scans[0].slot_last_ns,
        state=state,
        codes=core.codes_of_scan,
        events=events,
    )
    return trace, events


def _trace(
    core: Core, symbol: str, *, slot_ns: int, state: str, codes: bytes, events: tuple[Event, ...]
) -> Trace:
    """Collect the numbers behind one code, right after its scan."""
    lane = core.lanes[symbol]
    code = core.codes[codes[lane.index]]
    has_bar = lane.bar is not None and lane.bar_ns == slot_ns
    view = lane.view(slot_ns) if has_bar and lane.is_ready else None
    candidate = lane.strategy.scan(view) if view is not None else None
    evidence, blended = _defend(core.settings.opinion_veto, lane, view, candidate)
    sizing: tuple[tuple[str, str], ...] = ()
    rules: tuple[RuleVerdict, ...] = ()
    is_entry = (
        view is not None and candidate is not None and not view.position and candidate.direction
    )
    assessed = [e for e in events if isinstance(e, RiskAssessed) and e.symbol == symbol]
    if assessed:
        sizing, rules = assessed[-1].sizing, assessed[-1].rules
    elif is_entry and evidence is not None and blended is not None and candidate is not None:
        size, assessment = size_and_assess(
            core, lane, candidate=candidate, evidence=evidence, blended=blended
        )
        sizing, rules = size.steps, assessment.rules
    return Trace(
        symbol=symbol,
        slot_ns=slot_ns,
        code=code,
        gate=gate_of(code),
        meaning=meaning_of(code),
        state=state,
        flags=flag_names(lane.bar.flags) if has_bar and lane.bar is not None else (),
        features=_features(lane, view),
        view=view,
        candidate=candidate,
        evidence=evidence,
        blended=blended,
        threshold=core.settings.entry_score_min,
        sizing=sizing,
        rules=rules,
        events=tuple(event for event in events if getattr(event, "symbol", symbol) == symbol),
    )


def _features(lane: Lane, view: View | None) -> tuple[tuple[str, float], ...]:
    if view is None:
        return ()
    return tuple((spec.label, value) for spec, value in zip(lane.specs, view.values, strict=True))


def _defend(
    veto: float, lane: Lane, view: View | None, candidate: Candidate | None
) -> tuple[Evidence | None, Blend | None]:
    """Ask the strategy for the evidence of a stance that differs from the position."""
    if view is None or candidate is None or candidate.direction == view.position:
        return None, None
    evidence = evidence_of(lane, view, candidate)
    return evidence, blend(lane.strategy_name, evidence, (), veto=veto)
