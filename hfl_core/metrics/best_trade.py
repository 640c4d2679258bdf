"""The best trade's profit. Knows nothing of their order."""

from hfl_core.metrics._series import NAN, Numbers, complete


def best_trade(trade_pnls: Numbers) -> float:
    """Return the largest profit, its sign kept; NaN without trades.

    trade_pnls: (trades,) profit of each after costs, in money or as fractions.
    Raises DataError if one is missing or infinite.
    """
    trades = complete("trade_pnls", trade_pnls)
    return float(trades.max()) if len(trades) else NAN
