"""Events of the state machine and of decisions. Knows nothing of how they are decided."""

from decimal import Decimal
from typing import ClassVar

from hfl_core.domain._events_base import Event
from hfl_core.domain.verdicts import RuleVerdict


class Transitioned(Event, frozen=True, kw_only=True):
    """The state machine moved."""

    trigger: str
    source: str
    target: str
    reason: str


class SignalEmitted(Event, frozen=True, kw_only=True):
    """A candidate became a signal.

    The bar, the features, the evidence and the blend that led to it.

    decision: number within the journal; bar: (open, high, low, close, volume); features: (name,
    value); weights: (source, weight, score) of everything blended; blended: the weighted score;
    regime: the market's, empty while it was not known.
    """

    decision: int
    symbol: str
    slot_ns: int
    direction: int
    setup: str
    strategy: str
    bar: tuple[str, ...]
    flags: tuple[str, ...]
    features: tuple[tuple[str, str], ...]
    score: str
    confidence: str
    numbers: tuple[tuple[str, str], ...]
    rationale: str
    weights: tuple[tuple[str, str, str], ...]
    blended: str
    dataset_id: str
    cursor: int
    regime: str = ""


class OpinionAsked(Event, frozen=True, kw_only=True):
    """A desk was asked about an instrument; the machine rests in `signalling` until deadline_ns."""

    symbol: str
    desk: str
    deadline_ns: int


class OpinionReceived(Event, frozen=True, kw_only=True):
    """A desk's answer; `score` and `confidence` as text of floats, `evidence` blob hashes."""

    IS_INPUT: ClassVar[bool] = True
    symbol: str
    desk: str
    source: str
    version: str
    score: str
    confidence: str
    rationale: str
    evidence: tuple[str, ...]
    made_ns: int
    valid_until_ns: int
    degraded: bool


class RiskAssessed(Event, frozen=True, kw_only=True):
    """The gate's verdict on one signal.

    Every rule with its numbers, and the sizing arithmetic in order; inputs_hash: SHA-256 of all
    that the rules were told, empty where none ran.
    """

    decision: int
    symbol: str
    allowed: bool
    reason: str
    quantity: Decimal
    sizing: tuple[tuple[str, str], ...]
    rules: tuple[RuleVerdict, ...]
    limits_hash: str
    intent_hash: str
    inputs_hash: str = ""


class ExitDecided(Event, frozen=True, kw_only=True):
    """A position shall be closed; reason says who wants it: signal, close_all, panic, limit."""

    decision: int
    symbol: str
    reason: str


class ProtectionObliged(Event, frozen=True, kw_only=True):
    """A position must have a live protective stop at the venue by due_ns."""

    symbol: str
    stop_price: Decimal
    quantity: Decimal
    due_ns: int


class ProtectionReleased(Event, frozen=True, kw_only=True):
    """The obligation ended: the position is flat."""

    symbol: str
