"""What outlives a crash: the venue and the committed rows. Both tell of every boundary."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Self

from hfl_core.domain.bars import Slot
from hfl_core.domain.events import Event, Filled, OrderEnded, ScansCoalesced
from hfl_core.domain.ids import ClientOrderId, VenueOrderId
from hfl_core.domain.orders import AccountReport, OrderIntent, OrderReport
from hfl_core.ports import Clock, JournalRow
from hfl_core.venue.faults import FaultPlan, parse_faults
from hfl_core.venue.inprocess import InProcessVenue
from hfl_core.venue.model import MarketState
from hfl_journal.memory import MemoryJournal
from hfl_journal.rows import Anchor

SHORT_IDS: Final = "reuse_fill_ids"
OnPoint = Callable[[str], None]


class SimulatedCrash(BaseException):
    """The process ends here: nothing below may catch it."""


class WatchedVenue(InProcessVenue):
    """The in-process venue; `on_send` sees each order as it arrives, `on_point` each call."""

    on_point: OnPoint = staticmethod(lambda _name: None)
    on_send: Callable[[str, OrderIntent], None] = staticmethod(lambda _id, _intent: None)
    fired_before: dict[str, int]
    has_short_ids: bool | None = None

    def change_faults(self, spec: str, *, seed: int) -> None:
        """Misbehave otherwise from now on; what fired before stays counted.

        How a venue names its fills is no mood: as it did at first, it does to the end.
        """
        counted = self.fired()
        parts = [part.strip() for part in spec.split(";")]
        if self.has_short_ids is None:
            self.has_short_ids = SHORT_IDS in parts
        kept = [part for part in parts if part != SHORT_IDS]
        spec = "; ".join([*kept, SHORT_IDS] if self.has_short_ids else kept)
        self.plan = FaultPlan(parse_faults(spec), seed=seed)
        self.fired_before = counted

    def fired(self) -> dict[str, int]:
        """Return how often each fault struck since the beginning."""
        counted = dict(getattr(self, "fired_before", {}))
        for name, times in self.plan.fired.items():
            counted[name] = counted.get(name, 0) + times
        return counted

    def publish_open(self, slot: Slot, open_ns: int) -> MarketState:
        """Tell the open alone, where the venue can; else say where it stands."""
        publish = getattr(super(), "publish_open", None)
        found: MarketState = self.connect() if publish is None else publish(slot, open_ns)
        return found

    def submit(
        self, client_id: ClientOrderId, intent: OrderIntent, *, deadline_s: float
    ) -> VenueOrderId:
        """Accept an order; crashes may come after, with or without an answer."""
        self.on_send(client_id, intent)
        try:
            return super().submit(client_id, intent, deadline_s=deadline_s)
        finally:
            self.on_point("venue:submit")

    def cancel(self, client_id: ClientOrderId, *, deadline_s: float) -> str:
        """Cancel an order."""
        try:
            return super().cancel(client_id, deadline_s=deadline_s)
        finally:
            self.on_point("venue:cancel")

    def query(self, client_id: ClientOrderId, *, deadline_s: float) -> OrderReport | None:
        """Report an order."""
        self.on_point("venue:query")
        return super().query(client_id, deadline_s=deadline_s)

    def poll(self, cursor: int, *, deadline_s: float) -> Sequence[Filled | OrderEnded]:
        """Return events."""
        self.on_point("venue:poll")
        return super().poll(cursor, deadline_s=deadline_s)

    def account(self, *, deadline_s: float) -> AccountReport:
        """Report the account."""
        self.on_point("venue:account")
        return super().account(deadline_s=deadline_s)

    def move_cash(self, request_id: str, amount: Decimal, *, deadline_s: float) -> None:
        """Deposit or withdraw."""
        try:
            super().move_cash(request_id, amount, deadline_s=deadline_s)
        finally:
            self.on_point("venue:move_cash")


class SurvivingJournal(MemoryJournal):
    """A journal in memory that a later run takes over: committed rows only, as after a SIGKILL."""

    decoded: list[JournalRow]

    def rows(self, after_seq: int = 0, limit: int | None = None) -> tuple[JournalRow, ...]:
        """Return committed rows; each is decoded once, whoever reads it how often."""
        decoded = self.__dict__.setdefault("decoded", [])
        if len(decoded) < len(self._stored):
            decoded.extend(super().rows(len(decoded)))
        stop = None if limit is None else after_seq + limit
        return tuple(decoded[after_seq:stop])

    on_group: Callable[[ScansCoalesced], None] = staticmethod(lambda _group: None)

    def append(self, event: Event, *, time_ns: int, cause_seq: int, actor: str) -> int:
        """Append a row; groups of scans are told at once, for quiet ones are nobody's result."""
        seq = super().append(event, time_ns=time_ns, cause_seq=cause_seq, actor=actor)
        if isinstance(event, ScansCoalesced):
            self.on_group(event)
        return seq

    def append_step(
        self, event: Event, outcomes: Sequence[Event], *, time_ns: int, actor: str
    ) -> int:
        """Append an input with its outcomes; groups of scans are told as by `append`."""
        seq = super().append_step(event, outcomes, time_ns=time_ns, actor=actor)
        if isinstance(event, ScansCoalesced):
            self.on_group(event)
        return seq

    def taken_over(self, *, run_id: str, clock: Clock) -> Self:
        """Return the journal of the next run, behind the last committed row."""
        heir = type(self)(
            run_id=run_id,
            clock=clock,
            mode=self.mode,
            account=self.account,
            journal_id=self.journal_id,
        )
        heir._stored = list(self._stored)
        heir.decoded = list(self.rows())
        # A crash inside the commit leaves keys of rows that were never stored.
        kept = len(self._stored)
        heir._stored_keys = {key: seq for key, seq in self._stored_keys.items() if seq <= kept}
        heir._stored_blobs = dict(self._stored_blobs)
        if heir._stored:
            last = heir._stored[-1]
            heir._seq, heir._hash = last[0], last[-1]
            heir._wall_ns = last[5]
            heir._committed = Anchor(heir._seq, heir._hash)
        return heir
