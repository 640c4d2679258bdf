"""Volatility: bars that have become many times as wide as they were.

    value = mean true range with the weight of 14 bars / the same with the weight of 100
    limit = breaker_volatility_ratio_max
    scope   one instrument            does     refuse: no new exposure in it
    re-arm  breaker_calm_bars bars of it in a row below the limit

Silent for the first 101 bars. Worked example: ranges of 1 for long, then of 8: after seven bars of
8 the first mean is near 3.8 and the second 1.5, a ratio of 2.6; a limit of 2.5 trips. Knows nothing
of direction.
"""

from hfl_core.domain.limits import RiskLimits
from hfl_core.risk.breaking import Breaker, Reading
from hfl_core.risk.market import SLOW_BARS, VOLATILITY, Market

BREAKER = Breaker(name="volatility", bit=VOLATILITY)


def read(market: Market, limits: RiskLimits) -> Reading:
    """Return what the last bar measured against the limit."""
    is_known = market.bars > SLOW_BARS + 1 and market.slow > 0.0
    value = market.atr / market.slow if is_known else 0.0
    return Reading("times the usual range", value, float(limits.breaker_volatility_ratio_max))
