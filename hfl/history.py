"""What a run came to, from its rows: decisions in order, counts, fills, money.

For comparing two of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from hfl.words import instant
from hfl_core.domain import events as ev
from hfl_core.domain.money import plain
from hfl_core.engine.book import Book
from hfl_core.engine.state import book_state, restore_book
from hfl_core.ports import JournalRow

ZERO = Decimal(0)
# What _intend_reduction gives as reason: obligations of an earlier decision, no decisions of
# their own.
REDUCTION = "reduce_only"

Key = tuple[int, str]


@dataclass(slots=True, kw_only=True)
class History:
    """One run or several in a row. decisions: (slot time, symbol) -> what was decided, in words."""

    decisions: dict[Key, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    orders: int = 0
    fills: int = 0
    trades: int = 0
    trips: int = 0
    scans: int = 0
    fees: Decimal = ZERO
    equity: Decimal = ZERO
    profit: Decimal = ZERO
    drawdown_max: Decimal = ZERO

    def record(self, fills: str) -> dict[str, object]:
        """Return the figures as plain values; fills: recorded or modelled."""
        return {
            "fills_are": fills,
            "scans": self.scans,
            "decisions": len(self.decisions),
            "orders": self.orders,
            "fills": self.fills,
            "trades": self.trades,
            "limit_trips": self.trips,
            "fees": plain(round(self.fees, 8)),
            "equity": plain(round(self.equity, 8)),
            "profit": plain(round(self.profit, 8)),
            "drawdown_fraction_max": plain(round(self.drawdown_max, 6)),
            "counts": dict(sorted(self.counts.items())),
        }


def history_of(rows: Iterable[JournalRow], base: Book | None = None) -> History:
    """Fold rows to what they came to; base: the book before the first of them, when it is one."""
    found = History()
    book, base = Book(), base or Book()
    restore_book(book, book_state(base))
    open_signals: dict[int, tuple[Key, str]] = {}
    for row in rows:
        event = row.event
        book.apply(event, row.time_ns)
        if isinstance(event, ev.ScansCoalesced):
            mark = event.high_water_mark
            if mark:
                found.drawdown_max = max(found.drawdown_max, (mark - event.equity) / mark)
        elif isinstance(event, ev.SignalEmitted):
            key = (event.slot_ns, event.symbol)
            stance = {1: "long", -1: "short", 0: "flat"}[event.direction]
            open_signals[event.decision] = key, f"{stance} ({event.setup})"
            found.decisions[key] = open_signals[event.decision][1]
        elif (
            isinstance(event, ev.RiskAssessed)
            and event.reason != REDUCTION
            and event.decision in open_signals
        ):
            key, stance = open_signals[event.decision]
            verdict = (
                f"enter {plain(event.quantity)}" if event.allowed else f"refused: {event.reason}"
            )
            found.decisions[key] = f"{stance}: {verdict}"
        elif isinstance(event, ev.ExitDecided):
            key, stance = open_signals.get(event.decision, ((row.time_ns, event.symbol), ""))
            found.decisions[key] = f"exit: {event.reason}"
    counts = {code: number - base.counts.get(code, 0) for code, number in book.counts.items()}
    found.counts = {code: number for code, number in counts.items() if number}
    found.orders, found.fills, found.trades, found.trips = (
        book.numbers - base.numbers,
        book.fills - base.fills,
        book.trades - base.trades,
        book.trips - base.trips,
    )
    found.scans, found.fees, found.equity = (
        book.scans - base.scans,
        book.fees - base.fees,
        book.equity,
    )
    began = base.equity if base.is_open else book.opened_cash
    found.profit = book.equity - began - (book.cash_moved - base.cash_moved)
    return found


def first_difference(left: History, right: History) -> dict[str, object] | None:
    """Return the first moment at which two histories decide differently, with both decisions."""
    for key in sorted({*left.decisions, *right.decisions}):
        one, other = left.decisions.get(key), right.decisions.get(key)
        if one != other:
            return {
                "time": instant(key[0]),
                "symbol": key[1],
                "before": one or "nothing",
                "after": other or "nothing",
            }
    return None


def shared(left: History, right: History) -> dict[str, int]:
    """Return how many decisions are the same, differ, or are in one of two histories only."""
    both = left.decisions.keys() & right.decisions.keys()
    same = sum(1 for key in both if left.decisions[key] == right.decisions[key])
    return {
        "same": same,
        "different": len(both) - same,
        "only_before": len(left.decisions) - len(both),
        "only_after": len(right.decisions) - len(both),
    }
