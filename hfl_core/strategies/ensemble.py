"""One stance of several strategies: the weighted mean of trend, momentum, reversion and breakout.

Knows nothing of the members' thresholds: it reads their scores, -1 to 1, with their default
parameters. Long at a blend of at least `enter`, short at -`enter`, out when the blend falls back to
`exit`. Weights are relative: only their proportions matter, and 0 leaves a member out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, Protocol

from hfl_core.domain.opinions import FLAT, LONG, SHORT, Candidate, Evidence
from hfl_core.features.base import FeatureSpec
from hfl_core.strategies import breakout, momentum, reversion, trend
from hfl_core.strategies.base import View
from hfl_core.strategies.evidence import (
    check_below,
    check_period,
    check_range,
    check_regimes,
    evidence,
    ratio,
    suits,
    weather,
)

AGREED_UP: Final = Candidate(LONG, "the weighted members agree: up")
AGREED_DOWN: Final = Candidate(SHORT, "the weighted members agree: down")
FADED: Final = Candidate(FLAT, "the members no longer agree")

Values = tuple[float, ...]


class Member(Protocol):
    """A strategy that says what it thinks as a score."""

    def features(self) -> tuple[FeatureSpec, ...]: ...
    def lean(self, values: Values, close: float, /) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A member with its share of the blend, and how its values are picked from the view's."""

    name: str
    share: float
    lean: Callable[[Values, float], float]
    pick: Callable[[Values], Values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """trend, momentum, reversion, breakout: weights; enter, exit: blend; stop_atr: stop in ATR.

    long_in, short_in: regimes in which a side is entered; exits ask for none.
    """

    trend: float = 0.35
    momentum: float = 0.25
    reversion: float = 0.15
    breakout: float = 0.25
    enter: float = 0.35
    exit: float = 0.1
    atr: int = 14
    stop_atr: float = 2.0
    long_in: str = "bull sideways"
    short_in: str = "bear sideways"
    voices: tuple[Voice, ...] = field(init=False, repr=False, compare=False)
    declared: tuple[FeatureSpec, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        weights = self._weights()
        for name, weight in weights.items():
            check_range(name, weight, low=0.0, high=1000.0)
        if not sum(weights.values()) > 0.0:
            raise ValueError("expected at least one weight above zero, found none: raise one")
        check_range("enter", self.enter, low=0.0, high=1.0)
        check_range("exit", self.exit, low=-1.0, high=1.0)
        check_below("exit", self.exit, "enter", self.enter)
        check_regimes("long_in", self.long_in)
        check_regimes("short_in", self.short_in)
        check_period("atr", self.atr)
        check_range("stop_atr", self.stop_atr, low=0.1, high=50.0)
        voices, declared = _arrange(weights, FeatureSpec("atr", (self.atr,)))
        object.__setattr__(self, "voices", voices)
        object.__setattr__(self, "declared", declared)

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return what the members with a weight declare, each once, and ATR first."""
        return self.declared

    def scan(self, view: View) -> Candidate | None:
        """Return the side the members agree on, or FADED when they no longer do."""
        return self.glance(view.values, view.close, view.position)

    def glance(self, values: Values, close: float, position: int, /) -> Candidate | None:
        """Return what `scan` says, from values and close."""
        blend = 0.0
        for voice in self.voices:
            blend += voice.share * voice.lean(voice.pick(values), close)
        if position:
            return FADED if blend * position < self.exit else None
        if values[0] > 0.0:
            if blend >= self.enter:
                return AGREED_UP
            if blend <= -self.enter:
                return AGREED_DOWN
        return None

    def fits(self, direction: int, regime: str, /) -> bool:
        """Tell whether a side may be entered in a regime."""
        return suits(direction, regime, long_in=self.long_in, short_in=self.short_in)

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance with every member's weight and score, and the figures behind them."""
        scores = [voice.lean(voice.pick(view.values), view.close) for voice in self.voices]
        parts = [voice.share * score for voice, score in zip(self.voices, scores, strict=True)]
        blend, loudness = sum(parts), sum(abs(part) for part in parts)
        numbers: list[tuple[str, float]] = [("blend", blend)]
        for voice, score in zip(self.voices, scores, strict=True):
            numbers += [(f"weight.{voice.name}", voice.share), (f"score.{voice.name}", score)]
        numbers += [("enter", self.enter), ("exit", self.exit), ("close", view.close)]
        numbers += [
            (spec.label, value) for spec, value in zip(self.declared, view.values, strict=True)
        ]
        numbers.append(("stop_atr", self.stop_atr))
        said = ", ".join(
            f"{voice.name} {score:+.2f} (weight {voice.share:.2f})"
            for voice, score in zip(self.voices, scores, strict=True)
        )
        return evidence(
            score=blend,
            confidence=ratio(abs(blend), loudness),
            numbers=tuple(numbers),
            rationale=f"{said}: together {blend:+.2f}, {candidate.setup}.{weather(view.regime)}",
            stop_distance=self.stop_atr * view.values[0] if candidate.direction != FLAT else 0.0,
        )

    def _weights(self) -> dict[str, float]:
        return {
            "trend": self.trend,
            "momentum": self.momentum,
            "reversion": self.reversion,
            "breakout": self.breakout,
        }


def _arrange(
    weights: dict[str, float], atr: FeatureSpec
) -> tuple[tuple[Voice, ...], tuple[FeatureSpec, ...]]:
    """Return the members with a weight, and every feature they declare, each once, behind `atr`."""
    members: dict[str, Member] = {
        "trend": trend.Strategy(),
        "momentum": momentum.Strategy(),
        "reversion": reversion.Strategy(),
        "breakout": breakout.Strategy(),
    }
    total = sum(weights.values())
    heard = {name: member for name, member in members.items() if weights[name] > 0.0}
    declared = tuple(
        dict.fromkeys((atr, *(spec for member in heard.values() for spec in member.features())))
    )
    voices = tuple(
        Voice(
            name=name,
            share=weights[name] / total,
            lean=member.lean,
            pick=itemgetter(*(declared.index(spec) for spec in member.features())),
        )
        for name, member in heard.items()
    )
    return voices, declared
