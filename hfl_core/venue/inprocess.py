"""The venue inside the bot's process, for backtests and simulation.

The same matching and faults, no socket, no store, virtual timeouts.

Where the process would stay silent, this raises BrokerError(UNKNOWN) at once. It outlives an engine
that is thrown away and built anew, so a simulated crash finds the venue as it was.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from hfl_core.domain.bars import Slot
from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, Symbol, VenueOrderId
from hfl_core.domain.instruments import Instrument
from hfl_core.domain.orders import AccountReport, OrderIntent, OrderReport
from hfl_core.venue.desk import UNCLEAR_CODE, bar_row
from hfl_core.venue.faults import Fault, FaultPlan, parse_faults
from hfl_core.venue.link import VenueCounts
from hfl_core.venue.matching import Matching
from hfl_core.venue.model import MarketBar, MarketState, Rejected, VenueSettings, new_order

T = TypeVar("T")

_UNSEEN: Final = frozenset({"timeout_before", "silence", "restart_before"})
_REFUSALS: Final = {
    "reject": "venue_reject",
    "rate_limit": "rate_limited",
    "maintenance": "maintenance",
}
_UNANSWERED: Final = frozenset({"timeout_after", "restart_after", "garbage", "unclear"})


class InProcessVenue:
    """One account. Its market side is MarketLink's.

    Its broker side is what hfl_core.brokers.inprocess expects.

    on_bar is the hot path: `on_bar(row, open_ns, close_ns)`, with indexes in the order of the
    instruments.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        *,
        cash: Decimal,
        settings: VenueSettings | None = None,
        account: str = "paper",
        faults: str = "",
        seed: int = 0,
    ) -> None:
        self.matching = Matching(
            venue="paper", account=account, settings=settings or VenueSettings()
        )
        self.matching.move_cash("opening", cash)
        for instrument in instruments:
            self.matching.list_instrument(instrument)
        self.plan = FaultPlan(parse_faults(faults), seed=seed)
        self.on_bar = self.matching.on_bar
        self._seen: dict[str, list[int]] = {}

    # --- the market's side
    # ------------------------------------------------------------------------------------------

    @property
    def closes(self) -> dict[Symbol, int]:
        """Return each symbol's last close."""
        return {
            symbol: self.matching.close_ns[index] for symbol, index in self.matching.indexes.items()
        }

    def connect(self) -> MarketState:
        """Return the clock and the newest cursor."""
        return MarketState(self.matching.clock_ns, len(self.matching.log), 0)

    def publish(self, slot_time_ns: int, bars: Sequence[MarketBar]) -> MarketState:
        """Tell the time and the bars that closed; bars seen already change nothing.

        Raises ValueError for an impossible bar.
        """
        rows = [(bar_row(self.matching, bar), bar.open_ns, bar.close_ns) for bar in bars]
        taken = sum(self.on_bar(row, open_ns, close_ns) for row, open_ns, close_ns in rows)
        self.matching.tell_time(slot_time_ns)
        return self.connect()._replace(taken=taken)

    def publish_slot(self, slot: Slot, open_ns: int) -> MarketState:
        """Publish a slot whose bars opened at open_ns.

        Indexes are those of the instruments given.
        """
        taken = 0
        for row in slot.bars:
            taken += self.on_bar(row, open_ns, slot.time_ns)
        self.matching.tell_time(slot.time_ns)
        return MarketState(self.matching.clock_ns, len(self.matching.log), taken)

    def publish_open(self, slot: Slot, open_ns: int) -> MarketState:
        """Publish the opens of a slot's bars before the bars themselves."""
        taken = 0
        for row in slot.bars:
            taken += self.matching.on_open(row, open_ns, slot.time_ns)
        return MarketState(self.matching.clock_ns, len(self.matching.log), taken)

    def is_calm(self, cursor: int) -> bool:
        """Tell whether no order works and no event lies behind the cursor: bars move marks only."""
        return not self.matching.working.count and len(self.matching.log) <= cursor

    def close(self) -> None:
        """Do nothing: there is no connection."""

    # --- the broker's side
    # ------------------------------------------------------------------------------------------

    def submit(
        self, client_id: ClientOrderId, intent: OrderIntent, *, deadline_s: float
    ) -> VenueOrderId:
        """Accept an order. Raises BrokerError.

        A rejection carries its code, and whether it exists.
        """
        self._see(client_id, 0)
        outcome = self._call("submit", lambda: self._accept(client_id, intent), deadline_s)
        return self._certain(outcome)

    def cancel(self, client_id: ClientOrderId, *, deadline_s: float) -> str:
        """Cancel what is left of an order."""
        self._see(client_id, 2)
        return self._call("cancel", lambda: self.matching.cancel(client_id), deadline_s)

    def query(self, client_id: ClientOrderId, *, deadline_s: float) -> OrderReport | None:
        """Report one order."""

        def carry_out() -> OrderReport | None:
            order = self.matching.query(client_id)
            if order is None or self.plan.is_hidden(
                order, age_ns=self.matching.age_ns(client_id), is_query=True
            ):
                return None
            return self.plan.shown(order)

        return self._call("query", carry_out, deadline_s)

    def poll(self, cursor: int, *, deadline_s: float) -> Sequence[Filled | OrderEnded]:
        """Return events behind the cursor."""
        return self._call("poll", lambda: self._news(cursor), deadline_s)

    def open_orders(self, *, deadline_s: float) -> tuple[OrderReport, ...]:
        """Report every working order."""

        def carry_out() -> tuple[OrderReport, ...]:
            age_ns = self.matching.age_ns
            return tuple(
                self.plan.shown(order)
                for order in self.matching.open_orders()
                if not self.plan.is_hidden(order, age_ns=age_ns(order.client_id), is_query=False)
            )

        return self._call("open_orders", carry_out, deadline_s)

    def account(self, *, deadline_s: float) -> AccountReport:
        """Report cash and positions."""
        return self._call("account", self.matching.account, deadline_s)

    def move_cash(self, request_id: str, amount: Decimal, *, deadline_s: float) -> None:
        """Deposit or withdraw, once for each request id."""
        self._certain(
            self._call("move_cash", lambda: self.matching.move_cash(request_id, amount), deadline_s)
        )

    # --- the judge's side
    # -------------------------------------------------------------------------------------------

    def counts(self) -> VenueCounts:
        """Return the venue's own counts."""
        columns = [
            {name: row[column] for name, row in self._seen.items() if row[column]}
            for column in range(3)
        ]
        return VenueCounts(
            submits=columns[0],
            accepted=columns[1],
            cancels=columns[2],
            calls=dict(self.plan.calls),
            fired=dict(self.plan.fired),
            orders=len(self.matching.orders),
            events=len(self.matching.log),
        )

    def _accept(self, client_id: ClientOrderId, intent: OrderIntent) -> "VenueOrderId | Rejected":
        outcome = self.matching.submit(new_order(client_id, intent))
        self._seen[client_id][1] += not isinstance(outcome, Rejected)
        return outcome

    def _news(self, cursor: int) -> Sequence[Filled | OrderEnded]:
        return self.plan.polled(self.matching.log, cursor, self.matching.poll(cursor))

    def _see(self, client_id: str, column: int) -> list[int]:
        row = self._seen.setdefault(client_id, [0, 0, 0])
        row[column] += 1
        return row

    def _certain(self, outcome: T | Rejected) -> T:
        if isinstance(outcome, Rejected):
            raise BrokerError(
                f"the venue rejected: {outcome.text}", reached=Reached.UNKNOWN, code=outcome.code
            )
        return outcome

    def _call(self, verb: str, carry_out: Callable[[], T], deadline_s: float) -> T:
        fault = self.plan.next_call(verb)
        if fault is None:
            return carry_out()
        if fault.name in _UNSEEN:
            raise _no_answer(verb, fault)
        if fault.name in _REFUSALS:
            code = _REFUSALS[fault.name]
            raise BrokerError(
                f"the venue refused {verb}: {code}", reached=Reached.UNKNOWN, code=code
            )
        outcome = carry_out()
        if fault.name in _UNANSWERED or (
            fault.name in ("delay", "slow") and fault.duration_s >= deadline_s
        ):
            raise _no_answer(verb, fault)
        return outcome


def _no_answer(verb: str, fault: Fault) -> BrokerError:
    code = {"garbage": "bad_answer", "unclear": UNCLEAR_CODE}.get(fault.name, "no_answer")
    return BrokerError(
        f"expected a whole answer to {verb} in time, found none ({fault.name})",
        reached=Reached.UNKNOWN,
        code=code,
    )
