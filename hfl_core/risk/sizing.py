"""Position size from equity, risk per trade and the distance to the stop.

Knows nothing of limits beyond these.

    risk budget = equity x risk_per_trade_fraction
    lots        = floor(risk budget / (stop distance in ticks x value of one tick and lot))

The stop distance is a multiple of the ATR, so a livelier market gets a smaller size. Rounding is
always down.
"""

from decimal import Decimal

from hfl_core.domain.instruments import Instrument
from hfl_core.domain.money import money_text
from hfl_core.domain.values import Value
from hfl_core.risk.context import share


class Size(Value, frozen=True, kw_only=True):
    """What sizing came to, with its arithmetic in order."""

    lots: int
    steps: tuple[tuple[str, str], ...]


def size_by_risk(
    instrument: Instrument, *, equity: int, fraction: Decimal, stop_ticks: int
) -> Size:
    """Return the largest whole number of lots whose loss at the stop stays inside the risk budget.

    equity in money units; stop_ticks 0 or less gives no lots.
    """
    budget = share(equity, fraction)
    lot_risk = stop_ticks * instrument.value_units
    lots = budget // lot_risk if lot_risk > 0 and budget > 0 else 0
    return Size(
        lots=lots,
        steps=(
            ("method", "risk_per_trade"),
            ("equity", money_text(equity)),
            ("risk_fraction", str(fraction)),
            ("risk_budget", money_text(budget)),
            ("stop_distance", str(stop_ticks * instrument.tick)),
            ("risk_per_lot", money_text(lot_risk)),
            ("lots", str(lots)),
        ),
    )


def size_fixed(lots: int) -> Size:
    """Return a fixed size, for benchmarks and truth runs."""
    return Size(lots=lots, steps=(("method", "fixed_lots"), ("lots", str(lots))))
