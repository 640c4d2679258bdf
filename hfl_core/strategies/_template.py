"""A minimal strategy to copy: long while the close is above its average, else flat.

Knows nothing of orders, sizes, accounts or time to come: it only says which stance it wants, and
why. The engine decides whether that becomes an order, and how large.
"""

from dataclasses import dataclass
from typing import Final

from hfl_core.domain.opinions import FLAT, LONG, Candidate, Evidence
from hfl_core.features.base import FeatureSpec
from hfl_core.strategies.base import View
from hfl_core.strategies.evidence import check_period, check_range, evidence, ratio

# The stances this strategy can ask for. They are made once, here, because `scan` runs on every bar.
# Candidate(SHORT, ...) is possible too; the engine refuses it where it may not be.
ABOVE: Final = Candidate(LONG, "close above its average")
BELOW: Final = Candidate(FLAT, "close below its average")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """The fields are the parameters, as the user may set them in the configuration.

    window, atr: bars; band: ATR above the average to enter; stop_atr: stop distance in ATR.
    """

    window: int = 50
    band: float = 0.5
    atr: int = 14
    stop_atr: float = 2.0

    def __post_init__(self) -> None:
        # Refuse what makes no sense, in one sentence: expected, found, what to do.
        check_period("window", self.window)
        check_range("band", self.band, low=0.0, high=20.0)
        check_period("atr", self.atr)
        check_range("stop_atr", self.stop_atr, low=0.1, high=50.0)

    @property
    def lookback(self) -> int:
        """Return how many closes `view.closes` shall hold; 0 for none."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Declare what `view.values` holds, in this order: files of hfl_core/features by name."""
        return (FeatureSpec("sma", (self.window,)), FeatureSpec("atr", (self.atr,)))

    def scan(self, view: View) -> Candidate | None:
        """Return the stance wanted now, or None for "no change".

        Called on every bar: keep it cheap. The gap between `band` and 0 keeps it from
        flickering around the average.
        """
        average, atr = view.values
        if view.close > average + self.band * atr:
            return ABOVE
        if view.close < average:
            return BELOW
        return None

    # To enter in some market regimes only, offer `fits(direction, regime)`: see base.py.

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance: called only when it differs from what is held.

        score: -1 to 1; confidence: 0 to 1, both are brought into their range; numbers: every figure
        used; rationale: one sentence; stop_distance: in price, 0 for none. A figure that is not a
        finite number makes it "no view".
        """
        average, atr = view.values
        distance = ratio(view.close - average, atr)
        return evidence(
            score=distance / 2.0,
            confidence=0.5,
            numbers=(
                ("close", view.close),
                (f"sma({self.window})", average),
                (f"atr({self.atr})", atr),
                ("distance_atr", distance),
                ("band", self.band),
            ),
            rationale=(
                f"The close at {view.close:.6g} stands {distance:+.2f} ATR from its average of"
                f" {self.window} bars: {candidate.setup}."
            ),
            stop_distance=self.stop_atr * atr if candidate.direction == LONG else 0.0,
        )
