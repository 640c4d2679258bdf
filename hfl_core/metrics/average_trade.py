"""Mean profit of a trade. Knows nothing of their order."""

from hfl_core.metrics._series import Numbers, complete, mean


def average_trade(trade_pnls: Numbers) -> float:
    """Return the mean profit, in the unit of trade_pnls; NaN without trades.

    trade_pnls: (trades,) profit of each after costs, in money or as fractions.
    Raises DataError if one is missing or infinite.
    """
    return mean(complete("trade_pnls", trade_pnls))
