"""Follow a trend: moving-average cross, entered only when ADX says that there is one.

Knows nothing of sizes or orders. Long when the fast average is above the slow one by at least
`band` ATR and ADX is at least `adx_min` with direction agreeing; short the other way round. Out
when the averages cross back or ADX falls below `adx_exit`. The two gaps (band and 0, adx_min and
adx_exit) are the hysteresis that keeps it from flickering. A trend is followed where the market's
own regime does not run against it: `long_in` and `short_in`.
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
    ratio,
    suits,
    weather,
)

UP: Final = Candidate(LONG, "uptrend: averages apart and ADX strong")
DOWN: Final = Candidate(SHORT, "downtrend: averages apart and ADX strong")
OVER: Final = Candidate(FLAT, "trend over: averages crossed back or ADX weak")
# ADX above 50 is as strong as trends get (Wilder 1978, ch. 4).
ADX_FULL: Final = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """fast, slow, adx, atr: bars; band: ATR between the averages; stop_atr: stop in ATR.

    long_in, short_in: regimes in which a side is entered; exits ask for none.
    """

    fast: int = 20
    slow: int = 50
    adx: int = 14
    adx_min: float = 22.0
    adx_exit: float = 16.0
    band: float = 0.25
    atr: int = 14
    stop_atr: float = 2.0
    long_in: str = "bull sideways"
    short_in: str = "bear sideways crisis"

    def __post_init__(self) -> None:
        check_period("fast", self.fast)
        check_period("slow", self.slow)
        check_below("fast", self.fast, "slow", self.slow)
        check_period("adx", self.adx, at_least=2)
        check_range("adx_min", self.adx_min, low=0.0, high=100.0)
        check_range("adx_exit", self.adx_exit, low=0.0, high=100.0)
        check_below("adx_exit", self.adx_exit, "adx_min", self.adx_min)
        check_range("band", self.band, low=0.0, high=20.0)
        check_atr_stop(self.atr, self.stop_atr)
        check_regimes("long_in", self.long_in)
        check_regimes("short_in", self.short_in)

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return both averages, ADX with its two directions, and ATR."""
        return (
            FeatureSpec("sma", (self.fast,)),
            FeatureSpec("sma", (self.slow,)),
            FeatureSpec("adx", (self.adx,)),
            FeatureSpec("adx", (self.adx,), "pdi"),
            FeatureSpec("adx", (self.adx,), "mdi"),
            FeatureSpec("atr", (self.atr,)),
        )

    def scan(self, view: View) -> Candidate | None:
        """Return the side of a strong trend, or OVER when the one held has ended."""
        return self.glance(view.values, view.close, view.position)

    def glance(
        self, values: tuple[float, ...], _close: float, position: int, /
    ) -> Candidate | None:
        """Return what `scan` says, from the values alone."""
        fast, slow, adx, plus, minus, atr = values
        gap = fast - slow
        if position:
            return OVER if gap * position < 0.0 or adx < self.adx_exit else None
        if adx >= self.adx_min and atr > 0.0:
            margin = self.band * atr
            if gap > 0.0 and gap >= margin and plus > minus:
                return UP
            if gap < 0.0 and -gap >= margin and minus > plus:
                return DOWN
        return None

    def lean(self, values: tuple[float, ...], _close: float) -> float:
        """Return the score, -1 to 1: half the trend's strength, half the averages' gap."""
        fast, slow, adx, _, _, atr = values
        gap = clamp(ratio(fast - slow, atr))
        strength = clamp(adx / ADX_FULL, 0.0)
        return 0.5 * gap + (0.5 * strength if gap > 0.0 else -0.5 * strength if gap < 0.0 else 0.0)

    def fits(self, direction: int, regime: str, /) -> bool:
        """Tell whether a side may be entered in a regime."""
        return suits(direction, regime, long_in=self.long_in, short_in=self.short_in)

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance with the averages' distance in ATR, ADX and its directions."""
        fast, slow, adx, plus, minus, atr = view.values
        gap = ratio(fast - slow, atr)
        agreement = ratio(plus - minus if gap > 0.0 else minus - plus, plus + minus)
        if candidate.direction == FLAT:
            why = "the trend is over"
        else:
            side = "up" if candidate.direction == LONG else "down"
            why = f"at least {self.adx_min:g}, so there is a trend, and it points {side}"
        return evidence(
            score=self.lean(view.values, view.close),
            confidence=0.5 + 0.25 * clamp(adx / ADX_FULL, 0.0) + 0.25 * clamp(agreement),
            numbers=(
                (f"sma({self.fast})", fast),
                (f"sma({self.slow})", slow),
                ("gap_atr", gap),
                ("band", self.band),
                (f"adx({self.adx})", adx),
                ("adx_min", self.adx_min),
                ("adx_exit", self.adx_exit),
                (f"adx({self.adx}).pdi", plus),
                (f"adx({self.adx}).mdi", minus),
                *atr_numbers(self.atr, atr, self.stop_atr),
            ),
            rationale=(
                f"SMA({self.fast}) stands {gap:+.2f} ATR from SMA({self.slow}),"
                f" ADX is {adx:.1f}: {why}."
                f"{weather(view.regime)}"
            ),
            stop_distance=atr_stop(candidate, atr, self.stop_atr),
        )
