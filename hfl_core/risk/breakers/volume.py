"""Volume: a bar that traded many times what its market usually trades.

    value = the bar's volume / median of the last 100 bars at the end of the day before
    limit = breaker_volume_ratio_max
    scope   one instrument            does     refuse: no new exposure in it
    re-arm  breaker_calm_bars bars of it in a row below the limit

Silent until 20 bars and one day are known, and where the feed has no traded volume. Worked example:
median 1,000, limit 30: a bar of 30,001 trips, one of 30,000 does not. Knows nothing of prices.
"""

from hfl_core.domain.limits import RiskLimits
from hfl_core.risk.breaking import Breaker, Reading
from hfl_core.risk.market import VOLUME, Market

BREAKER = Breaker(name="volume", bit=VOLUME)


def read(market: Market, limits: RiskLimits) -> Reading:
    """Return what the last bar measured against the limit."""
    usual = market.volume_usual
    value = market.volume / usual if usual else 0.0
    return Reading("times the usual volume", value, float(limits.breaker_volume_ratio_max))
