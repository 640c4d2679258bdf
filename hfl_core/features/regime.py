"""The market's regime as a number: regime(long, short, trend, crisis). Knows nothing but closes.

Three figures of log returns r decide:

    base   = sample deviation of the `long` returns BEFORE the last `short` ones
    stress = sample deviation of the last `short` returns / base
    trend  = ln(close / close `long` bars ago) / (base * sqrt(long)), the move in the size that
             chance alone would give it

    CRISIS   (-2)  stress >= crisis and the last `short` returns sum to less than zero
    BULL      (1)  else trend >= trend threshold
    BEAR     (-1)  else trend <= -(trend threshold)
    SIDEWAYS  (0)  else

Both figures end at FIGURE_MAX, which is also what a movement after perfect stillness counts as.
A usual choice is regime(100, 20, 1, 2).
"""

import math
from collections import deque
from typing import ClassVar, Final

from hfl_core.features._checks import positive_number, whole_period
from hfl_core.features._moments import Moments
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State

BULL: Final = 1.0
SIDEWAYS: Final = 0.0
BEAR: Final = -1.0
CRISIS: Final = -2.0
NAMES: Final = {BULL: "bull", SIDEWAYS: "sideways", BEAR: "bear", CRISIS: "crisis"}
FIGURE_MAX: Final = 10.0


class Feature:
    """value: one of BULL, SIDEWAYS, BEAR, CRISIS; trend, stress: the figures behind it.

    From close long + short + 1 on.
    """

    __slots__ = (
        "_base",
        "_closes",
        "_delayed",
        "_recent",
        "_root",
        "is_ready",
        "parameters",
        "stress",
        "trend",
        "value",
    )
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value", "trend", "stress")

    def __init__(self, long: float, short: float, trend: float, crisis: float) -> None:
        long_bars = whole_period("long", long, at_least=2)
        short_bars = whole_period("short", short, at_least=2)
        if short_bars >= long_bars:
            raise ValueError(f"expected short below long, found {short!r} and {long!r}: swap them")
        self.parameters = (
            long_bars,
            short_bars,
            positive_number("trend", trend),
            positive_number("crisis", crisis),
        )
        self.is_ready = False
        self.value = self.trend = self.stress = 0.0
        self._root = math.sqrt(long_bars)
        self._base = Moments(long_bars)
        self._recent = Moments(short_bars)
        self._closes: deque[float] = deque(maxlen=long_bars + 1)
        self._delayed: deque[float] = deque(maxlen=short_bars)

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        closes = self._closes
        closes.append(close)
        if len(closes) == 1:
            return
        change = math.log(close / closes[-2])
        delayed = self._delayed
        recent = self._recent
        if len(delayed) == recent.window:
            self._base.push(delayed[0])
        delayed.append(change)
        recent.push(change)
        if self._base.is_full:
            self._judge(close)
            self.is_ready = True

    def _judge(self, close: float) -> None:
        base = math.sqrt(self._base.squares / (self._base.window - 1))
        recent = math.sqrt(self._recent.squares / (self._recent.window - 1))
        move = math.log(close / self._closes[0])
        self.stress = _ratio(recent, base)
        self.trend = _ratio(move, base * self._root)
        _, _, trend_min, crisis_min = self.parameters
        if self.stress >= crisis_min and self._recent.mean < 0.0:
            self.value = CRISIS
        elif self.trend >= trend_min:
            self.value = BULL
        elif self.trend <= -trend_min:
            self.value = BEAR
        else:
            self.value = SIDEWAYS

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)


def _ratio(figure: float, base: float) -> float:
    """Return figure / base within +-FIGURE_MAX; a base of zero makes every movement the largest."""
    if abs(figure) >= FIGURE_MAX * base:
        return math.copysign(FIGURE_MAX, figure) if figure else 0.0
    return figure / base
