"""Geometric mean return of a trade. Knows nothing of their order."""

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, complete


def geometric_mean_trade(trade_returns: Numbers) -> float:
    """Return prod(1 + r) ** (1 / n) - 1, a fraction; NaN without trades.

    trade_returns: (trades,) return of each after costs; -1 where one trade or more lost everything.
    Raises DataError if one is missing or infinite.
    """
    trades = complete("trade_returns", trade_returns)
    if not len(trades):
        return NAN
    if trades.min() <= -1.0:
        return -1.0
    return float(np.expm1(np.log1p(trades).mean()))
