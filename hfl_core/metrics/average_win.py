"""Mean profit of the winning trades. Knows nothing of their order."""

from hfl_core.metrics._series import Numbers, complete, mean


def average_win(trade_pnls: Numbers) -> float:
    """Return the mean of the profits above zero, its sign kept; NaN if there is none.

    trade_pnls: (trades,) profit of each after costs, in money or as fractions.
    Raises DataError if one is missing or infinite.
    """
    trades = complete("trade_pnls", trade_pnls)
    return mean(trades[trades > 0.0])
