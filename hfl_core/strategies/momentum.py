"""Time-series momentum: what has risen for long, measured against its own volatility, goes on.

Knows nothing of other instruments. z = log return over `window` bars / (volatility * sqrt(window)):
the move in the size that chance alone would give it (after Moskowitz, Ooi and Pedersen 2012). Long
at z >= enter, short at z <= -enter, out when z falls back to `exit`.
"""

import math
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
    ratio,
    suits,
    weather,
)

RISING: Final = Candidate(LONG, "momentum up beyond chance")
FALLING: Final = Candidate(SHORT, "momentum down beyond chance")
SPENT: Final = Candidate(FLAT, "momentum spent")
# Two standard deviations are a full score.
Z_FULL: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """window: bars of the move; volatility, atr: bars; enter, exit: z; stop_atr: stop in ATR.

    long_in, short_in: regimes in which a side is entered; exits ask for none.
    """

    window: int = 60
    volatility: int = 60
    enter: float = 0.8
    exit: float = 0.1
    atr: int = 14
    stop_atr: float = 2.0
    long_in: str = "bull sideways"
    short_in: str = "bear sideways crisis"

    def __post_init__(self) -> None:
        check_period("window", self.window)
        check_period("volatility", self.volatility, at_least=2)
        check_range("enter", self.enter, low=0.0, high=10.0)
        check_range("exit", self.exit, low=-10.0, high=10.0)
        check_below("exit", self.exit, "enter", self.enter)
        check_atr_stop(self.atr, self.stop_atr)
        check_regimes("long_in", self.long_in)
        check_regimes("short_in", self.short_in)

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return momentum, volatility and ATR."""
        return (
            FeatureSpec("momentum", (self.window,)),
            FeatureSpec("volatility", (self.volatility,)),
            FeatureSpec("atr", (self.atr,)),
        )

    def scan(self, view: View) -> Candidate | None:
        """Return the side of a move beyond chance, or SPENT when the one held has ended."""
        return self.glance(view.values, view.close, view.position)

    def glance(
        self, values: tuple[float, ...], _close: float, position: int, /
    ) -> Candidate | None:
        """Return what `scan` says, from the values alone."""
        move, volatility, atr = values
        unit = volatility * math.sqrt(self.window)
        if position:
            return SPENT if move * position < self.exit * unit else None
        if unit > 0.0 and atr > 0.0:
            if move >= self.enter * unit:
                return RISING
            if move <= -self.enter * unit:
                return FALLING
        return None

    def lean(self, values: tuple[float, ...], _close: float) -> float:
        """Return the score, -1 to 1: z over two."""
        return clamp(self._z(values) / Z_FULL)

    def fits(self, direction: int, regime: str, /) -> bool:
        """Tell whether a side may be entered in a regime."""
        return suits(direction, regime, long_in=self.long_in, short_in=self.short_in)

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance with z; confidence is the chance that such a move is not luck."""
        move, volatility, atr = view.values
        z = self._z(view.values)
        why = {
            LONG: f"at least {self.enter:g}, so it should go on rising",
            SHORT: f"at most {-self.enter:g}, so it should go on falling",
        }.get(candidate.direction, "the momentum that was held is spent")
        return evidence(
            score=self.lean(view.values, view.close),
            confidence=math.erf(abs(z) / math.sqrt(2.0)),
            numbers=(
                (f"momentum({self.window})", move),
                (f"volatility({self.volatility})", volatility),
                ("z", z),
                ("enter", self.enter),
                ("exit", self.exit),
                *atr_numbers(self.atr, atr, self.stop_atr),
            ),
            rationale=(
                f"The move of {self.window} bars is {100 * move:+.2f} % in logs,"
                f" {z:+.2f} of the size chance would give it: {why}."
                f"{weather(view.regime)}"
            ),
            stop_distance=atr_stop(candidate, atr, self.stop_atr),
        )

    def _z(self, values: tuple[float, ...]) -> float:
        unit = values[1] * math.sqrt(self.window)
        return ratio(values[0], unit)
