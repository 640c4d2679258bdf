"""In on one bar, out on the next: as many entries as a bar loop can make."""

from dataclasses import dataclass

from hfl_core.domain.opinions import FLAT, LONG, Candidate, Evidence
from hfl_core.features.base import FeatureSpec
from hfl_core.strategies.base import View

IN = Candidate(LONG, "in")
OUT = Candidate(FLAT, "out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    @property
    def lookback(self) -> int:
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        return ()

    def scan(self, view: View) -> Candidate | None:
        return OUT if view.position else IN

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        return Evidence(
            score=1.0 if candidate is IN else 0.0,
            confidence=1.0,
            numbers=(),
            rationale="in and out",
            stop_distance=view.close * 0.2,
        )
