"""What the screen keeps of the rows beside the book: stops with their rows, sends, bars, desks.

Bounded, and built up again from the rows in front of where the fold begins.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeVar

from hfl_core.domain import events as ev
from hfl_core.domain.orders import Purpose
from hfl_core.engine.book_records import OrderRecord
from hfl_core.ports import JournalRow

V = TypeVar("V")
KEPT_MAX: Final = 256
ARRIVALS_KEPT: Final = 8
# Half of the time that a desk has is long.
SLOW: Final = Decimal("0.5")
DESK: Final = "desk "
ANSWERED: Final = "ok"
SLOW_WORD: Final = "slow"
FALLBACK: Final = "FALLBACK"
SILENT: Final = "NO ANSWER"
WAITED_FOR: Final = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskShown:
    """The newest question to one desk and what came of it.

    state: ok, slow, FALLBACK, NO ANSWER or asked; took_ns: on the machine's clock; deadline_ns: how
    long it had, in engine time.
    """

    desk: str
    symbol: str
    state: str
    asked_wall_ns: int
    time_ns: int
    deadline_ns: int
    took_ns: int = 0
    source: str = ""
    version: str = ""
    score: str = ""
    confidence: str = ""
    detail: str = ""

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing about it needs a look."""
        return self.state in {ANSWERED, WAITED_FOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSeen:
    """The newest bar of one instrument of a stream: what it closed at, and when it reached us.

    arrivals: when it and those before it did, on the machine's clock.
    """

    close: Decimal
    close_ns: int
    arrivals: tuple[int, ...]

    @property
    def wall_ns(self) -> int:
        """Return when it reached us."""
        return self.arrivals[-1]

    @property
    def step_ns(self) -> int:
        """Return how long it usually takes until the next one, 0 while nobody can tell."""
        return usual_gap(list(self.arrivals))


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchRow:
    """The row that put a stop in force; value, threshold: of a limit's, in money."""

    seq: int
    wall_ns: int
    value: Decimal | None = None
    threshold: Decimal | None = None


class Watched:
    """Watches rows go by."""

    def __init__(self) -> None:
        self.latches: OrderedDict[str, LatchRow] = OrderedDict()
        self.bars: dict[str, BarSeen] = {}
        self.desks: dict[str, DeskShown] = {}
        # client id -> when the venue's call began, of orders that the venue took or may have.
        self.entries: OrderedDict[str, int] = OrderedDict()
        self.reducing: OrderedDict[str, int] = OrderedDict()
        self._sent: OrderedDict[str, int] = OrderedDict()

    def watch(self, row: JournalRow, orders: Mapping[str, OrderRecord]) -> None:
        """Take one row; orders: those the book knows behind it."""
        event = row.event
        if isinstance(event, ev.BarClosed):
            known = self.bars.get(event.symbol)
            earlier = () if known is None else known.arrivals[-ARRIVALS_KEPT:]
            self.bars[event.symbol] = BarSeen(
                close=event.close, close_ns=event.close_ns, arrivals=(*earlier, row.wall_ns)
            )
        elif isinstance(event, ev.SendAttempted):
            _keep(self._sent, event.client_id, row.wall_ns)
        elif isinstance(event, ev.OrderAccepted | ev.OrderUnknown):
            order = orders.get(event.client_id)
            if order is not None:
                # A call that began before a stop may be answered behind it.
                began_ns = self._sent.get(event.client_id, row.wall_ns)
                is_entry = order.purpose is Purpose.ENTRY
                _keep(self.entries if is_entry else self.reducing, event.client_id, began_ns)
        elif isinstance(event, ev.StopLatched | ev.LatchFound | ev.LimitTripped):
            self._watch_stop(row, event)
        elif isinstance(event, ev.RunStarted):
            self.desks, self.bars = {}, {}
        else:
            self._watch_desks(row)

    def _watch_stop(
        self, row: JournalRow, event: ev.StopLatched | ev.LatchFound | ev.LimitTripped
    ) -> None:
        known = self.latches.get(event.latch_id)
        if isinstance(event, ev.LimitTripped):
            found = LatchRow(
                seq=row.seq, wall_ns=row.wall_ns, value=event.value, threshold=event.threshold
            )
            _keep(self.latches, event.latch_id, found)
        elif known is None:
            _keep(self.latches, event.latch_id, LatchRow(seq=row.seq, wall_ns=row.wall_ns))

    def _watch_desks(self, row: JournalRow) -> None:
        event = row.event
        if isinstance(event, ev.OpinionAsked):
            self.desks[event.desk] = DeskShown(
                desk=event.desk,
                symbol=event.symbol,
                state=WAITED_FOR,
                asked_wall_ns=row.wall_ns,
                time_ns=row.time_ns,
                deadline_ns=event.deadline_ns - row.time_ns,
            )
        elif isinstance(event, ev.OpinionReceived) and event.desk in self.desks:
            asked = self.desks[event.desk]
            took_ns = row.wall_ns - asked.asked_wall_ns
            is_slow = took_ns > asked.deadline_ns * SLOW
            state = FALLBACK if event.degraded else (SLOW_WORD if is_slow else ANSWERED)
            self.desks[event.desk] = DeskShown(
                desk=event.desk,
                symbol=event.symbol,
                state=state,
                asked_wall_ns=asked.asked_wall_ns,
                time_ns=row.time_ns,
                deadline_ns=asked.deadline_ns,
                took_ns=took_ns,
                source=event.source,
                version=event.version,
                score=event.score,
                confidence=event.confidence,
                detail=event.rationale,
            )
        elif isinstance(event, ev.Degraded) and event.component.startswith(DESK):
            name = event.component.removeprefix(DESK)
            asked_of = self.desks.get(name)
            if asked_of is not None:
                self.desks[name] = DeskShown(
                    desk=name,
                    symbol=asked_of.symbol,
                    state=SILENT,
                    asked_wall_ns=asked_of.asked_wall_ns,
                    time_ns=row.time_ns,
                    deadline_ns=asked_of.deadline_ns,
                    took_ns=row.wall_ns - asked_of.asked_wall_ns,
                    detail=event.detail,
                )


def usual_gap(moments: list[int]) -> int:
    """Return the middle one of the gaps between moments, 0 while there are too few to tell."""
    gaps = sorted(later - earlier for earlier, later in pairwise(moments))
    return gaps[len(gaps) // 2] if len(gaps) > 1 else 0


def _keep(kept: OrderedDict[str, V], key: str, value: V) -> None:
    kept[key] = value
    if len(kept) > KEPT_MAX:
        kept.popitem(last=False)
