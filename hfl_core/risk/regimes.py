"""The regime of one instrument from its daily closes: bull, bear, sideways or crisis.

    r          = daily log returns
    volatility = sample deviation of the last 20 r; its rank = share of the kept ones below it
    trend      = ln(close / close 30 days ago) / (deviation of those 30 r * sqrt(30)): the move in
                 the size that chance alone would give it
    extreme    = one of the last 5 r is at least 4 deviations of the 25 r before them away from
                 the mean of those

    crisis    rank >= 0.9 and extreme            left when rank < 0.7 and nothing is extreme
    bull      trend >= 1 and rank <= 0.8         left when trend < 0.5 or rank > 0.9
    bear      trend <= -1, at any volatility     left when trend > -0.5
    sideways  else

What is left later than it is entered does not flicker (hysteresis). A crisis comes before all
others. Known from 31 closes on; until then the name is empty. Worked example: 40 days up one per
cent each but for small noise are a bull; one day of minus 30 % makes them a crisis the same
evening. Knows nothing of what a regime is used for; see rules/regime.py and the strategies.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from hfl_core.domain.regimes import BEAR, BULL, CRISIS, SIDEWAYS, UNKNOWN

TREND_DAYS: Final = 30
VOLATILITY_DAYS: Final = 20
EXTREME_DAYS: Final = 5
EXTREME_SIZE: Final = 4.0
VOLATILITIES_KEPT: Final = 120
CRISIS_RANK, CRISIS_RANK_LEFT = 0.9, 0.7
BULL_RANK, BULL_RANK_LEFT = 0.8, 0.9
TREND_MIN, TREND_LEFT = 1.0, 0.5
# What a move after perfect stillness counts as.
FIGURE_MAX: Final = 10.0


class Regime:
    """name: the regime after the last close; trend, rank: the figures behind it."""

    __slots__ = ("is_extreme", "name", "rank", "trend", "volatilities")

    def __init__(self) -> None:
        self.name = UNKNOWN
        self.trend = 0.0
        self.rank = 0.0
        self.is_extreme = False
        self.volatilities: deque[float] = deque(maxlen=VOLATILITIES_KEPT)

    def advance(self, closes: Sequence[int]) -> None:
        """Take a day's end in. closes: daily, the newest last, in ticks; the last 31 count."""
        recent = list(closes)[-TREND_DAYS - 1 :]
        returns = [math.log(later / earlier) for earlier, later in pairwise(recent)]
        if len(returns) < VOLATILITY_DAYS:
            return
        volatility = _deviation(returns[-VOLATILITY_DAYS:])
        below = sum([kept < volatility for kept in self.volatilities])
        self.rank = below / len(self.volatilities) if self.volatilities else 0.0
        self.volatilities.append(volatility)
        if len(returns) < TREND_DAYS:
            return
        self.trend = _ratio(math.fsum(returns), _deviation(returns) * math.sqrt(TREND_DAYS))
        usual = returns[:-EXTREME_DAYS]
        mean, deviation = math.fsum(usual) / len(usual), _deviation(usual)
        self.is_extreme = any(
            _ratio(abs(move - mean), deviation) >= EXTREME_SIZE for move in returns[-EXTREME_DAYS:]
        )
        self.name = self._classify()

    def _classify(self) -> str:
        was, rank, trend = self.name, self.rank, self.trend
        if rank >= CRISIS_RANK and self.is_extreme:
            return CRISIS
        if was == CRISIS and (rank >= CRISIS_RANK_LEFT or self.is_extreme):
            return CRISIS
        if trend <= -TREND_MIN or (was == BEAR and trend <= -TREND_LEFT):
            return BEAR
        if trend >= TREND_MIN and rank <= BULL_RANK:
            return BULL
        if was == BULL and trend >= TREND_LEFT and rank <= BULL_RANK_LEFT:
            return BULL
        return SIDEWAYS

    def state(self) -> dict[str, object]:
        """Return every bit as plain JSON values."""
        return {
            "name": self.name,
            "trend": self.trend,
            "rank": self.rank,
            "is_extreme": self.is_extreme,
            "volatilities": list(self.volatilities),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on exactly where `state` was taken. Raises KeyError when a part is missing."""
        for name in ("name", "trend", "rank", "is_extreme"):
            setattr(self, name, state[name])
        self.volatilities.clear()
        self.volatilities.extend(state["volatilities"])


def _deviation(numbers: Sequence[float]) -> float:
    mean = math.fsum(numbers) / len(numbers)
    centred = [each - mean for each in numbers]
    return math.sqrt(math.fsum([each * each for each in centred]) / (len(numbers) - 1))


def _ratio(figure: float, base: float) -> float:
    """Return figure / base within +-FIGURE_MAX; a base of zero makes every movement the largest."""
    if abs(figure) >= FIGURE_MAX * base:
        return math.copysign(FIGURE_MAX, figure) if figure else 0.0
    return figure / base
