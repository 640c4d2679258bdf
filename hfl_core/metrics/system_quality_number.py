"""Van Tharp's system quality number. Knows nothing of the trades' order."""

import math

from hfl_core.metrics._series import Numbers, complete, deviation, largest, mean, ratio


def system_quality_number(trade_pnls: Numbers) -> float:
    """Return sqrt(n) * mean / std of the profits (ddof 1); NaN below two trades.

    trade_pnls: (trades,) profit of each after costs. Infinite with the mean's sign if all are
    equal.
    Raises DataError if one is missing or infinite.
    Source: Tharp 2008.
    """
    trades = complete("trade_pnls", trade_pnls)
    return math.sqrt(len(trades)) * ratio(mean(trades), deviation(trades), scale=largest(trades))
