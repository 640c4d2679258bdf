"""The engine's state and the few ways it may change.

Emit an event, fire a trigger, intend an order, set a timer.

Pure: no I/O, clock, randomness or await. Knows nothing of why; scanning.py, ordering.py and
stopping.py decide, step.py dispatches. Whatever is emitted is applied to the book at once, so later
decisions of the same step see it.
"""

import heapq
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.domain.effects import Effect, SubmitOrder
from hfl_core.domain.ids import client_order_id
from hfl_core.domain.limit_changes import limits_from_text, limits_text
from hfl_core.domain.money import money_units
from hfl_core.domain.opinions import Candidate, Evidence
from hfl_core.domain.orders import OrderIntent
from hfl_core.domain.reasons import CORE_CODES, code_table
from hfl_core.domain.verdicts import ApprovedOrder, RiskVerdict, intent_bytes
from hfl_core.engine.book import Book
from hfl_core.engine.decider import Decider, FeatureMaker, Lane, make_lane
from hfl_core.engine.gathering import Gathering, OpenSlot, row_of
from hfl_core.engine.periods import boundaries_in
from hfl_core.engine.settings import EngineSettings
from hfl_core.engine.table import HALTED, IDLE, TABLE, target_of
from hfl_core.engine.watching import MarketWatch
from hfl_core.risk.correlation import Correlations
from hfl_core.risk.gate import ORDER_SIZE
from hfl_core.strategies.base import View

NEVER_NS: Final = 1 << 62
CODE: Final = {code: number for number, code in enumerate(CORE_CODES)}

QUERY_TIMER: Final = "query"
OPINION_TIMER: Final = "opinion"
RECONCILE_TIMER: Final = "reconcile"
PROTECTION_TIMER: Final = "protection"
RETRY_TIMER: Final = "retry"
CASH_TIMER: Final = "cash"
LIMITS_TIMER: Final = "limits"
UNKNOWN_TIMER: Final = "unknown"
SCAN_TIMER: Final = "scan"

# After these, cash or positions may differ: equity is taken afresh from the book.
_MONEY_EVENTS: Final = frozenset({ev.Filled, ev.CashMoved, ev.PositionAdjusted, ev.AccountOpened})

# After these, a breaker may have to trip or re-arm.
_PACE_EVENTS: Final = frozenset(
    {ev.BreakerTripped, ev.BreakerRearmed, ev.OrderRejected, ev.OrderAccepted}
)
_OPENINGS: Final = frozenset({ev.DatasetOpened, ev.StreamOpened})

# Every move without a reason of its own, made once: events never change.
_MOVES: Final = {
    (source, trigger): ev.Transitioned(trigger=trigger, source=source, target=target, reason="")
    for source, row in TABLE.items()
    for trigger, target in row.items()
}


class StepResult(NamedTuple):
    """What one input led to.

    Events in order (transitions among them), and effects to carry out once they are durable.
    """

    events: list[ev.Event]
    transitions: list[ev.Transitioned]
    effects: list[Effect]


@dataclass(slots=True, kw_only=True)
class Awaited:
    """A candidate whose opinions are not in yet."""

    lane: Lane
    view: View
    candidate: Candidate
    evidence: Evidence
    decision: int
    deadline_ns: int
    desks: tuple[str, ...]
    opinions: dict[str, ev.OpinionReceived]


class Core:
    """The state that `step` owns and changes in place."""

    __slots__ = (
        "anchor",
        "awaited",
        "book",
        "codes",
        "codes_of_scan",
        "correlations",
        "decider",
        "effects",
        "events",
        "floor",
        "floor_mark",
        "gathering",
        "group_cursor",
        "group_first_ns",
        "group_from",
        "group_scans",
        "lanes",
        "late",
        "limits",
        "limits_hash",
        "outcomes",
        "settings",
        "time_ns",
        "timers",
        "transitions",
        "vetoes",
        "waited_ns",
    )

    def __init__(self, settings: EngineSettings, make: FeatureMaker) -> None:
        self.settings = settings
        self.book = Book()
        lanes = tuple(
            make_lane(number, watch.instrument, watch.strategy, name=watch.strategy_name, make=make)
            for number, watch in enumerate(settings.watches)
        )
        watch = MarketWatch([lane.instrument for lane in lanes], settings.limits)
        for lane, market in zip(lanes, watch.markets, strict=False):
            lane.market_regime = market.regime
        self.decider = Decider(lanes=lanes, boundaries=boundaries_in(settings.zone), watch=watch)
        # Computed once a day: a cache, no state.
        self.correlations: dict[tuple[object, ...], Correlations] = {}
        self.lanes: dict[str, Lane] = {lane.instrument.symbol: lane for lane in lanes}
        self.codes = code_table((*(rule.name for rule in settings.rules), ORDER_SIZE))
        self.limits = settings.limits
        self.limits_hash = settings.limits_hash
        self.time_ns = 0
        self.anchor = bytes(32)
        self.outcomes = bytearray()
        self.gathering = Gathering(instruments=len(lanes), grace_ns=settings.scan_grace_ns)
        # Of the step under way only: whether a late bar began a period, and a scan's codes.
        self.late: bool | None = None
        # How long after its close the slot of a stream that was scanned last was over.
        self.waited_ns = 0
        self.codes_of_scan = b""
        self.group_from = 0
        self.group_cursor = 0
        self.group_first_ns = 0
        self.group_scans = 0
        self.floor = -NEVER_NS
        self.floor_mark = -1
        self.timers: list[tuple[int, str, str]] = []
        self.vetoes: dict[str, str] = {}
        self.awaited: dict[str, Awaited] = {}
        self.events: list[ev.Event] = []
        self.transitions: list[ev.Transitioned] = []
        self.effects: list[Effect] = []

    def note_scans(self, scans: int, slot: Slot, *, first_ns: int) -> None:
        """Count scans, the last of them this slot's, into the open group."""
        self.time_ns = slot[0]
        if not self.group_scans:
            self.group_first_ns = first_ns
            self.group_from = self.book.cursor
        self.group_scans += scans
        self.group_cursor = slot[2]

    # --- one step's draft -------------------------------------------------------------------------

    def take_result(self) -> StepResult:
        """Hand the step's draft over and begin the next one."""
        result = StepResult(self.events, self.transitions, self.effects)
        self.events, self.transitions, self.effects = [], [], []
        return result

    def fold_event(self, event: ev.Event, time_ns: int) -> None:
        """Apply one event to the book and carry money changes over to the decider.

        Recovery and replay use this too.
        """
        if type(event) in _OPENINGS:
            self._forget_other_stream(event)
        self.book.apply(event, time_ns)
        if type(event) in _MONEY_EVENTS:
            if isinstance(event, ev.CashMoved):
                self.decider.shift(event.amount)
            elif isinstance(event, ev.AccountOpened):
                self.decider.open_account(event.cash)
            self.decider.refresh(self.book)
            self.floor_mark = -1
        elif isinstance(event, ev.DrawdownRebased):
            self.decider.high_water_mark = money_units(event.new)
            self.floor_mark = -1
        elif isinstance(event, ev.LimitTripped | ev.Resumed):
            self.floor_mark = -1
            if isinstance(event, ev.Resumed):
                self.decider.watch.forget_peaks()
        elif type(event) in _PACE_EVENTS:
            self.decider.watch.is_watching = self.book.pace.needs_watching
        elif isinstance(event, ev.LimitsChanged):
            self.adopt_limits()
        else:
            self._carry_bars(event)

    def _carry_bars(self, event: ev.Event) -> None:
        """Take a stream's bars over to the decider."""
        if isinstance(event, ev.BarClosed):
            self._take_bar(event)
        elif isinstance(event, ev.ScansCoalesced) and self.gathering.open:
            # Recovery: the scan's row is where the slot was folded. In a step it is folded by now.
            scanned = self.gathering.open.get(event.slot_last_ns)
            if scanned is not None:
                self.fold_open_slot(scanned)
        if isinstance(event, ev.ScansCoalesced):
            self.decider.ended.clear()

    def adopt_limits(self) -> None:
        """Let the book's limits bind from here on; a limit it does not know is the settings'."""
        if not self.book.limits:
            return
        texts = {**limits_text(self.settings.limits), **self.book.limits}
        with suppress(ValueError):
            # What another version recorded may not fit today's: the start that follows says so.
            self.limits = limits_from_text(texts)
            self.limits_hash = self.book.limits_hash
        self.decider.watch.set_limits(self.limits)
        self.decider.boundaries = boundaries_in(self.settings.zone_of(self.limits.period_zone))
        self.floor_mark = -1

    def _forget_other_stream(self, event: ev.Event) -> None:
        """Drop what waits of a source that is left for another one."""
        name = event.stream_id if isinstance(event, ev.StreamOpened) else ""
        if name != self.book.dataset_id:
            self.gathering.open.clear()

    def _take_bar(self, event: ev.BarClosed) -> None:
        """Keep a bar for its slot's scan, or fold it at once when that is over."""
        self.late = None
        lane = self.lanes[event.symbol]
        bar = row_of(event, lane.index, lane.instrument)
        close_ns, now_ns = event.close_ns, max(self.time_ns, event.close_ns)
        if self.gathering.is_late(close_ns, now_ns=now_ns, scanned_ns=self.book.slot_ns):
            self.late = self.decider.fold_late(bar, close_ns)
            return
        state = self.book.state
        skipped = "" if state == IDLE else "HALTED" if state == HALTED else "SKIPPED_BUSY"
        self.gathering.keep(bar, close_ns, skipped=skipped)

    def fold_open_slot(self, open_slot: OpenSlot) -> bool:
        """Fold a gathered slot into the decider; return whether a period began."""
        del self.gathering.open[open_slot.time_ns]
        return self.decider.fold(open_slot.as_slot(self.book.cursor))

    def emit(self, event: ev.Event) -> None:
        """Add an event to the draft and apply it."""
        self.events.append(event)
        self.fold_event(event, self.time_ns)

    def go(self, trigger: str, reason: str = "") -> None:
        """Fire a trigger. Raises IllegalTransitionError when the table does not have it."""
        source = self.book.state
        event = None if reason else _MOVES.get((source, trigger))
        if event is None:
            target = target_of(source, trigger)
            event = ev.Transitioned(trigger=trigger, source=source, target=target, reason=reason)
        self.transitions.append(event)
        self.emit(event)

    # --- orders -----------------------------------------------------------------------------------

    def intend(
        self,
        intent: OrderIntent,
        verdict: RiskVerdict,
        *,
        decision: int,
        reference_price: Decimal,
        price_ns: int,
    ) -> str:
        """Make an approved intent durable-to-be and its sending an effect; return its client id."""
        number = self.book.numbers + 1
        client_id = client_order_id(
            mode=self.settings.mode,
            journal_id=self.settings.journal_id,
            number=number,
            anchor=self.anchor,
            intent=intent_bytes(intent),
        )
        order = ApprovedOrder(client_id=client_id, intent=intent, verdict=verdict)
        self.emit(
            ev.OrderIntended(
                client_id=client_id,
                number=number,
                decision=decision,
                symbol=intent.symbol,
                side=intent.side,
                type=intent.type,
                purpose=intent.purpose,
                quantity=intent.quantity,
                limit_price=intent.limit_price,
                stop_price=intent.stop_price,
                risk_stop_price=intent.risk_stop_price,
                time_in_force=intent.time_in_force,
                reason=intent.reason,
                reference_price=reference_price,
                price_ns=price_ns,
                limits_hash=verdict.limits_hash,
                intent_hash=verdict.intent_hash,
            )
        )
        self.effects.append(SubmitOrder(order=order, intended_ns=self.time_ns, price_ns=price_ns))
        return client_id

    # --- time -------------------------------------------------------------------------------------

    def set_timer(self, due_ns: int, kind: str, key: str) -> None:
        """Ask to be stepped with TimePassed at due_ns."""
        heapq.heappush(self.timers, (due_ns, kind, key))

    def drop_timer(self, timer: tuple[int, str, str]) -> None:
        """Forget a timer that was set."""
        self.timers.remove(timer)
        heapq.heapify(self.timers)

    def next_due_ns(self) -> int:
        """Return when the next timer is due, NEVER_NS when there is none."""
        return self.timers[0][0] if self.timers else NEVER_NS
