"""Strategies that make much happen in few bars. Pure, like every strategy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hfl_core.domain.opinions import FLAT, LONG, SHORT, Candidate, Evidence
from hfl_core.features.base import FeatureSpec
from hfl_core.strategies.base import View

STANCES: Final = {
    LONG: Candidate(LONG, "up"),
    FLAT: Candidate(FLAT, "out"),
    SHORT: Candidate(SHORT, "down"),
}
ATR: Final = (FeatureSpec("atr", (3,)),)


def defended(view: View, candidate: Candidate, *, stop_atr: float) -> Evidence:
    """Return full evidence with a stop so many ATR away."""
    return Evidence(
        score=float(candidate.direction),
        confidence=1.0,
        numbers=(("atr", view.values[0]),),
        rationale="by the clock",
        stop_distance=stop_atr * view.values[0] if candidate.direction else 0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """Change the stance every few bars, by a hash of the bar's time."""

    salt: int = 0
    calm: int = 8
    stop_atr: float = 2.0

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return a short ATR."""
        return ATR

    def scan(self, view: View) -> Candidate | None:
        """Draw a stance or none."""
        draw = (view.time_ns // 1_000_000_000 * 2_654_435_761 + self.salt * 40_503) % (1 << 32)
        return {0: STANCES[LONG], 1: STANCES[SHORT], 2: STANCES[FLAT]}.get((draw >> 9) % self.calm)

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend it."""
        return defended(view, candidate, stop_atr=self.stop_atr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Take the stance that a table names for the bar's close; nothing otherwise."""

    stances: Mapping[int, int]
    stop_atr: float = 2.0

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return a short ATR."""
        return ATR

    def scan(self, view: View) -> Candidate | None:
        """Look the bar up."""
        stance = self.stances.get(view.time_ns)
        return None if stance is None else STANCES[stance]

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend it."""
        return defended(view, candidate, stop_atr=self.stop_atr)
