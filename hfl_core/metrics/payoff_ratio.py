"""Mean win over mean loss. Knows nothing of how often either came."""

from hfl_core.metrics._series import Numbers, complete, largest, ratio
from hfl_core.metrics.average_loss import average_loss
from hfl_core.metrics.average_win import average_win


def payoff_ratio(trade_pnls: Numbers) -> float:
    """Return mean win / mean |loss|; NaN unless there is at least one of each.

    trade_pnls: (trades,) profit of each after costs, in money or as fractions.
    Raises DataError if one is missing or infinite.
    """
    trades = complete("trade_pnls", trade_pnls)
    return ratio(average_win(trades), abs(average_loss(trades)), scale=largest(trades))
