"""A second opinion on entries: what is open counted from the book, limits compared as fractions.

Shares no code with the rules or with what collects their context; where they divide integers, this
multiplies fractions.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from hfl_core.domain import events as ev
from hfl_core.domain.instruments import Instrument
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.orders import Purpose
from hfl_core.engine.book import Book
from hfl_core.engine.book_records import OrderRecord

ZERO = Fraction(0)


@dataclass(kw_only=True)
class Open:
    """One instrument's worst case: signed quantity, its price, what is at risk."""

    quantity: Fraction = ZERO
    price: Fraction = ZERO
    risk: Fraction = ZERO

    @property
    def value(self) -> Fraction:
        """Return the notional value."""
        return abs(self.quantity) * self.price


@dataclass(kw_only=True)
class Judge:
    """What a portfolio may be, and the complaints about what it became."""

    instruments: dict[str, Instrument]
    limits: RiskLimits
    complaints: list[str] = field(default_factory=list)

    def opened(
        self, book: Book, marks: dict[str, Fraction], *, without: frozenset[str]
    ) -> dict[str, Open]:
        """Count positions and live entries; an entry whose fate is unknown counts as filled.

        without: client ids of entries that came later.
        """
        found: dict[str, Open] = {}
        for symbol, held in book.positions.items():
            quantity, price = Fraction(held.quantity), marks[symbol]
            stop = price if held.stop_price is None else price - Fraction(held.stop_price)
            lost = max(ZERO, quantity * stop) if held.stop_price is not None else None
            at_risk = abs(quantity) * price if lost is None else lost
            found[symbol] = Open(quantity=quantity, price=price, risk=at_risk)
        for order in book.live.values():
            if order.purpose is Purpose.ENTRY and order.client_id not in without:
                self._add_order(found, order)
        return found

    def _add_order(self, found: dict[str, Open], order: OrderRecord) -> None:
        left = order.side.sign * Fraction(order.remaining)
        price, stop = Fraction(order.reference_price), order.risk_stop_price
        risk = abs(left) * price if stop is None else max(ZERO, left * (price - Fraction(stop)))
        one = found.setdefault(order.symbol, Open(price=price))
        one.quantity += left
        one.price = max(one.price, price)
        one.risk += risk

    def judge(self, order: ev.OrderIntended, found: dict[str, Open], equity: Fraction) -> None:
        """Compare an intended entry, counted in already, with every limit of size."""
        own, bounds = self.instruments[order.symbol], self.limits
        stop = order.risk_stop_price
        quantity, price = Fraction(order.quantity), Fraction(order.reference_price)
        at_risk = quantity * abs(price - Fraction(stop)) if stop is not None else quantity * price
        group = [s for s in found if s == order.symbol or self._is_one_bet(s, own)]
        sector = [s for s in found if own.sector and self.instruments[s].sector == own.sector]
        sums = {
            "risk_per_trade_fraction_max": at_risk,
            "open_risk_fraction_max": sum((each.risk for each in found.values()), ZERO),
            "position_fraction_max": found[order.symbol].value,
            "order_notional_max_fraction": quantity * price,
            "gross_exposure_fraction_max": sum((each.value for each in found.values()), ZERO),
            "sector_fraction_max": sum((found[s].value for s in sector), ZERO),
            "gap_loss_fraction_max": sum(
                (each.value * self._gap(symbol) for symbol, each in found.items()), ZERO
            ),
            "net_exposure_fraction_max": order.side.sign
            * sum((each.value * (1 if each.quantity > 0 else -1) for each in found.values()), ZERO),
        }
        if not self._gap(order.symbol):
            # What the market made of the rest is not made worse by this one.
            del sums["gap_loss_fraction_max"]
        for name, value in sums.items():
            most = equity * Fraction(getattr(bounds, name))
            if value > most:
                self.complaints.append(f"{name}: {float(value)} of {float(most)} by {order.symbol}")
        if own.group:
            risk = sum((found[s].risk for s in group), ZERO)
            if risk > equity * Fraction(bounds.risk_per_trade_fraction_max):
                self.complaints.append(f"group {own.group}: {float(risk)} by {order.symbol}")
        bets = {self.instruments[s].group or s for s in found}
        if len(bets) > bounds.positions_max:
            self.complaints.append(f"bets: {len(bets)}")
        is_sector_bound = bounds.sector_fraction_max < 1000
        if is_sector_bound and own.asset_class.value == "stocks" and not own.sector:
            self.complaints.append(f"a share without a sector: {order.symbol}")

    def _is_one_bet(self, symbol: str, own: Instrument) -> bool:
        return bool(own.group) and self.instruments[symbol].group == own.group

    def _gap(self, symbol: str) -> Fraction:
        asset_class = self.instruments[symbol].asset_class.value
        return Fraction(getattr(self.limits, f"gap_fraction_{asset_class}"))
