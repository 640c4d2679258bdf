"""What a fill or an ending does: money, position, working orders and the numbered log, together.

Knows nothing of bars: where and when an order fills is the matching's business.
"""

from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import ClientOrderId
from hfl_core.domain.money import canonical, money_from_units
from hfl_core.domain.orders import Fill, OrderStatus
from hfl_core.venue.ledger import Ledger
from hfl_core.venue.orders import VenueOrder
from hfl_core.venue.working import WorkingOrders


class Executions:
    """Changes orders and the account. changed: orders the store has not seen since."""

    def __init__(self, venue: str, account: str, ledger: Ledger) -> None:
        self.working = WorkingOrders(ledger)
        self.log: list[Filled | OrderEnded] = []
        self.changed: set[ClientOrderId] = set()
        self.venue = venue
        self.account = account
        self.ledger = ledger

    def fill(self, order: VenueOrder, ticks: int, *, at_ns: int, budget: int) -> int:
        """Fill what budget, position and money allow; return the lots."""
        lots = min(order.remaining, budget)
        if order.is_reduce_only:
            lots = min(lots, self.ledger.reducible_lots(order.index, order.sign))
        is_short_of_cash = False
        if not order.is_reduce_only and lots:
            free = self.free_units(order)
            affordable = self.ledger.affordable_lots(
                order.index, order.sign * lots, ticks=ticks, free_units=free
            )
            is_short_of_cash, lots = affordable < lots, affordable
        if lots:
            self._execute(order, lots, ticks=ticks, at_ns=at_ns)
        if is_short_of_cash and order.status is OrderStatus.WORKING:
            self.end(order, OrderStatus.CANCELLED, "insufficient_cash at the price of the fill")
        return lots

    def end(self, order: VenueOrder, status: OrderStatus, text: str) -> None:
        """End what is left of a working order."""
        order.status = status
        order.text = text
        self.working.remove(order)
        self.changed.add(order.client_id)
        filled = canonical(self.ledger.listings[order.index].instrument.lot * order.filled_lots)
        cursor = len(self.log) + 1
        self.log.append(
            OrderEnded(
                client_id=order.client_id, status=status, filled=filled, text=text, cursor=cursor
            )
        )

    def free_units(self, besides: VenueOrder | None) -> int:
        """Return the money nothing is bound to, as if one of the working orders were not there."""
        return self.ledger.free_units() - self.working.bound_units(besides)

    def _execute(self, order: VenueOrder, lots: int, *, ticks: int, at_ns: int) -> None:
        instrument = self.ledger.listings[order.index].instrument
        fee = self.ledger.trade(order.index, order.sign * lots, ticks=ticks)
        self.working.touch(order.index)
        fill = Fill(
            client_id=order.client_id,
            fill_id=order.next_fill_id(),
            symbol=instrument.symbol,
            side=order.side,
            price=canonical(instrument.tick * ticks),
            quantity=canonical(instrument.lot * lots),
            fee=canonical(money_from_units(fee)),
            at_ns=at_ns,
        )
        order.fills.append(fill)
        order.filled_lots += lots
        self.changed.add(order.client_id)
        self.log.append(
            Filled(venue=self.venue, account=self.account, cursor=len(self.log) + 1, fill=fill)
        )
        assert 0 < order.filled_lots <= order.lots, (
            f"order {order.client_id} filled {order.filled_lots} of {order.lots} lots"
        )
        if not order.remaining:
            order.status = OrderStatus.FILLED
            self.working.remove(order)
        for other in list(self.working.by_index[order.index].values()):
            if other.is_reduce_only and not self.ledger.reducible_lots(other.index, other.sign):
                self.end(other, OrderStatus.CANCELLED, "nothing left to reduce")
