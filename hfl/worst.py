"""The losses of a journal at every mark against the limits that held then, and every trip.

Rows and bars are folded as recovery folds them; nothing is decided and nothing is written.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from hfl.progress import Progress
from hfl.reading import RunSegment, Standpoint
from hfl.resume import Opened, id_of, rows_after
from hfl_core.domain import events as ev
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.money import money_units
from hfl_core.domain.orders import Purpose
from hfl_core.domain.values import Record
from hfl_core.domain.verdicts import Outcome
from hfl_core.engine.core import Core
from hfl_core.engine.decider import Decider
from hfl_core.engine.exposure import exposures
from hfl_core.engine.periods import PERIODS
from hfl_core.engine.stopping import DRAWDOWN, PERIOD_LIMITS
from hfl_core.engine.table import HALTED
from hfl_core.ports import JournalRow
from hfl_core.risk.breakers import loss as rapid_loss
from hfl_core.risk.context import share
from hfl_core.runtime.recovery import Folder

LIMITS = (*PERIOD_LIMITS, DRAWDOWN, rapid_loss.NAME)


class Loss(Record, frozen=True, kw_only=True):
    """A loss against one limit at one mark. loss, base, allowed: money units."""

    time_ns: int
    loss: int
    base: int
    allowed: int

    @property
    def used(self) -> float:
        """Return the used share of what is allowed."""
        return self.loss / self.allowed if self.allowed > 0 else float(self.loss > 0)


@dataclass(slots=True, kw_only=True)
class LimitTrip:
    """A limit that fired, and what came of it. Money units.

    base: what the loss counts from; value: the loss that tripped it, at the close of one bar;
    before: the loss from the same base at the mark before; open_risk: what was left to the stops of
    everything held and on its way then; worst: the largest loss from the base until it ended.
    """

    seq: int
    time_ns: int
    limit: str
    latch_id: str
    period_end_ns: int
    base: int
    value: int
    allowed: int
    before: int
    open_risk: int
    worst: int
    worst_ns: int
    ended_ns: int = 0
    ended_by: str = ""
    ended_why: str = ""

    @property
    def overshoot(self) -> int:
        """Return how far the bar that tripped it went beyond: nobody could act inside it."""
        return self.value - self.allowed

    @property
    def to_stops(self) -> int:
        """Return what was lost after the trip on the way to the stops of what was held."""
        return min(self.worst - self.value, self.open_risk)

    @property
    def past_stops(self) -> int:
        """Return what was lost after the trip beyond the stops: gaps, slippage, fees."""
        return self.worst - self.value - self.to_stops


@dataclass(slots=True, kw_only=True)
class BreakerTrip:
    """A circuit breaker that fired. symbol: empty for the account; numbers as recorded texts."""

    seq: int
    time_ns: int
    breaker: str
    symbol: str
    action: str
    value: str
    limit: str
    reason: str
    ended_ns: int = 0
    ended_why: str = ""


@dataclass(slots=True, kw_only=True)
class Watched:
    """What was found. marks: slots looked at; stopped: those with a stop in force or halted."""

    first_ns: int = 0
    last_ns: int = 0
    marks: int = 0
    stopped: int = 0
    entries: int = 0
    entries_stopped: int = 0
    assessed: int = 0
    approved: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    profiles: list[str] = field(default_factory=list)
    worst: dict[str, Loss] = field(default_factory=dict)
    limits: list[LimitTrip] = field(default_factory=list)
    breakers: list[BreakerTrip] = field(default_factory=list)
    untripped: dict[str, Loss] = field(default_factory=dict)


class Watcher:
    """Looks at one engine while rows are folded into it."""

    def __init__(self, core: Core, found: Watched) -> None:
        self.core = core
        self.found = found
        self._equity_before = self._equity = core.decider.equity

    # --- marks ------------------------------------------------------------------------------------

    def at_slot(self) -> None:
        """Look at a slot of a data set that was folded."""
        ended = self.core.decider.ended
        self.at_mark(list(ended))
        ended.clear()

    def at_mark(self, ended: list[tuple[int, int]], *, is_scan: bool = True) -> None:
        """Look at a slot that was folded, or a late bar.

        ended: (period, base) of periods over at its close.
        """
        core, found, decider = self.core, self.found, self.core.decider
        found.first_ns = found.first_ns or decider.time_ns
        found.last_ns = decider.time_ns
        if is_scan:
            found.marks += 1
            found.stopped += bool(core.book.latches) or core.book.state == HALTED
        self._equity_before, self._equity = self._equity, decider.equity
        for name, base in _bases(decider, ended):
            fraction = _fraction(core.limits, name)
            loss = Loss(
                time_ns=decider.time_ns,
                loss=max(0, base - decider.equity),
                base=base,
                allowed=share(base, fraction),
            )
            if name not in found.worst or loss.used > found.worst[name].used:
                found.worst[name] = loss
        for trip in found.limits:
            is_inside = trip.limit == DRAWDOWN or decider.time_ns <= trip.period_end_ns
            if not trip.ended_ns and is_inside and trip.base - decider.equity > trip.worst:
                trip.worst, trip.worst_ns = trip.base - decider.equity, decider.time_ns

    # --- rows -------------------------------------------------------------------------------------

    def at_row(self, row: JournalRow) -> None:
        """Look at a row that was folded."""
        event, found = row.event, self.found
        if isinstance(event, ev.ScansCoalesced):
            found.codes.update(dict(event.counts))
        elif isinstance(event, ev.RiskAssessed):
            found.assessed += 1
            found.approved += event.allowed
            found.refusals.update(v.rule for v in event.rules if v.outcome is Outcome.REFUSE)
        elif isinstance(event, ev.OrderIntended) and event.purpose is Purpose.ENTRY:
            found.entries += 1
            found.entries_stopped += bool(self.core.book.latches)
        elif isinstance(event, ev.CashMoved):
            for trip in found.limits:
                trip.base += 0 if trip.ended_ns else money_units(event.amount)
        elif isinstance(event, ev.RunStarted | ev.LimitsChanged):
            if self.core.limits.profile not in found.profiles:
                found.profiles.append(self.core.limits.profile)
        else:
            self._trips(row)

    def _trips(self, row: JournalRow) -> None:
        event, found = row.event, self.found
        if isinstance(event, ev.LimitTripped):
            found.limits.append(self._trip(event, row))
        elif isinstance(event, ev.Resumed):
            for trip in found.limits:
                if trip.latch_id in event.latch_ids and not trip.ended_ns:
                    trip.ended_ns, trip.ended_by = row.time_ns, event.actor
                    trip.ended_why = event.reason
        elif isinstance(event, ev.BreakerTripped):
            found.breakers.append(
                BreakerTrip(
                    seq=row.seq,
                    time_ns=row.time_ns,
                    breaker=event.breaker,
                    symbol=event.symbol,
                    action=event.action,
                    value=event.value,
                    limit=event.limit,
                    reason=event.reason,
                )
            )
        elif isinstance(event, ev.BreakerRearmed):
            for one in found.breakers:
                is_it = (one.breaker, one.symbol) == (event.breaker, event.symbol)
                if is_it and not one.ended_ns:
                    one.ended_ns, one.ended_why = row.time_ns, event.reason

    def _trip(self, event: ev.LimitTripped, row: JournalRow) -> LimitTrip:
        core = self.core
        value, equity = money_units(event.value), core.decider.equity
        return LimitTrip(
            seq=row.seq,
            time_ns=row.time_ns,
            limit=event.limit,
            latch_id=event.latch_id,
            period_end_ns=event.period_end_ns,
            base=value + equity,
            value=value,
            allowed=money_units(event.threshold),
            before=value + equity - self._equity_before,
            open_risk=sum(risk for _, _, risk in exposures(core).values()),
            worst=value,
            worst_ns=row.time_ns,
        )


def watch(standpoint: Standpoint, only: RunSegment | None, progress: Progress) -> Watched:
    """Fold every run, or only one, and look at every mark of it. Raises HflError.

    Runs of one plan and data set share a fold; another begins with all rows before it.
    """
    found = Watched()
    runs = [only] if only is not None else standpoint.segments
    for (plan_blob, dataset_id), group in groupby(runs, lambda run: _key(standpoint, run)):
        del plan_blob
        segments = list(group)
        _watch_group(standpoint, segments, dataset_id, found=found, progress=progress)
    found.untripped = {
        name: loss
        for name, loss in found.worst.items()
        if loss.loss >= loss.allowed > 0 and all(trip.limit != name for trip in found.limits)
    }
    return found


def _watch_group(
    standpoint: Standpoint,
    segments: list[RunSegment],
    dataset_id: str,
    *,
    found: Watched,
    progress: Progress,
) -> None:
    started = segments[0].started
    engine = standpoint.plan(started).engine()
    core, decider = engine.core, engine.core.decider
    folder = Folder(engine, standpoint.reader_of(started), dataset_id=dataset_id)
    watcher: Watcher | None = None
    for row in _rows(standpoint, end=segments[-1].next_seq):
        if watcher is None and row.seq >= segments[0].row.seq:
            watcher = Watcher(core, found)
            folder.on_slot = watcher.at_slot
        held = (list(decider.anchors), list(decider.period_ends), decider.equity)
        folder.fold_row(row)
        progress.at(row.seq)
        if watcher is not None:
            is_stream = isinstance(row.event, ev.ScansCoalesced) and row.cause_seq != 0
            is_late = isinstance(row.event, ev.BarClosed) and core.late is not None
            if is_stream or is_late:
                watcher.at_mark(_ended(decider, *held), is_scan=is_stream)
            watcher.at_row(row)


def _rows(standpoint: Standpoint, *, end: int) -> Iterator[JournalRow]:
    for row in rows_after(standpoint.reader, 0):
        if end and row.seq >= end:
            return
        yield row


def _key(standpoint: Standpoint, run: RunSegment) -> tuple[str, str]:
    kinds = ("DatasetOpened", "StreamOpened")
    row = next(standpoint.reader.rows_of(*kinds, after_seq=run.row.seq, limit=1), None)
    opened = None if row is None else row.event
    return run.started.plan_blob, id_of(opened) if isinstance(opened, Opened) else ""


def _ended(
    decider: Decider, anchors: list[int], ends: list[int], equity: int
) -> list[tuple[int, int]]:
    """Return the periods that ended with the close just folded, with their bases until then.

    anchors, ends, equity: of right before it; as the decider itself tells them of a data set.
    """
    found = []
    for number, (period, end_ns) in enumerate(zip(PERIODS, ends, strict=True)):
        is_over = end_ns and decider.time_ns >= end_ns
        if is_over and decider.boundaries(period, decider.time_ns - 1) == decider.time_ns:
            found.append((number, anchors[number] if decider.time_ns == end_ns else equity))
    return found


def _bases(decider: Decider, ended: list[tuple[int, int]]) -> Iterator[tuple[str, int]]:
    """Yield every limit with what its loss counts from; a period that just ended counts, too."""
    for number, base in ended:
        yield PERIOD_LIMITS[number], base
    for number, name in enumerate(PERIOD_LIMITS):
        yield name, decider.anchors[number]
    yield DRAWDOWN, decider.high_water_mark
    if decider.watch.window_ns:
        yield rapid_loss.NAME, decider.watch.peak


def _fraction(limits: RiskLimits, name: str) -> Decimal:
    fraction: Decimal = getattr(limits, f"{name}_fraction_max")
    return fraction
