"""The working orders by instrument, and the money that the entries among them bind.

Knows nothing of bars or events. What is bound is kept as a sum for each instrument and worked out
again only where a position or an order changed, so a submit costs the same however many orders
work.
"""

from hfl_core.venue.ledger import Ledger
from hfl_core.venue.orders import VenueOrder


class WorkingOrders:
    """Working orders of one account. by_index: for each instrument, order by number, as accepted.

    Change by_index through `add` and `remove` only.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.by_index: list[dict[int, VenueOrder]] = []
        self.count = 0
        self._ledger = ledger
        self._bound: list[int] = []
        self._bound_sum = 0
        self._stale: set[int] = set()

    def list_instrument(self) -> None:
        """Make room for the orders of one more instrument."""
        self.by_index.append({})
        self._bound.append(0)

    def add(self, order: VenueOrder) -> None:
        """Take a new order in."""
        self.by_index[order.index][order.number] = order
        self.count += 1
        self._bind(order, 1)

    def remove(self, order: VenueOrder) -> None:
        """Drop an order that ended."""
        del self.by_index[order.index][order.number]
        self.count -= 1
        self._bind(order, -1)

    def touch(self, index: int) -> None:
        """Say that a position, a remainder or the terms of an instrument changed."""
        self._stale.add(index)

    def bound_units(self, besides: VenueOrder | None) -> int:
        """Return the money that all working entries bind, without one of them."""
        while self._stale:
            index = self._stale.pop()
            bound = sum(map(self._need_units, self.by_index[index].values()))
            self._bound_sum += bound - self._bound[index]
            self._bound[index] = bound
        return self._bound_sum - (0 if besides is None else self._need_units(besides))

    def _bind(self, order: VenueOrder, sign: int) -> None:
        if order.index not in self._stale:
            units = sign * self._need_units(order)
            self._bound[order.index] += units
            self._bound_sum += units

    def _need_units(self, order: VenueOrder) -> int:
        if order.is_reduce_only:
            return 0
        signed_lots = order.sign * order.remaining
        return self._ledger.need_units(order.index, signed_lots, ticks=order.reserve_ticks)
