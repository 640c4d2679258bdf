"""Everything that can stand in the journal, as a closed union of past participles. Knows nothing of storage.

An *input* enters from outside (a bar, a command, an answer, time) and is journaled with `cause_seq` 0; everything else is what
`step` made of an input, and its `cause_seq` is that input's row. Prices, quantities and money are exact Decimals in canonical
form; other real numbers (features, scores) are text made by `number_text`, so that the journal holds no JSON float.
A change of shape raises VERSION and adds an upcaster in the journal's codec.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from hfl_core.domain.orders import Fill, OrderReport, OrderStatus, OrderType, PositionReport, Purpose, Side, TimeInForce
from hfl_core.domain.verdicts import RuleVerdict


def number_text(value: float) -> str:
    """Return the shortest text that reads back as exactly this float. Raises ValueError for NaN and infinity."""
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, found {value!r}")
    return repr(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of everything journaled; its kind is the class's name."""

    VERSION: ClassVar[int] = 1
    IS_INPUT: ClassVar[bool] = False


# --- runs -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A process took the journal over. hashes: (component, SHA-256) of code, config, lock, strategy, rules, features;
    config_blob: the whole configuration as canonical JSON, by hash; head_seq, head_hash: where the chain stood."""

    IS_INPUT: ClassVar[bool] = True
    run_id: str
    mode: str
    account: str
    currency: str
    hashes: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    config_blob: str
    seed: int
    head_seq: int
    head_hash: str
    operator_policy: str
    changed: tuple[str, ...]
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """A run ended in order. reason: end_of_data, stopped, killed."""

    IS_INPUT: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    """The account's first cash, as the venue reported it at the first reconciliation."""

    cash: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetOpened(Event):
    """A regenerable source of bars: its rows are referred to by cursor instead of being copied.

    spec: what rebuilds it, canonical JSON; content_hash: SHA-256 of the consumed content; cursor: rows already consumed.
    """

    IS_INPUT: ClassVar[bool] = True
    dataset_id: str
    source: str
    spec: str
    content_hash: str
    rows: int
    symbols: tuple[str, ...]
    first_ns: int
    last_ns: int
    cursor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScansCoalesced(Event):
    """The bars of one or more slots: quiet ones together, and at most the last one with outcomes, which follow as rows.

    cursor_from, cursor_to: raw rows of the data set; counts: (reason code, how many); digest: rolling SHA-256 over one code byte an
    instrument and slot; equity and high_water_mark at the last slot; anchors: equity at the start of (day, week, month).
    """

    IS_INPUT: ClassVar[bool] = True
    dataset_id: str
    cursor_from: int
    cursor_to: int
    slot_first_ns: int
    slot_last_ns: int
    scans: int
    counts: tuple[tuple[str, int], ...]
    digest: str
    equity: Decimal
    high_water_mark: Decimal
    anchors: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsRejected(Event):
    """A run of raw rows that the quality gate refused, with the reasons; see bars.RefusedRows."""

    IS_INPUT: ClassVar[bool] = True
    symbol: str
    reasons: tuple[str, ...]
    first_row: int
    last_row: int
    count: int
    first_time_ns: int | None
    last_time_ns: int | None
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTaken(Event):
    """The folded state as a blob: a cache that `journal verify` can check against a full fold."""

    blob: str
    dataset_cursor: int
    inputs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed(Event):
    """A deadline of the engine was reached; the row's time is the deadline."""

    IS_INPUT: ClassVar[bool] = True
    due_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAnomaly(Event):
    """The machine's clocks disagree or stepped. The wall clock may step back only right after this row."""

    IS_INPUT: ClassVar[bool] = True
    kind: str
    wall_jump_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded(Event):
    """Something works less well than configured, and how."""

    IS_INPUT: ClassVar[bool] = True
    component: str
    detail: str


# --- the machine ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitioned(Event):
    """The state machine moved."""

    trigger: str
    source: str
    target: str
    reason: str


# --- decisions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalEmitted(Event):
    """A candidate became a signal: the bar, the features, the evidence and the blend that led to it.

    decision: number within the journal; bar: (open, high, low, close, volume); features: (name, value); weights: (source, weight,
    score) of everything blended; blended: the weighted score; window: hash of the last bars seen.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionAsked(Event):
    """A desk was asked about an instrument; the machine rests in `signalling` until the deadline."""

    symbol: str
    desk: str
    deadline_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionReceived(Event):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAssessed(Event):
    """The gate's verdict on one signal: every rule with its numbers, and the sizing arithmetic in order."""

    decision: int
    symbol: str
    allowed: bool
    reason: str
    quantity: Decimal
    sizing: tuple[tuple[str, str], ...]
    rules: tuple[RuleVerdict, ...]
    limits_hash: str
    intent_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitDecided(Event):
    """A position shall be closed; the reason says who wants it (signal, close_all, panic, limit)."""

    decision: int
    symbol: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionObliged(Event):
    """A position must have a live protective stop at the venue by due_ns."""

    symbol: str
    stop_price: Decimal
    quantity: Decimal
    due_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionReleased(Event):
    """The obligation ended: the position is flat."""

    symbol: str


# --- orders ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIntended(Event):
    """An approved order, durable before it may leave. decision: the signal or exit it belongs to; price_ns: the time of
    the price it was decided on."""

    client_id: str
    number: int
    decision: int
    symbol: str
    side: Side
    type: OrderType
    purpose: Purpose
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    risk_stop_price: Decimal | None
    time_in_force: TimeInForce
    reason: str
    reference_price: Decimal
    price_ns: int
    limits_hash: str
    intent_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAttempted(Event):
    """The gateway's last checks passed and the order is about to be sent by this run, once."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRefused(Event):
    """The gateway refused to send; the order has certainly not left. check names the one that refused."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    check: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted(Event):
    """The venue returned its id together with ours."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    venue_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRejected(Event):
    """A definite answer from the venue's allow-list: the order is not there and never will be."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUnknown(Event):
    """Nobody knows whether the order reached the market; its risk is reserved as if filled."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQueried(Event):
    """The venue was asked about one order by our id. report is None when it does not know the order; failed when it did not answer;
    positions and fill_cursor are what it said of the account in the same breath, None when that failed."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    attempt: int
    failed: str
    report: OrderReport | None
    positions: tuple[PositionReport, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResolved(Event):
    """An unknown order's fate, by evidence: working, or a terminal status such as not_at_venue."""

    client_id: str
    status: OrderStatus
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled(Event):
    """One execution. Keyed by (venue, account, client order id, fill id); a second one with the same key changes nothing."""

    IS_INPUT: ClassVar[bool] = True
    venue: str
    account: str
    cursor: int
    fill: Fill


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelIntended(Event):
    """An order shall be cancelled; its exposure stays reserved until the venue confirms."""

    client_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAnswered(Event):
    """What came of a cancel request: cancelled, already_filled, not_found or unknown."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    answer: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEnded(Event):
    """The venue says that an order ended without (further) fills: cancelled, expired or rejected after acceptance."""

    IS_INPUT: ClassVar[bool] = True
    client_id: str
    status: OrderStatus
    filled: Decimal
    text: str
    cursor: int


# --- the account and its limits -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileReported(Event):
    """What the venue says of the whole account, or why it could not be asked. Knowledge only: it sends no orders."""

    IS_INPUT: ClassVar[bool] = True
    venue: str
    failed: str
    cash: Decimal | None
    positions: tuple[PositionReport, ...]
    orders: tuple[OrderReport, ...]
    fill_cursor: int
    foreign: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionMismatched(Event):
    """Ours and the venue's position differ when all is quiet: the instrument is halted until a human decides."""

    symbol: str
    ours: Decimal
    theirs: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionAdjusted(Event):
    """A human accepted the venue's position as true (an external trade)."""

    symbol: str
    quantity: Decimal
    price: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMoved(Event):
    """A deposit (positive) or withdrawal (negative); limits and high-water mark are shifted by it."""

    IS_INPUT: ClassVar[bool] = True
    request_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitTripped(Event):
    """A loss or drawdown limit was reached; period_end_ns: when its period ends."""

    limit: str
    value: Decimal
    threshold: Decimal
    period_end_ns: int
    latch_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownRebased(Event):
    """The high-water mark was lowered on resuming after a drawdown halt."""

    old: Decimal
    new: Decimal
    by: str
    reason: str


# --- stop and control -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReceived(Event):
    """A human or a policy asked for something; request_id makes it idempotent. arguments: (name, text)."""

    IS_INPUT: ClassVar[bool] = True
    request_id: str
    verb: str
    actor: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLatched(Event):
    """A stop is in force: level is reduce_only or kill; latch_id is also the latch file's name behind its level."""

    level: str
    latch_id: str
    reason: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchFound(Event):
    """A latch file that the journal did not know: somebody stopped us without the engine."""

    IS_INPUT: ClassVar[bool] = True
    level: str
    latch_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """Exactly these stops were lifted, by whom and why."""

    latch_ids: tuple[str, ...]
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Event):
    """A command was not carried out, and why."""

    request_id: str
    verb: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalActed(Event):
    """Something that happened without the engine (a panic's cancels and closes), adopted from its spool."""

    IS_INPUT: ClassVar[bool] = True
    actor: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRestored(Event):
    """The journal was replaced by a backup on purpose; old_seq, old_hash: the head that was given up."""

    IS_INPUT: ClassVar[bool] = True
    reason: str
    old_seq: int
    old_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRekeyed(Event):
    """The head's key was replaced on purpose."""

    IS_INPUT: ClassVar[bool] = True
    reason: str


EVENT_TYPES: tuple[type[Event], ...] = tuple(
    kind
    for kind in tuple(globals().values())
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
)
EVENT_BY_KIND: dict[str, type[Event]] = {kind.__name__: kind for kind in EVENT_TYPES}
