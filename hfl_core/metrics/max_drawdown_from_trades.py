"""Largest drawdown of the balance after each trade. Knows nothing between trades."""

from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.metrics._series import Array, Numbers, complete, largest, ratio

# Balances that differ by less than this share of the largest are equal but for rounding.
EQUAL: Final = 1e-12
CHOICES: Final = {
    "absolute": False,
    "largest absolute": False,
    "relative": True,
    "largest relative": True,
}


class TradeDrawdown(NamedTuple):
    """How far below the peak, in money and as a fraction of it; trades counted from 0."""

    drawdown_abs: float
    drawdown_relative: float
    peak_index: int
    trough_index: int


def max_drawdown_from_trades(
    trade_pnls: Numbers, *, starting_balance: float = 0.0, choose: str = "absolute"
) -> TradeDrawdown | None:
    """Return the largest drawdown of starting_balance + the profits so far; None without trades.

    trade_pnls: (trades,) profit of each after costs, oldest first, in money. The peak is the
    highest balance after a trade so far; the starting balance itself is none. `choose`: absolute
    (money) or relative (to the peak). Of equal ones the first is meant. The relative drawdown is
    NaN or infinite where the peak is zero.
    Raises DataError if a profit is missing or infinite, or for another `choose`.
    """
    trades = complete("trade_pnls", trade_pnls)
    if choose not in CHOICES:
        raise DataError(f"expected choose as absolute or relative, found {choose!r}: use one")
    if not len(trades):
        return None
    balances = starting_balance + np.cumsum(trades)
    scale = largest(balances)
    peaks = np.maximum.accumulate(balances)
    depths = peaks - balances
    shares = np.array(
        [
            ratio(float(depth), float(peak), scale=scale) if depth else 0.0
            for depth, peak in zip(depths, peaks, strict=True)
        ]
    )
    if CHOICES[choose]:
        trough = _first_largest(shares, scale=1.0)
    else:
        trough = _first_largest(depths, scale=scale)
    peak = _first_largest(balances[: trough + 1], scale=scale)
    return TradeDrawdown(float(depths[trough]), float(shares[trough]), peak, trough)


def _first_largest(values: Array, *, scale: float) -> int:
    return int(np.argmax(values >= np.nanmax(values) - EQUAL * scale))
