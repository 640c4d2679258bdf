"""The venue's money: cash and positions in whole units, so that every sum is exact.

Knows nothing of orders. Cash is in money units (10^-12 of the account currency), positions in lots
(signed), prices in ticks. Cash changes by exactly minus the signed traded value, minus the fee;
what a position costs is kept beside it for the report.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl_core.domain.instruments import Instrument
from hfl_core.domain.money import EXACT, canonical, money_from_units, money_units
from hfl_core.domain.orders import PositionReport
from hfl_core.venue.model import VenueSettings
from hfl_core.venue.pricing import Ratio, fee_units, ratio

REPORT_STEP: Final = Decimal(
    "1e-12"
)  # an average entry price is for reading: it is rounded to this


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One instrument as traded here: its steps and costs in whole numbers. value_units.

    One lot, one tick.
    """

    instrument: Instrument
    value_units: int
    margin: Ratio
    commission: Ratio
    half_spread: Ratio
    taking: Ratio


@dataclass(slots=True, kw_only=True)
class Holding:
    """One position. cost_units: what the open lots cost, signed like the lots."""

    lots: int = 0
    cost_units: int = 0
    mark_ticks: int = 0


def listing(instrument: Instrument, settings: VenueSettings) -> Listing:
    """Prepare an instrument for trading under these settings."""
    costs = settings.costs[instrument.asset_class]
    return Listing(
        instrument=instrument,
        value_units=instrument.value_units,
        margin=ratio(instrument.margin_fraction),
        commission=ratio(costs.commission),
        half_spread=ratio(costs.spread / 2),
        taking=ratio(costs.spread / 2 + costs.slippage),
    )


class Ledger:
    """Cash and positions of one account."""

    def __init__(self) -> None:
        self.cash_units = 0
        self.listings: list[Listing] = []
        self.holdings: list[Holding] = []

    def trade(self, index: int, signed_lots: int, *, ticks: int) -> int:
        """Book one execution and return its fee in money units."""
        listed = self.listings[index]
        value = signed_lots * ticks * listed.value_units
        fee = fee_units(abs(value), listed.commission)
        self.cash_units -= value + fee
        _hold(self.holdings[index], signed_lots, value)
        return fee

    def reducible_lots(self, index: int, sign: int) -> int:
        """Return how many lots an order of this sign could close."""
        return max(0, -self.holdings[index].lots * sign)

    def need_units(self, index: int, signed_lots: int, *, ticks: int) -> int:
        """Return the money an order binds: margin on what it adds to exposure, and its fee."""
        listed = self.listings[index]
        sign = 1 if signed_lots > 0 else -1
        added = max(0, abs(signed_lots) - self.reducible_lots(index, sign))
        lot_units = ticks * listed.value_units
        fee = fee_units(abs(signed_lots) * lot_units, listed.commission)
        return _part(added * lot_units, listed.margin) + fee

    def affordable_lots(self, index: int, signed_lots: int, *, ticks: int, free_units: int) -> int:
        """Return how many lots of an order the free money pays for.

        The largest number that fits, by halving.
        """
        low, high = 0, abs(signed_lots)
        sign = 1 if signed_lots > 0 else -1
        if self.need_units(index, signed_lots, ticks=ticks) <= free_units:
            return high
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.need_units(index, sign * middle, ticks=ticks) <= free_units
            low, high = (middle, high) if fits else (low, middle - 1)
        return low

    def free_units(self) -> int:
        """Return equity at the last marks, less the margin that positions bind.

        Fully paid and long: the cash.
        """
        free = self.cash_units
        for listed, held in zip(self.listings, self.holdings, strict=True):
            if held.lots:
                value = held.lots * held.mark_ticks * listed.value_units
                free += value - _part(abs(value), listed.margin)
        return free

    def cash(self) -> Decimal:
        """Return the cash in account currency."""
        return canonical(money_from_units(self.cash_units))

    def move(self, amount: Decimal, *, free_units: int) -> bool:
        """Deposit or withdraw; tell whether there was enough for it."""
        units = money_units(amount)
        if units < 0 and free_units + units < 0:
            return False
        self.cash_units += units
        return True

    def positions(self) -> tuple[PositionReport, ...]:
        """Report every position that is not flat, in instrument order."""
        reports = []
        for listed, held in zip(self.listings, self.holdings, strict=True):
            if held.lots:
                quantity = listed.instrument.lot * held.lots
                price = EXACT.divide(money_from_units(held.cost_units), quantity)
                reports.append(
                    PositionReport(
                        symbol=listed.instrument.symbol,
                        quantity=canonical(quantity),
                        price=canonical(price.quantize(REPORT_STEP, context=EXACT)),
                    )
                )
        return tuple(reports)


def _part(units: int, part: Ratio) -> int:
    return -(-units * part.above // part.below)


def _hold(held: Holding, signed_lots: int, value: int) -> None:
    before, after = held.lots, held.lots + signed_lots
    if before * signed_lots >= 0:
        held.cost_units += value
    elif before * after > 0:
        held.cost_units = held.cost_units * after // before
    else:
        held.cost_units = value * after // signed_lots
    held.lots = after
