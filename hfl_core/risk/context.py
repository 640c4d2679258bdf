"""What a risk rule may know about one intended entry. Knows nothing of rules.

Money is in integer units (10^-12 of the account currency), prices in ticks, quantities in lots.
Everything is of the moment of the decision; working and unknown entries are counted as if filled.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from hfl_core.domain.instruments import Instrument
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.verdicts import RuleVerdict

# Equity at the start of the day, the ISO week and the month: positions in RiskContext.anchors.
DAY, WEEK, MONTH = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskContext:
    """One intended entry and the account it would enter.

    direction: 1 or -1; price_ticks: reference price; stop_ticks: distance to the protective stop, 0
    when there is none; lots_base: what sizing alone would take; exposures: worst case of everything
    open or on its way; price_age_max_ns: how long opinions may be waited for.
    """

    instrument: Instrument
    limits: RiskLimits
    currency: str
    direction: int
    price_ticks: int
    stop_ticks: int
    lots_base: int
    equity: int
    cash: int
    high_water_mark: int
    anchors: tuple[int, int, int]
    open_risk: int
    gross: int
    symbol_gross: int
    margin_used: int
    bets: int
    price_age_ns: int
    price_age_max_ns: int

    @property
    def lot_value(self) -> int:
        """Return the value of one lot at the reference price, in money units."""
        return self.price_ticks * self.instrument.value_units

    @property
    def lot_risk(self) -> int:
        """Return what one lot loses between reference price and stop, in money units."""
        return self.stop_ticks * self.instrument.value_units


class Rule(Protocol):
    """One rule of the gate: a file in `rules/` with a class `Rule`.

    `check` returns a verdict and never raises; an input it needs and does not have is a refusal
    that says so.
    """

    @property
    def name(self) -> str: ...
    def check(self, context: RiskContext) -> RuleVerdict: ...


def share(amount: int, fraction: Decimal) -> int:
    """Return fraction of amount in whole units, rounded down. fraction is 0..1 or more, exact."""
    over, under = fraction.as_integer_ratio()
    return amount * over // under
