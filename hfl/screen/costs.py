"""What closing would cost, with the paper venue's own arithmetic: spread, slippage, fee."""

from collections.abc import Mapping
from decimal import Decimal

from hfl.glance import Data
from hfl.screen.terms import RunTerms
from hfl_core.engine.book import Book
from hfl_core.venue.model import Costs
from hfl_core.venue.pricing import BUY, SELL, fee_units, ratio, worse_ticks
from hfl_tui.ports import Cost

UNITS = 10**12


class ClosingCosts:
    """Tells what a market order for every open position would cost at its mark."""

    def __init__(self, terms: RunTerms) -> None:
        self._terms = terms

    def __call__(self, book: Book, marks: Mapping[str, Decimal]) -> Mapping[str, Cost]:
        """Return the costs by symbol; positions without a mark or terms are left out."""
        terms = self._terms.of(book.run_id)
        found = {}
        for one in book.positions.values():
            mark, instrument = marks.get(one.symbol), terms.instruments.get(one.symbol)
            costs = None if instrument is None else terms.costs.get(instrument["asset_class"])
            if mark is not None and instrument is not None and costs is not None:
                found[one.symbol] = cost_of(one.quantity, mark, instrument=instrument, costs=costs)
        return found


def cost_of(quantity: Decimal, mark: Decimal, *, instrument: Data, costs: Costs) -> Cost:
    """Return what a market order against a signed quantity costs when the next bar opens at mark.

    The price is rounded against us to a whole tick, as the venue does; that is slippage, too.
    """
    tick = Decimal(str(instrument["tick"]))
    sign = SELL if quantity > 0 else BUY
    filled = worse_ticks(int(mark / tick), ratio(costs.spread / 2 + costs.slippage), sign) * tick
    size = abs(quantity)
    taken = abs(filled - mark) * size
    spread = mark * size * costs.spread / 2
    notional = int(filled * size * UNITS)
    fee = Decimal(fee_units(notional, ratio(costs.commission))) / UNITS
    return Cost(spread=spread, slippage=taken - spread, fee=fee)
