"""What a risk rule may know about one intended entry. Knows nothing of rules.

Money is in integer units (10^-12 of the account currency), prices in ticks, quantities in lots.
Everything is of the moment of the decision; working and unknown entries are counted as if filled.
"""

import hashlib
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from hfl_core.domain.instruments import Instrument
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.correlation import Correlations

# Equity at the start of the day, the ISO week and the month: positions in RiskContext.anchors.
DAY, WEEK, MONTH = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFacts:
    """What is known of the instrument's market; None and an empty regime: not known yet.

    days: closed days seen, up to those kept; good_ticks: close of the last bar without a flag
    before this one, 0 for none; day_value: traded value of an average day, money units; bar_lots:
    volume of an average bar, in lots; volatility_ratio: ATR against its long median.
    """

    days: int
    good_ticks: int
    regime: str = ""
    volatility_ratio: float | None = None
    day_value: int | None = None
    bar_lots: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskContext:
    """One intended entry and the account it would enter.

    direction: 1 or -1; price_ticks: reference price; stop_ticks: distance to the protective stop, 0
    when there is none; lots_base: what sizing alone would take; exposures: worst case of everything
    open or on its way; price_age_max_ns: how long opinions may be waited for.

    net: longs less shorts; group_risk, sector_gross: open risk of the instrument's group and
    notional of its sector; gap_loss: what the gap scenario costs on everything held; mark_age_ns:
    age of the oldest price of anything held, None where one has none; others: what is open outside
    the instrument and its group; correlations: with them, None where nothing was computed; market:
    None where none is kept; since_...: None where there was none; tripped: sentences of the circuit
    breakers that are tripped for this instrument or the account.
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
    time_ns: int = 0
    net: int = 0
    group_risk: int = 0
    sector_gross: int = 0
    gap_loss: int = 0
    mark_age_ns: int | None = 0
    others: tuple[str, ...] = ()
    correlations: Correlations | None = None
    market: MarketFacts | None = None
    entries_hour: int = 0
    since_same_entry_ns: int | None = None
    losing_run: int = 0
    since_loss_ns: int | None = None
    since_stop_out_ns: int | None = None
    tripped: tuple[str, ...] = ()

    @property
    def lot_value(self) -> int:
        """Return the value of one lot at the reference price, in money units."""
        return self.price_ticks * self.instrument.value_units

    @property
    def lot_risk(self) -> int:
        """Return what one lot loses between reference price and stop, in money units."""
        return self.stop_ticks * self.instrument.value_units

    @property
    def inputs_hash(self) -> str:
        """Return the SHA-256 of everything the rules were told, hexadecimal."""
        told = (f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


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
    over, under = _ratio(fraction)
    return amount * over // under


@lru_cache(maxsize=256)
def _ratio(fraction: Decimal) -> tuple[int, int]:
    """Return a fraction as two whole numbers; limits are a few and never change."""
    return fraction.as_integer_ratio()
