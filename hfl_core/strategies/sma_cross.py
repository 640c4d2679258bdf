"""The plain level rule: long while the fast average is above the slow one, else flat.

Knows nothing of strength, volatility or stops; it is the benchmark that every engine can run.
"""

from dataclasses import dataclass
from typing import Final

from hfl_core.domain.opinions import FLAT, LONG, Candidate, Evidence
from hfl_core.features.base import FeatureSpec
from hfl_core.strategies.base import View
from hfl_core.strategies.evidence import check_below, check_period, evidence

ABOVE: Final = Candidate(LONG, "fast average above slow")
BELOW: Final = Candidate(FLAT, "fast average below slow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """fast, slow: bars of the two simple averages. Equal averages change nothing."""

    fast: int = 20
    slow: int = 50

    def __post_init__(self) -> None:
        check_period("fast", self.fast)
        check_period("slow", self.slow)
        check_below("fast", self.fast, "slow", self.slow)

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return the two averages."""
        return (FeatureSpec("sma", (self.fast,)), FeatureSpec("sma", (self.slow,)))

    def scan(self, view: View) -> Candidate | None:
        """Return the side of the cross the averages are on."""
        return self.glance(view.values, view.close, view.position)

    def glance(
        self, values: tuple[float, ...], _close: float, _position: int, /
    ) -> Candidate | None:
        """Return what `scan` says, from the values alone."""
        fast, slow = values
        if fast > slow:
            return ABOVE
        return BELOW if fast < slow else None

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance; a plain rule knows no degrees, so score and confidence are full."""
        fast, slow = view.values
        word = "above" if candidate.direction == LONG else "below"
        return evidence(
            score=1.0 if candidate.direction == LONG else 0.0,
            confidence=1.0,
            numbers=((f"sma({self.fast})", fast), (f"sma({self.slow})", slow)),
            rationale=f"SMA({self.fast}) at {fast:.6g} is {word} SMA({self.slow}) at {slow:.6g}.",
        )
