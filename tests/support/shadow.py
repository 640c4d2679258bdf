"""A second opinion: what the journal's events add up to, computed without the engine's book.

Knows nothing of the engine. Invariants compare it with the book and with the venue.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.orders import TERMINAL, OrderStatus, Purpose
from hfl_core.ports import JournalRow
from tests.support.bars import ListFeed

ZERO: Final = Decimal(0)


@dataclass(slots=True, kw_only=True)
class ShadowOrder:
    """One intent and what became of it."""

    intent: ev.OrderIntended
    intended_ns: int
    filled: Decimal = ZERO
    sends: int = 0
    unknown_ns: int = 0
    was_unknown: bool = False
    ended: str = ""

    @property
    def remaining(self) -> Decimal:
        """Return what may still fill."""
        return self.intent.quantity - self.filled


class Shadow:
    """Sums and sets over events; `apply` takes them in the journal's order."""

    def __init__(self, feed: ListFeed) -> None:
        self.feed = feed
        self.instruments = {each.symbol: each for each in feed.instruments}
        self.orders: dict[str, ShadowOrder] = {}
        self.open: dict[str, ShadowOrder] = {}
        self.fills: set[tuple[str, str]] = set()
        self.positions: dict[str, Decimal] = {}
        self.marks: dict[str, Decimal] = {}
        self.cash = ZERO
        self.is_adjusted = False
        self.signals: dict[int, ev.SignalEmitted] = {}
        self.verdicts: dict[int, ev.RiskAssessed] = {}
        self.entries: dict[int, str] = {}
        self.stops: dict[str, str] = {}
        self.limits: dict[str, ev.LimitTripped] = {}
        self.high_water_mark = self.mark_before = self.rebased = ZERO
        self.anchors: dict[str, Decimal] = {}
        self.slot_ns = 0
        self.digest = ""
        self.state = ""
        self.run_id = ""
        self.time_ns = 0
        self.cash_asked: dict[str, Decimal] = {}

    def apply_rows(self, rows: Iterable[JournalRow]) -> None:
        """Take committed rows in: after a crash."""
        for row in rows:
            self.apply(row.event, row.time_ns)

    def apply(self, event: ev.Event, time_ns: int) -> None:  # noqa: C901, PLR0912 - one case a kind
        """Take one event in."""
        self.time_ns = time_ns
        match event:
            case ev.RunStarted():
                self.run_id = event.run_id
            case ev.Transitioned():
                self.state = event.target
            case ev.AccountOpened():
                self.cash = self.high_water_mark = event.cash
                self.anchors = {}
            case ev.ScansCoalesced():
                self._scans(event)
            case ev.SignalEmitted():
                self.signals[event.decision] = event
            case ev.RiskAssessed():
                self.verdicts[event.decision] = event
            case ev.Filled():
                self._fill(event)
            case ev.CashMoved():
                self.cash += event.amount
                self.high_water_mark += event.amount
                self.anchors = {name: old + event.amount for name, old in self.anchors.items()}
            case ev.PositionAdjusted():
                self._adjust(event)
            case ev.DrawdownRebased():
                self.high_water_mark = self.rebased = event.new
            case ev.LimitTripped():
                self.limits[event.latch_id] = event
                self.stops[event.latch_id] = "reduce_only"
            case ev.StopLatched() | ev.LatchFound():
                self.stops[event.latch_id] = event.level
            case ev.Resumed():
                for latch_id in event.latch_ids:
                    self.stops.pop(latch_id, None)
                    self.limits.pop(latch_id, None)
            case _:
                self._order_event(event, time_ns)

    @property
    def level(self) -> str:
        """Return the strictest stop in force."""
        return max(self.stops.values(), key=("reduce_only", "kill").index, default="")

    @property
    def equity(self) -> Decimal:
        """Return cash and positions at the last marks."""
        value = sum((held * self.marks[name] for name, held in self.positions.items()), ZERO)
        return self.cash + value

    def take_marks(self, event: ev.ScansCoalesced) -> None:
        """Take the closes of every slot of a group as marks, in order."""
        names = list(self.instruments)
        for slot in self.feed.slots_between(event.slot_first_ns, event.slot_last_ns):
            for row in slot.bars:
                name = names[row.index]
                self.marks[name] = row.close * self.instruments[name].tick

    def _scans(self, event: ev.ScansCoalesced) -> None:
        self.take_marks(event)
        self.slot_ns = event.slot_last_ns
        self.mark_before, self.high_water_mark = self.high_water_mark, event.high_water_mark
        self.anchors = dict(event.anchors)
        self.digest = event.digest

    def _order_event(self, event: ev.Event, time_ns: int) -> None:
        if isinstance(event, ev.OrderIntended):
            order = ShadowOrder(intent=event, intended_ns=time_ns)
            self.orders[event.client_id] = self.open[event.client_id] = order
            if event.purpose is Purpose.ENTRY:
                self.entries[event.decision] = event.client_id
            return
        client_id = getattr(event, "client_id", "")
        known = self.orders.get(client_id)
        if known is None:
            return
        if isinstance(event, ev.SendAttempted):
            known.sends += 1
        elif isinstance(event, ev.OrderUnknown) and not known.ended:
            known.unknown_ns = known.unknown_ns or time_ns
            known.was_unknown = True
        else:
            self._ending(client_id, known, event)

    def _ending(self, client_id: str, order: ShadowOrder, event: ev.Event) -> None:
        if isinstance(event, ev.SendRefused):
            ended = OrderStatus.REFUSED.value
        elif isinstance(event, ev.OrderRejected):
            ended = OrderStatus.REJECTED.value
        elif isinstance(event, ev.CancelAnswered) and event.answer == "cancelled":
            ended = OrderStatus.CANCELLED.value
        elif isinstance(event, ev.OrderEnded) and event.filled <= order.filled:
            ended = event.status.value
        elif isinstance(event, ev.OrderResolved):
            ended = event.status.value if event.status.value in TERMINAL else ""
            order.unknown_ns = 0
        else:
            return
        if ended and not order.ended:
            order.ended = ended
            order.unknown_ns = 0
            self.open.pop(client_id, None)

    def _fill(self, event: ev.Filled) -> None:
        fill = event.fill
        key = (fill.client_id, fill.fill_id)
        order = self.orders.get(fill.client_id)
        if order is None or key in self.fills:
            return
        self.fills.add(key)
        order.filled += fill.quantity
        if order.filled >= order.intent.quantity and not order.ended:
            order.ended = OrderStatus.FILLED.value
            order.unknown_ns = 0
            self.open.pop(fill.client_id, None)
        signed = fill.quantity * fill.side.sign
        self.cash -= signed * fill.price + fill.fee
        self._hold(fill.symbol, self.positions.get(fill.symbol, ZERO) + signed)
        self.marks.setdefault(fill.symbol, fill.price)

    def _adjust(self, event: ev.PositionAdjusted) -> None:
        held = self.positions.get(event.symbol, ZERO)
        self.cash -= (event.quantity - held) * event.price
        self.is_adjusted = True
        self._hold(event.symbol, event.quantity)

    def _hold(self, symbol: str, quantity: Decimal) -> None:
        if quantity:
            self.positions[symbol] = quantity
        else:
            self.positions.pop(symbol, None)
