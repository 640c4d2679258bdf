"""Break-out: a close beyond the highest high or lowest low of the bars before it goes on.

Knows nothing of trends or volume. Long at a close above the `entry`-bar channel by at least `band`
ATR, short below it; out at a close beyond the shorter `exit` channel on the other side, the
turtles' rule. Both channels end at the bar before.
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

ABOVE: Final = Candidate(LONG, "close above the channel")
BELOW: Final = Candidate(SHORT, "close below the channel")
BACK: Final = Candidate(FLAT, "close beyond the exit channel on the other side")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """entry, exit, atr: bars; band: ATR beyond the channel; stop_atr: stop distance in ATR.

    long_in, short_in: regimes in which a side is entered; exits ask for none.
    """

    entry: int = 20
    exit: int = 10
    band: float = 0.0
    atr: int = 14
    stop_atr: float = 2.0
    long_in: str = "bull sideways"
    short_in: str = "bear sideways crisis"

    def __post_init__(self) -> None:
        check_period("entry", self.entry)
        check_period("exit", self.exit)
        check_below("exit", self.exit, "entry", self.entry)
        check_range("band", self.band, low=0.0, high=20.0)
        check_atr_stop(self.atr, self.stop_atr)
        check_regimes("long_in", self.long_in)
        check_regimes("short_in", self.short_in)

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return the entry channel, the exit channel and ATR."""
        return (
            FeatureSpec("donchian", (self.entry,), "upper"),
            FeatureSpec("donchian", (self.entry,), "lower"),
            FeatureSpec("donchian", (self.exit,), "upper"),
            FeatureSpec("donchian", (self.exit,), "lower"),
            FeatureSpec("atr", (self.atr,)),
        )

    def scan(self, view: View) -> Candidate | None:
        """Return the side of a break-out, or BACK when the one held has failed."""
        return self.glance(view.values, view.close, view.position)

    def glance(self, values: tuple[float, ...], close: float, position: int, /) -> Candidate | None:
        """Return what `scan` says, from values and close."""
        upper, lower, exit_upper, exit_lower, atr = values
        if position > 0:
            return BACK if close < exit_lower else None
        if position < 0:
            return BACK if close > exit_upper else None
        if atr > 0.0:
            margin = self.band * atr
            if close > upper + margin:
                return ABOVE
            if close < lower - margin:
                return BELOW
        return None

    def lean(self, values: tuple[float, ...], close: float) -> float:
        """Return the score, -1 to 1: half the place in the channel, half the ATR beyond it."""
        upper, lower, _, _, _ = values
        place = clamp(ratio(2.0 * close - upper - lower, upper - lower))
        return 0.5 * place + 0.5 * clamp(self._beyond(values, close))

    def fits(self, direction: int, regime: str, /) -> bool:
        """Tell whether a side may be entered in a regime."""
        return suits(direction, regime, long_in=self.long_in, short_in=self.short_in)

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance with the channel and how far beyond it the close is, in ATR."""
        upper, lower, exit_upper, exit_lower, atr = view.values
        beyond = self._beyond(view.values, view.close)
        why = {
            LONG: f"{beyond:.2f} ATR above the highest high of the {self.entry} bars before",
            SHORT: f"{-beyond:.2f} ATR below the lowest low of the {self.entry} bars before",
        }.get(
            candidate.direction,
            f"outside {exit_lower:.6g} to {exit_upper:.6g}, the {self.exit} bars before:"
            " the break-out has failed",
        )
        return evidence(
            score=self.lean(view.values, view.close),
            confidence=0.5 + 0.5 * clamp(abs(beyond), 0.0),
            numbers=(
                ("close", view.close),
                (f"donchian({self.entry}).upper", upper),
                (f"donchian({self.entry}).lower", lower),
                (f"donchian({self.exit}).upper", exit_upper),
                (f"donchian({self.exit}).lower", exit_lower),
                ("beyond_atr", beyond),
                ("band", self.band),
                *atr_numbers(self.atr, atr, self.stop_atr),
            ),
            rationale=f"The close at {view.close:.6g} is {why}.{weather(view.regime)}",
            stop_distance=atr_stop(candidate, atr, self.stop_atr),
        )

    @staticmethod
    def _beyond(values: tuple[float, ...], close: float) -> float:
        upper, lower, _, _, atr = values
        return ratio(max(close - upper, 0.0) + min(close - lower, 0.0), atr)
