"""How fast and how well it has gone lately: entries, answers, losing trades, tripped breakers.

A part of the book, folded from events like the rest of it; what the rules of pace and cool-down
compare with. Knows nothing of limits or bars.
"""

from collections import deque
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from hfl_core.domain.limits import ORDERS_MAX
from hfl_core.engine.saved import State
from hfl_core.risk.breakers import rejects
from hfl_core.risk.breaking import ACCOUNT, REDUCE_ONLY, REFUSE

HOUR_NS: Final = 3_600_000_000_000


@dataclass(slots=True, kw_only=True)
class BreakerRecord:
    """One tripped breaker.

    symbol: ACCOUNT for the whole account; until_ns: 0 for calm bars or calm markets; action: refuse
    new exposure, or reduce only: cancel entries on their way, too.
    """

    breaker: str
    symbol: str
    reason: str
    since_ns: int
    until_ns: int
    action: str = REFUSE

    @property
    def sentence(self) -> str:
        """Say what is tripped, for whom and why."""
        return f"{self.breaker} of {self.symbol or 'the account'}: {self.reason}"


class Pace:
    """What the book keeps of the pace.

    entries: times of intended entries within an hour; same: (symbol side) -> the last one's;
    answers: 1 for a rejection, 0 for an acceptance, the newest last; losing_run: trades lost in a
    row; lost_ns: when the last one was, 0 for never; stopped_out: symbol -> when its stop closed a
    position; breakers: (breaker, symbol) -> what is tripped; trips: all there ever were.
    """

    __slots__ = (
        "answers",
        "breakers",
        "entries",
        "losing_run",
        "lost_ns",
        "same",
        "stopped_out",
        "trips",
    )

    def __init__(self) -> None:
        self.entries: deque[int] = deque(maxlen=ORDERS_MAX)
        self.same: dict[str, int] = {}
        self.answers: deque[int] = deque(maxlen=rejects.ANSWERS_KEPT)
        self.losing_run = 0
        self.lost_ns = 0
        self.stopped_out: dict[str, int] = {}
        self.breakers: dict[tuple[str, str], BreakerRecord] = {}
        self.trips = 0

    # --- what happened ----------------------------------------------------------------------------

    def note_entry(self, symbol: str, side: str, time_ns: int) -> None:
        """Take an intended entry in."""
        while self.entries and time_ns - self.entries[0] >= HOUR_NS:
            self.entries.popleft()
        self.entries.append(time_ns)
        self.same[f"{symbol} {side}"] = time_ns

    def note_closed(self, gain: Decimal, time_ns: int) -> None:
        """Take the end of a trade in. gain: after fees; nothing gained and lost changes nothing."""
        if gain < 0:
            self.losing_run += 1
            self.lost_ns = time_ns
        elif gain > 0:
            self.losing_run = 0

    def trip(self, record: BreakerRecord) -> None:
        """Take a tripped breaker in."""
        self.trips += 1
        self.breakers[record.breaker, record.symbol] = record

    def rearm(self, breaker: str, symbol: str) -> None:
        """Take a breaker out; the account's answers are then counted afresh."""
        self.breakers.pop((breaker, symbol), None)
        if symbol == ACCOUNT and breaker == rejects.BREAKER.name:
            self.answers.clear()

    # --- what is asked ----------------------------------------------------------------------------

    @property
    def needs_watching(self) -> bool:
        """Tell whether a breaker may trip or re-arm without anything loud in the market."""
        return bool(self.breakers) or 1 in self.answers

    @property
    def is_reduce_only(self) -> bool:
        """Tell whether a tripped breaker wants entries on their way cancelled."""
        return any(record.action == REDUCE_ONLY for record in self.breakers.values())

    def entries_within_hour(self, now_ns: int) -> int:
        """Return how many entries were intended less than an hour ago."""
        return sum(1 for time_ns in self.entries if now_ns - time_ns < HOUR_NS)

    def sentences(self, symbol: str) -> tuple[str, ...]:
        """Return what is tripped for an instrument or the account, in words."""
        return tuple(
            record.sentence
            for (_, of), record in sorted(self.breakers.items())
            if of in {symbol, ACCOUNT}
        )

    # --- snapshots --------------------------------------------------------------------------------

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return {
            "entries": list(self.entries),
            "same": dict(sorted(self.same.items())),
            "answers": list(self.answers),
            "losing_run": self.losing_run,
            "lost_ns": self.lost_ns,
            "stopped_out": dict(sorted(self.stopped_out.items())),
            "breakers": [asdict(record) for _, record in sorted(self.breakers.items())],
            "trips": self.trips,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on exactly where `state` was taken; an empty one is a fresh start."""
        fresh = Pace()
        self.entries = deque(state.get("entries", ()), maxlen=ORDERS_MAX)
        self.same = dict(state.get("same", fresh.same))
        self.answers = deque(state.get("answers", ()), maxlen=rejects.ANSWERS_KEPT)
        self.losing_run = state.get("losing_run", 0)
        self.lost_ns = state.get("lost_ns", 0)
        self.stopped_out = dict(state.get("stopped_out", fresh.stopped_out))
        records = [BreakerRecord(**saved) for saved in state.get("breakers", ())]
        self.breakers = {(record.breaker, record.symbol): record for record in records}
        self.trips = state.get("trips", 0)
