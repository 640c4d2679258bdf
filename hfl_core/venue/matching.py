"""The venue's core: accepts orders, matches them against bars.

And keeps one numbered log of fills and endings.

Knows nothing of sockets, storage, faults or the bot. Pure: the same calls in the same order give
the same state.

One rule says when an order takes part: in the first bar of its symbol that opens at or after its
acceptance, and in later ones. A bar happens in two phases, the open and the range. `on_bar` takes
both at once; after an `on_open` of the same bar it takes the range alone, so that whoever hears of
a fill at the open can still act inside the bar. Without orders in between, both ways give the same
fills. The order of events is pessimistic and fixed:

1. At the open, DAY orders whose day is over expire. Then what takes at the open's price fills:
   market orders and stops already triggered, then stops, then limits that the open gaps through;
   each kind by acceptance.
2. In the range stops fill, then limits, each kind by acceptance; also those accepted between open
   and range at the clock's time of the open. To such a newcomer the open is the last price: a stop
   already beyond it takes there. Market orders that came after the open wait for the next one.
3. All of them share one budget: `participation` of the bar's volume, or `depth_lots` where volume
   is none. The range gets what the open left.
   A stop with a target is a stop first; where it is not touched, its target fills as a limit does.
4. A reduce-only order is clamped to the position; when it can reduce nothing any more, it is
   cancelled at once. So a stop and an exit never both fill. An entry is clamped to what the account
   can pay for at the price of the fill; the rest is cancelled.
5. What is left of BAR orders expires at the close of the first bar they took part in, and of DAY
   orders at the end of the UTC day in which that bar opened.

A convention of the simulation: nobody knows a bar's volume at its open, yet the budget at the open
is that of the whole bar. So a bar's fills do not depend on how it was told, and a bar never fills
more than its share. What an open can give away is a bound on its bar's volume, by the size of a
partial fill, and nothing of its high, low or close.

The clock is what the market said last. An open or a bar that was taken already, or lies before one
that was, changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl_core.domain.bars import BarRow
from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId, Symbol, VenueOrderId
from hfl_core.domain.instruments import Instrument, VolumeKind
from hfl_core.domain.orders import (
    AccountReport,
    OrderReport,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from hfl_core.venue.executions import Executions
from hfl_core.venue.ledger import Holding, Ledger, listing
from hfl_core.venue.model import DUPLICATE_CLIENT_ID, NewOrder, Rejected, VenueSettings
from hfl_core.venue.orders import VenueOrder, accepted, malformed, report, unaffordable
from hfl_core.venue.pricing import (
    RANK,
    Execution,
    limit_execution,
    market_execution,
    stop_execution,
)

DAY_NS: Final = 86_400 * 1_000_000_000
POLL_EVENTS_MAX: Final = 500
WORKING_ORDERS_MAX: Final = 1_000


@dataclass(slots=True, kw_only=True)
class OpenPhase:
    """The last open of an instrument that was taken.

    close_ns: of its bar, 0 before the first; number_last: the newest order then; spent_lots: what
    the open took of the bar's budget.
    """

    close_ns: int = 0
    number_last: int = 0
    spent_lots: int = 0


class Matching:
    """One account at one venue.

    Instruments are known by index in the order in which they were listed.
    """

    def __init__(self, *, venue: str, account: str, settings: VenueSettings) -> None:
        self.venue = venue
        self.account_name = account
        self.settings = settings
        self.clock_ns = 0
        self.ledger = Ledger()
        self.executions = Executions(venue, account, self.ledger)
        self.indexes: dict[Symbol, int] = {}
        self.close_ns: list[int] = []
        self.opens: list[OpenPhase] = []
        self.working = self.executions.working
        # The same lists under shorter ways, for the loop over bars.
        self._holdings = self.ledger.holdings
        self._busy = self.working.by_index
        self.orders: dict[ClientOrderId, VenueOrder] = {}
        self.log = self.executions.log
        self.moved: dict[str, Decimal] = {}
        self.changed = self.executions.changed

    # --- the market's side
    # ------------------------------------------------------------------------------------------

    def list_instrument(self, instrument: Instrument) -> int:
        """List an instrument, or take over its new terms, and return its index.

        Raises ValueError when it cannot be filled at all, or when tick or lot change after its
        first order.
        """
        if instrument.volume is VolumeKind.NONE and instrument.depth_lots <= 0:
            raise ValueError(
                f"{instrument.symbol}: expected depth_lots above zero where volume is none, found "
                f"{instrument.depth_lots}"
            )
        listed = listing(instrument, self.settings)
        index = self.indexes.get(instrument.symbol)
        if index is None:
            index = self.indexes[instrument.symbol] = len(self.close_ns)
            self.ledger.listings.append(listed)
            self.ledger.holdings.append(Holding())
            self.close_ns.append(0)
            self.opens.append(OpenPhase())
            self.working.list_instrument()
            return index
        known = self.ledger.listings[index].instrument
        if (known.tick, known.lot) != (instrument.tick, instrument.lot):
            if any(order.index == index for order in self.orders.values()):
                raise ValueError(
                    f"{instrument.symbol}: expected tick {known.tick} and lot {known.lot} as in "
                    "its earlier orders, "
                    f"found {instrument.tick} and {instrument.lot}: keep them or use a new venue "
                    "directory"
                )
            self.ledger.holdings[index].mark_ticks = 0
        self.ledger.listings[index] = listed
        self.working.touch(index)
        return index

    def on_open(self, bar: BarRow, open_ns: int, close_ns: int) -> bool:
        """Take the open of a bar that closes at close_ns; tell whether it was new.

        Of the bar only the open and, for the budget, the volume are looked at.
        """
        index = bar[0]
        if close_ns <= self.close_ns[index] or close_ns <= self.opens[index].close_ns:
            return False
        self.clock_ns = max(self.clock_ns, open_ns)
        self._match_open(bar, open_ns, close_ns)
        return True

    def on_bar(self, bar: BarRow, open_ns: int, close_ns: int) -> bool:
        """Take one closed bar, or its range when its open was taken; tell whether it was new.

        Costs well under a microsecond when nothing is working.
        """
        index = bar[0]
        if close_ns <= self.close_ns[index] or close_ns < self.opens[index].close_ns:
            return False
        self.close_ns[index] = close_ns
        if close_ns > self.clock_ns:  # noqa: PLR1730 - one call less for each bar
            self.clock_ns = close_ns
        if self._busy[index]:
            self._match(bar, open_ns, close_ns)
        self._holdings[index].mark_ticks = bar[4]
        return True

    def tell_time(self, now_ns: int) -> None:
        """Move the clock forward; it never goes back."""
        self.clock_ns = max(self.clock_ns, now_ns)

    # --- the trader's side
    # ------------------------------------------------------------------------------------------

    def submit(self, request: NewOrder) -> VenueOrderId | Rejected:
        """Accept an order once and return the venue's id.

        Or a definite rejection, which leaves nothing behind.
        """
        refusal = malformed(request)
        if refusal is not None:
            return refusal
        if request.client_id in self.orders:
            return Rejected(
                DUPLICATE_CLIENT_ID, f"an order {request.client_id} exists here: query it"
            )
        if self.working.count >= WORKING_ORDERS_MAX:
            return Rejected(
                "too_many_orders",
                f"expected fewer than {WORKING_ORDERS_MAX} working orders: cancel some",
            )
        index = self.indexes.get(request.symbol)
        if index is None:
            return Rejected("unknown_symbol", f"expected a listed symbol, found {request.symbol}")
        order = accepted(
            request, index, self.ledger, number=len(self.orders) + 1, now_ns=self.clock_ns
        )
        if isinstance(order, Rejected):
            return order
        refusal = unaffordable(
            order,
            self.ledger,
            free_units=self.executions.free_units(None),
            lots=1 if self.settings.clips_entries else order.lots,
        )
        if refusal is not None:
            return refusal
        self.orders[order.client_id] = order
        self.working.add(order)
        self.changed.add(order.client_id)
        return order.venue_id

    def cancel(self, client_id: ClientOrderId) -> str:
        """Cancel what is left.

        Return cancelled (also when it already ended so), already_filled or not_found.
        """
        order = self.orders.get(client_id)
        if order is None:
            return "not_found"
        if order.status is OrderStatus.FILLED:
            return "already_filled"
        if order.status is OrderStatus.WORKING:
            self.executions.end(order, OrderStatus.CANCELLED, "cancelled on request")
        return "cancelled"

    def query(self, client_id: ClientOrderId) -> OrderReport | None:
        """Report one order with its fills, or None when there is none of this id."""
        order = self.orders.get(client_id)
        return None if order is None else self._report(order)

    def age_ns(self, client_id: ClientOrderId) -> int:
        """Return how long ago an existing order was accepted, in venue time."""
        return self.clock_ns - self.orders[client_id].accepted_ns

    def poll(self, cursor: int) -> Sequence[Filled | OrderEnded]:
        """Return events behind the cursor, oldest first, at most POLL_EVENTS_MAX."""
        start = max(0, cursor)
        return self.log[start : start + POLL_EVENTS_MAX]

    def open_orders(self) -> tuple[OrderReport, ...]:
        """Report every working order by acceptance."""
        everything = (order for orders in self.working.by_index for order in orders.values())
        working = sorted(everything, key=_by_number)
        return tuple(self._report(order) for order in working)

    def account(self) -> AccountReport:
        """Report cash, positions and the newest cursor."""
        return AccountReport(
            cash=self.ledger.cash(),
            positions=self.ledger.positions(),
            fill_cursor=len(self.log),
            now_ns=self.clock_ns,
        )

    def move_cash(self, request_id: str, amount: Decimal) -> Rejected | None:
        """Deposit or withdraw, once for each request id.

        Reject an id used with another amount, or too little free cash.
        """
        if request_id in self.moved:
            if self.moved[request_id] == amount:
                return None
            return Rejected(
                "request_reused",
                f"expected {self.moved[request_id]} as first asked under {request_id}, found "
                f"{amount}",
            )
        if not self.ledger.move(amount, free_units=self.executions.free_units(None)):
            return Rejected(
                "insufficient_cash", f"expected free cash of {-amount} to withdraw, found less"
            )
        self.moved[request_id] = amount
        return None

    # --- inside -----------------------------------------------------------------------------------
    # ------------------

    def _match(self, bar: BarRow, open_ns: int, close_ns: int) -> None:
        if self.opens[bar.index].close_ns != close_ns:
            self._match_open(bar, open_ns, close_ns)
        self._match_range(bar, open_ns, close_ns)

    def _match_open(self, bar: BarRow, open_ns: int, close_ns: int) -> None:
        phase = self.opens[bar.index]
        phase.close_ns, phase.number_last, phase.spent_lots = close_ns, len(self.orders), 0
        self.ledger.holdings[bar.index].mark_ticks = bar.open
        orders = [o for o in self.working.by_index[bar.index].values() if o.accepted_ns <= open_ns]
        if not orders:
            return
        # From here on the bar is its open: the rest has not happened yet.
        price = bar.open
        opened = BarRow(bar.index, price, price, price, price, bar.volume, bar.flags)
        budget = self._budget_lots(bar)
        if len(orders) > 1:
            orders.sort(key=_by_rank)
        for order in orders:
            self._begin_day(order, open_ns)
            if order.status is not OrderStatus.WORKING:
                continue
            if order.time_in_force is TimeInForce.DAY and open_ns >= order.day_end_ns:
                self.executions.end(order, OrderStatus.EXPIRED, "its day was over")
                continue
            execution = self._execution(order, opened)
            if execution is not None:
                left = budget - phase.spent_lots
                filled = self.executions.fill(order, execution.ticks, at_ns=open_ns, budget=left)
                phase.spent_lots += filled

    def _match_range(self, bar: BarRow, open_ns: int, close_ns: int) -> None:
        phase = self.opens[bar.index]
        orders = [
            order
            for order in self.working.by_index[bar.index].values()
            if order.accepted_ns <= open_ns
            and (order.number <= phase.number_last or order.type is not OrderType.MARKET)
        ]
        if not orders:
            return
        budget = max(0, self._budget_lots(bar) - phase.spent_lots)
        for order in sorted(orders, key=_by_rank):
            self._begin_day(order, open_ns)
            is_for_opens = order.type is OrderType.MARKET or order.is_triggered
            if is_for_opens or order.status is not OrderStatus.WORKING:
                continue
            execution = self._execution(order, bar)
            if execution is not None:
                at_ns = open_ns if execution.is_at_open else close_ns
                budget -= self.executions.fill(order, execution.ticks, at_ns=at_ns, budget=budget)
        for order in orders:
            if order.status is OrderStatus.WORKING and _is_over(order, close_ns):
                self.executions.end(
                    order, OrderStatus.EXPIRED, f"time in force {order.time_in_force.value} is over"
                )

    def _begin_day(self, order: VenueOrder, open_ns: int) -> None:
        if order.time_in_force is TimeInForce.DAY and order.day_end_ns == 0:
            order.day_end_ns = (open_ns // DAY_NS + 1) * DAY_NS
            self.changed.add(order.client_id)

    def _budget_lots(self, bar: BarRow) -> int:
        instrument = self.ledger.listings[bar.index].instrument
        if instrument.volume is VolumeKind.NONE:
            return instrument.depth_lots
        # The feed's volume is a float; repr is its shortest exact text.
        return int(Decimal(repr(float(bar.volume))) * self.settings.participation / instrument.lot)

    def _execution(self, order: VenueOrder, bar: BarRow) -> Execution | None:
        listed = self.ledger.listings[order.index]
        if order.type is OrderType.LIMIT:
            return limit_execution(
                bar, order.sign, listed.half_spread, limit_ticks=order.limit_ticks
            )
        if order.type is OrderType.MARKET or order.is_triggered:
            return market_execution(bar, order.sign, listed.taking)
        execution = stop_execution(bar, order.sign, listed.taking, stop_ticks=order.stop_ticks)
        if execution is not None:
            order.is_triggered = True
            self.changed.add(order.client_id)
        elif order.limit_ticks:
            return limit_execution(
                bar, order.sign, listed.half_spread, limit_ticks=order.limit_ticks
            )
        return execution

    def _report(self, order: VenueOrder) -> OrderReport:
        return report(order, self.ledger.listings[order.index].instrument)


def _by_number(order: VenueOrder) -> int:
    return order.number


def _by_rank(order: VenueOrder) -> tuple[int, int]:
    return (0 if order.is_triggered else RANK[order.type], order.number)


def _is_over(order: VenueOrder, close_ns: int) -> bool:
    match order.time_in_force:
        case TimeInForce.BAR:
            return True
        case TimeInForce.DAY:
            return close_ns >= order.day_end_ns
        case TimeInForce.GTC:
            return False
