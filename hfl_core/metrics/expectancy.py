"""What a trade is expected to make. Knows nothing of their order."""

from typing import NamedTuple

import numpy as np

from hfl_core.metrics._series import NAN, Numbers, complete, largest, ratio


class Expectancy(NamedTuple):
    """Expected profit a trade in the unit of the profits, and per unit of an average loss."""

    expectancy: float
    expectancy_ratio: float


def expectancy(trade_pnls: Numbers) -> Expectancy:
    """Return share of wins * mean win - share of losses * mean |loss|, and its ratio.

    The ratio is (1 + mean win / mean |loss|) * share of wins - 1: infinite if nothing lost, NaN if
    nothing won or lost. trade_pnls: (trades,) profit of each after costs; exactly 0 is neither a
    win nor a loss, but counts in the shares. NaN without trades.
    Raises DataError if one is missing or infinite.
    Source: Tharp 1998.
    """
    trades = complete("trade_pnls", trade_pnls)
    if not len(trades):
        return Expectancy(NAN, NAN)
    wins, losses = trades[trades > 0.0], -trades[trades < 0.0]
    win = float(wins.mean()) if len(wins) else 0.0
    loss = float(losses.mean()) if len(losses) else 0.0
    share = len(wins) / len(trades)
    expected = share * win - len(losses) / len(trades) * loss
    if not np.any(trades):
        return Expectancy(expected, NAN)
    return Expectancy(expected, (1.0 + ratio(win, loss, scale=largest(trades))) * share - 1.0)
