"""The plain strategies of the truth files, as any strategy: bars in, a stance out, no state.

They invest everything: the size is the order's, and the venue clips it at the fill.
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from hfl_core.domain.opinions import FLAT, LONG, SHORT, Candidate, Evidence
from hfl_core.domain.values import with_changes
from hfl_core.features.base import FeatureSpec
from hfl_core.strategies.base import View

BUY: Final = Candidate(LONG, "buy")
SELL: Final = Candidate(SHORT, "sell")
SIGNALLED: Final = Candidate(FLAT, "exit_signal")
CLOSE: Final = Candidate(FLAT, "close")
END: Final = Candidate(FLAT, "the run ends")
# Two averages closer than this share of the slower one are equal: they differ in their last bit.
EQUAL: Final = 1e-9
# How many bars back the last difference that was not zero is looked for.
TIES: Final = 20


def certain(candidate: Candidate) -> Evidence:
    """Return full evidence for a plain rule."""
    return Evidence(
        score=float(candidate.direction), confidence=1.0, numbers=(), rationale=candidate.setup
    )


def cross(closes: tuple[float, ...], fast: int, slow: int) -> int:
    """Return 1 or -1 at a cross of the averages in the last bar, else 0."""
    signs = []
    for end in range(len(closes), slow - 1, -1):
        short = math.fsum(closes[end - fast : end]) / fast
        long = math.fsum(closes[end - slow : end]) / slow
        gap = short - long
        signs.append(0 if abs(gap) <= EQUAL * long else 1 if gap > 0 else -1)
        if len(signs) > 1 and signs[-1]:
            break
    now, before = signs[0] if signs else 0, signs[-1] if len(signs) > 1 else 0
    return now if now and now == -before else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LongOnlyCross:
    """Long from a cross upwards to one downwards; out at the open after ends_ns."""

    fast: int = 50
    slow: int = 200
    ends_ns: int

    @property
    def lookback(self) -> int:
        """Return the closes that the averages of this and some earlier bars need."""
        return self.slow + TIES

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return none: all is in the closes."""
        return ()

    def scan(self, view: View) -> Candidate | None:
        """Return the stance after a cross."""
        if view.time_ns >= self.ends_ns:
            return END
        side = cross(view.closes, self.fast, self.slow)
        return BUY if side > 0 else CLOSE if side < 0 else None

    def signal(self, _view: View, candidate: Candidate) -> Evidence:
        """Defend any stance: a plain rule knows no doubt."""
        return certain(candidate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversion:
    """Long from RSI(14) below 30 to above 70, from row 15 on; out at the open after ends_ns."""

    ends_ns: int

    @property
    def lookback(self) -> int:
        """Return what makes row 15 the first with all closes."""
        return 16

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return the RSI."""
        return (FeatureSpec("rsi", (14,)),)

    def scan(self, view: View) -> Candidate | None:
        """Return the stance that the RSI asks for."""
        if view.time_ns >= self.ends_ns:
            return END
        if len(view.closes) < self.lookback:
            return None
        (index,) = view.values
        if view.position:
            return CLOSE if index > 70.0 else None
        return BUY if index < 30.0 else None

    def signal(self, _view: View, candidate: Candidate) -> Evidence:
        """Defend any stance: a plain rule knows no doubt."""
        return certain(candidate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """Long when the close crosses above its average; stop and target at shares of that close."""

    period: int = 20
    stop: float = 0.97
    profit: float = 1.06
    ends_ns: int

    @property
    def lookback(self) -> int:
        """Return the closes that the average of this and some earlier bars need."""
        return self.period + TIES

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return none: all is in the closes."""
        return ()

    def scan(self, view: View) -> Candidate | None:
        """Return BUY at a cross upwards; what is held is left to its stop and target."""
        if view.time_ns >= self.ends_ns:
            return END
        return BUY if not view.position and cross(view.closes, 1, self.period) > 0 else None

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance; an entry has its stop."""
        distance = (1.0 - self.stop) * view.close if candidate.direction else 0.0
        return with_changes(certain(candidate), stop_distance=distance)

    def target(self, _entry: float, stop: float) -> float:
        """Return the target that belongs to a stop: both are shares of one close."""
        return stop / self.stop * self.profit


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOver:
    """Long after a cross upwards, short after one downwards; out at the open after ends_ns.

    Turning over is two decisions: out at an open, in at the same price a moment later. So it asks
    for a feed that tells every open as a bar of its own, before the bar itself; a stamp that is no
    multiple of step_ns is such an open, and its close is not part of the averages.
    """

    fast: int = 10
    slow: int = 30
    step_ns: int
    ends_ns: int

    @property
    def lookback(self) -> int:
        """Return the closes that the averages need, with an open beside each."""
        return 2 * (self.slow + TIES)

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return none: all is in the closes."""
        return ()

    def scan(self, view: View) -> Candidate | None:
        """Return the side of a cross in the last bar."""
        if view.time_ns >= self.ends_ns:
            return END
        is_open = view.time_ns % self.step_ns != 0
        closes = view.closes[-2 if is_open else -1 :: -2][::-1]
        side = cross(closes, self.fast, self.slow)
        return BUY if side > 0 else SELL if side < 0 else None

    def signal(self, _view: View, candidate: Candidate) -> Evidence:
        """Defend any stance: a plain rule knows no doubt."""
        return certain(candidate)


class Signals(NamedTuple):
    """What one bar signals to the next."""

    enter_long: bool
    exit_long: bool
    enter_short: bool
    exit_short: bool

    @property
    def entry(self) -> Candidate | None:
        """Return the side to enter; colliding signals are none."""
        if self.enter_long and not self.exit_long and not self.enter_short:
            return BUY
        if self.enter_short and not self.exit_short and not self.enter_long:
            return SELL
        return None

    def ends(self, position: int) -> bool:
        """Tell whether a position of this sign shall end."""
        if position > 0:
            return self.exit_long and not self.enter_long
        return self.exit_short and not self.enter_short


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalled:
    """Act at each open on what the bar before it signalled; stop and target are shares of entry.

    signals: one a bar; start_ns: the first bar's open. It asks for a feed that tells every open as
    a bar of its own, as TurnOver does, and decides at those alone: the stop is then measured from
    the price of the fill.
    """

    signals: tuple[Signals, ...]
    start_ns: int
    step_ns: int
    stop_fraction: float
    profit_fraction: float
    uses_exits: bool

    @property
    def lookback(self) -> int:
        """Return 0: no closes are needed."""
        return 0

    def features(self) -> tuple[FeatureSpec, ...]:
        """Return none."""
        return ()

    def scan(self, view: View) -> Candidate | None:
        """Return the stance that the bar before this open asks for."""
        row, into = divmod(view.time_ns - self.start_ns, self.step_ns)
        if into == 0 or row == 0:
            return None
        before = self.signals[row - 1]
        if view.position:
            return SIGNALLED if self.uses_exits and before.ends(view.position) else None
        return before.entry if row < len(self.signals) - 1 else None

    def signal(self, view: View, candidate: Candidate) -> Evidence:
        """Defend the stance; an entry has its stop."""
        distance = self.stop_fraction * view.close if candidate.direction else 0.0
        return with_changes(certain(candidate), stop_distance=distance)

    def target(self, entry: float, stop: float) -> float:
        """Return the price of the profit asked for."""
        return entry * (1.0 + math.copysign(self.profit_fraction, entry - stop))
