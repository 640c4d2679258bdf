"""Price: a bar, or the day so far, that moved beyond all proportion.

    value = |close - close before|, in ATRs of the bars before or as a fraction; of the day: from
            the close of the day before, as a fraction
    limit = breaker_move_atr_max (from the 16th bar on), breaker_move_fraction_max
    scope   one instrument            does     refuse: no new exposure in it
    re-arm  breaker_calm_bars bars of it in a row without another such move

Worked example: ATR 2, limits 8 and 0.15, close before 100: a close of 84 is 8 ATRs and 16 %, so the
fraction trips; 86 does not. Knows nothing of volume.
"""

from hfl_core.domain.limits import RiskLimits
from hfl_core.risk.breaking import Breaker, Reading
from hfl_core.risk.market import ATR_BARS, PRICE, Market

BREAKER = Breaker(name="price", bit=PRICE)


def read(market: Market, limits: RiskLimits) -> Reading:
    """Return what the last bar measured against the limits: the part that is furthest beyond."""
    readings = []
    fraction_max = float(limits.breaker_move_fraction_max)
    if market.before:
        readings.append(
            Reading("of the bar before", market.move / market.before, fraction_max),
        )
    if market.day_base:
        moved = abs(market.close - market.day_base) / market.day_base
        readings.append(Reading("since the day before", moved, fraction_max))
    if market.bars > ATR_BARS + 1 and market.atr_before > 0.0:
        atr_max = float(limits.breaker_move_atr_max)
        readings.append(Reading("ATRs in one bar", market.move / market.atr_before, atr_max))
    return max(
        readings, key=lambda each: each.value / each.limit, default=Reading("one bar", 0.0, 1.0)
    )
