"""Where inside a bar an order fills, in whole ticks, always rounded against the trader.

Knows nothing of accounts. The model, told once:

- A bar's prices are trades in the middle of the spread. Whoever takes pays half the spread, and
  slippage on top.
- A market order takes at the open.
- A stop triggers when the bar touches it, and then takes: at the stop price, or at the open when
  the bar opens beyond it.
- A limit order fills when the other side of the book trades strictly *through* it (a touch is not
  enough: others stand before us), at the limit price; when the bar opens at or beyond it, at the
  open's bid or ask. It pays the spread but no slippage.
- A reduce-only stop with a target is both, the stop tried first: when one bar touches both, the
  worse thing happened.
"""

from decimal import Decimal
from typing import Final, NamedTuple

from hfl_core.domain.bars import BarRow
from hfl_core.domain.orders import OrderType

FEE_STEP_UNITS: Final = 10_000  # 10^-8 of the account currency in units of 10^-12
BUY: Final = 1
SELL: Final = -1


class Ratio(NamedTuple):
    """A fraction in whole numbers, so that prices and fees stay exact."""

    above: int
    below: int


class Execution(NamedTuple):
    """A price in ticks, and whether it is taken at the open (else somewhere inside the bar)."""

    ticks: int
    is_at_open: bool


def ratio(value: Decimal) -> Ratio:
    """Return a Decimal fraction as two whole numbers."""
    return Ratio(*value.as_integer_ratio())


def worse_ticks(ticks: int, part: Ratio, sign: int) -> int:
    """Return the price moved by a fraction against the trader, rounded against him.

    Never below one tick.
    """
    if sign == BUY:
        return -(-ticks * (part.below + part.above) // part.below)
    return max(1, ticks * (part.below - part.above) // part.below)


def fee_units(notional_units: int, commission: Ratio) -> int:
    """Return the commission on a traded value in money units (10^-12).

    Rounded up to 10^-8 of the currency.
    """
    return (
        -(-notional_units * commission.above // (commission.below * FEE_STEP_UNITS))
        * FEE_STEP_UNITS
    )


def market_execution(bar: BarRow, sign: int, taking: Ratio) -> Execution:
    """Return where a market order fills: at the open, with half the spread and slippage."""
    return Execution(worse_ticks(bar.open, taking, sign), is_at_open=True)


def stop_execution(bar: BarRow, sign: int, taking: Ratio, *, stop_ticks: int) -> Execution | None:
    """Return where a stop fills in this bar, or None when the bar does not touch it."""
    if (bar.open - stop_ticks) * sign >= 0:
        return Execution(worse_ticks(bar.open, taking, sign), is_at_open=True)
    extreme = bar.high if sign == BUY else bar.low
    if (extreme - stop_ticks) * sign >= 0:
        return Execution(worse_ticks(stop_ticks, taking, sign), is_at_open=False)
    return None


def limit_execution(
    bar: BarRow, sign: int, half_spread: Ratio, *, limit_ticks: int
) -> Execution | None:
    """Return where a limit order fills in this bar.

    Or None when the bar does not trade through it.
    """
    at_open = worse_ticks(bar.open, half_spread, sign)
    if (limit_ticks - at_open) * sign >= 0:
        return Execution(at_open, is_at_open=True)
    best = worse_ticks(bar.low if sign == BUY else bar.high, half_spread, sign)
    if (limit_ticks - best) * sign > 0:
        return Execution(limit_ticks, is_at_open=False)
    return None


# Stops before limits: when one bar touches both, the worse thing happened first.
RANK: Final = {OrderType.MARKET: 0, OrderType.STOP: 1, OrderType.LIMIT: 2}
