"""Share of trades that won. Knows nothing of their sizes."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, complete


def hit_rate(trade_pnls: Numbers) -> float:
    """Return the share of trades with a profit above zero, 0..1; NaN without trades.

    trade_pnls: (trades,) profit of each after costs; exactly 0 is no win, but counts.
    Raises DataError if one is missing or infinite.
    """
    trades = complete("trade_pnls", trade_pnls)
    return float(np.mean(trades > 0.0)) if len(trades) else NAN
