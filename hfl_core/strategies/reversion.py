"""Mean reversion: buy what fell too far too fast, sell what rose so, out at the mean.

Knows nothing of trends. Long when RSI is at most `oversold` and the close at least `stretch`
deviations below its mean; short when RSI is at least `overbought` and the close as far above. Out
when the close is back within `exit` deviations of the mean, or after `bars_held_max` bars: a
reversion that does not come is a trend. What falls is not bought in a bear market or a crisis, what
rises is not sold in a bull market: `long_in` and `short_in`.
"""

from dataclasses import dataclass
from typing import Final

from hfl_core.domain.opinions import FLAT, LONG, SHORT, Candidate, Evidence
from hfl_core.features.base import FeatureSpec
from hfl_core.strategies.base import View
from hfl_core.strategies.evidence import (
    atr_numbers,
    atr_stop,
    check_atr_stop,
    check_below,
    check_period,
    check_range,
    check_regimes,
    clamp,
    evidence,
    suits,
    weather,
)

OVERSOLD: Final = Candidate(LONG, "oversold: RSI low and close below the lower band")
OVERBOUGHT: Final = Candidate(SHORT, "overbought: RSI high and close above the upper band")
RETURNED: Final = Candidate(FLAT, "close back at its mean")
OVERDUE: Final = Candidate(FLAT, "held too long without a return to the mean")
RSI_MIDDLE: Final = 50.0
# Three deviations from the mean are a full stretch.
STRETCH_FULL: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """rsi, window, atr: bars; stretch, exit: deviations; stop_atr: stop distance in ATR.

    long_in, short_in: regimes in which a side is entered; exits ask for none.
    """

    rsi: int = 14
    oversold: float = 30.0
    overbought: float = 70.0
    window: int = 20
    stretch: float = 2.0
    exit: float = 0.0
    bars_held_max: int = 30
    atr: int = 14
    stop_atr: float = 2.5
    long_in: str = "bull sideways"
    short_in: str = "bear sideways"

    def __post_init__(self) -> None:
        check_period("rsi", self.rsi)
        check_range("oversold", self.oversold, low=0.0, high=RSI_MIDDLE)
        check_range("overbought", self.overbought, low=RSI_MIDDLE, high=100.0)
        check_period("window", self.window, at_least=2)
        check_range("stretch", self.stretch, low=0.0, high=10.0)
        check_range("exit", self.exit, low=-10.0, high=10.0)
        check_below("exit", self.exit, "stretch", self.stretch)
        check_period("bars_held_max", self.bars_held_max)
        check_atr_stop(self.atr, self.stop_atr)
        check_regimes("long_in", self.long_in)
        check_regimes("short_in", self.short_in)

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return RSI, the close's distance from its mean with that mean, and ATR."""
        # The bands' own width does not enter: only the distance in deviations is read.
        return (
            FeatureSpec("rsi", (self.rsi,)),
            FeatureSpec("bollinger", (self.window, 2.0), "zscore"),
            FeatureSpec("bollinger", (self.window, 2.0), "middle"),
            FeatureSpec("atr", (self.atr,)),
        )

    def scan(self, view: View) -> Candidate | None:
        """Return the side against an overdone move, or why the one held is to be left."""
        rsi, distance, _, atr = view.values
        position = view.position
        if position:
            if distance * position >= -self.exit:
                return RETURNED
            return OVERDUE if view.bars_held >= self.bars_held_max else None
        if atr > 0.0:
            if rsi <= self.oversold and distance <= -self.stretch:
                return OVERSOLD
            if rsi >= self.overbought and distance >= self.stretch:
                return OVERBOUGHT
        return None

    def lean(self, values: tuple[float, ...], _close: float) -> float:
        """Return the score, -1 to 1: the mean of RSI's and the bands' view, 0 if they disagree."""
        by_rsi, by_bands = self._views(values)
        return 0.0 if by_rsi * by_bands <= 0.0 else (by_rsi + by_bands) / 2.0

    def fits(self, direction: int, regime: str, /) -> bool:
        """Tell whether a side may be entered in a regime."""
        return suits(direction, regime, long_in=self.long_in, short_in=self.short_in)

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance with RSI and the distance from the mean in deviations."""
        rsi, distance, middle, atr = view.values
        by_rsi, by_bands = self._views(view.values)
        why = {
            LONG: "it fell too far too fast and should return",
            SHORT: "it rose too far too fast and should return",
        }.get(candidate.direction, candidate.setup)
        return evidence(
            score=self.lean(view.values, view.close),
            confidence=min(abs(by_rsi), abs(by_bands)),
            numbers=(
                (f"rsi({self.rsi})", rsi),
                ("oversold", self.oversold),
                ("overbought", self.overbought),
                (f"bollinger({self.window},2).zscore", distance),
                ("stretch", self.stretch),
                ("exit", self.exit),
                (f"bollinger({self.window},2).middle", middle),
                ("bars_held", float(view.bars_held)),
                ("bars_held_max", float(self.bars_held_max)),
                *atr_numbers(self.atr, atr, self.stop_atr),
            ),
            rationale=(
                f"RSI({self.rsi}) is {rsi:.1f} and the close {distance:+.2f} deviations from its"
                f" mean of {self.window} bars: {why}."
                f"{weather(view.regime)}"
            ),
            stop_distance=atr_stop(candidate, atr, self.stop_atr),
        )

    @staticmethod
    def _views(values: tuple[float, ...]) -> tuple[float, float]:
        return clamp((RSI_MIDDLE - values[0]) / RSI_MIDDLE), clamp(-values[1] / STRETCH_FULL)
