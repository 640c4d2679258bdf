"""What the winning trades made over what the losing ones lost. Knows nothing of order."""

import numpy as np

from hfl_core.metrics._series import Numbers, complete, largest, ratio


def profit_factor(trade_pnls: Numbers) -> float:
    """Return the sum of the gains / |sum of the losses|; infinite without losses.

    trade_pnls: (trades,) profit of each after costs, in money or as fractions. NaN without trades,
    or if none won or lost.
    Raises DataError if one is missing or infinite.
    """
    trades = complete("trade_pnls", trade_pnls)
    gained = float(np.maximum(trades, 0.0).sum())
    return ratio(gained, float(-np.minimum(trades, 0.0).sum()), scale=largest(trades))
