"""Kelly's fraction of the trades. Knows nothing of their order."""

from hfl_core.metrics._series import NAN, Numbers, complete
from hfl_core.metrics.hit_rate import hit_rate
from hfl_core.metrics.payoff_ratio import payoff_ratio


def kelly_criterion(trade_pnls: Numbers) -> float:
    """Return W - (1 - W) / (mean win / mean |loss|), W the share of wins; below 0: do not bet.

    trade_pnls: (trades,) profit of each after costs. NaN unless there is at least one win and one
    loss. It says what past trades would have borne; no size in this program is made of it.
    Raises DataError if one is missing or infinite.
    Source: Kelly 1956.
    """
    trades = complete("trade_pnls", trade_pnls)
    payoff = payoff_ratio(trades)
    wins = hit_rate(trades)
    return wins - (1.0 - wins) / payoff if payoff > 0.0 else NAN
