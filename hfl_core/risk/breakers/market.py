"""Market: many of the watched instruments broken at once.

    value = instruments with a tripped price, volume or volatility breaker / instruments watched
    limit = breaker_market_fraction_max, judged from two broken ones on
    scope   the account               does     reduce only: no new exposure anywhere, entries on
                                               their way cancelled; exits and stops go on
    re-arm  when the broken are no more than half of what trips it

An instrument's breaker says that its own yesterday no longer counts; when a large part of all
markets say so, the calm of the others counts no more either. Counting them covers price, volume and
volatility alike, needs nothing in the loop over bars, and does not mix the sizes of moves of
classes that move differently, as one average move of all would. Worked example: 10 instruments,
limit 0.3: the fourth that breaks trips it, it is armed again when one is left. Knows nothing of
what was measured.
"""

from typing import Final

from hfl_core.domain.limits import RiskLimits
from hfl_core.risk.breaking import Breaker, Reading

BROKEN_MIN: Final = 2
BREAKER = Breaker(name="market", bit=0)


def read(broken: int, watched: int, limits: RiskLimits) -> Reading:
    """Return the share of the watched instruments that are broken; 0 while fewer than two are."""
    value = broken / watched if broken >= BROKEN_MIN else 0.0
    limit = float(limits.breaker_market_fraction_max)
    return Reading("of the watched markets are tripped", value, limit)


def is_calm(broken: int, watched: int, limits: RiskLimits) -> bool:
    """Tell whether the broken are no more than half of what the limit allows."""
    return 2 * broken <= limits.breaker_market_fraction_max * watched


def trips_at(watched: int, limit: float) -> int:
    """Return how many broken instruments trip it, more than there are when none can."""
    return max(BROKEN_MIN, int(watched * limit + 1e-9) + 1)
