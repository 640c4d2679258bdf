"""Close-to-close volatility: volatility(period). Knows nothing but closes and no calendar.

The sample deviation (ddof 1) of the last `period` log returns, per bar: nothing is annualised.
"""

import math
from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._moments import Moments
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State


class Feature:
    """value: deviation of log returns per bar, from close period + 1 on."""

    __slots__ = ("_last", "_moments", "is_ready", "parameters", "value")
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value",)

    def __init__(self, period: float) -> None:
        count = whole_period("period", period, at_least=2)
        self.parameters = (count,)
        self.is_ready = False
        self.value = 0.0
        self._last = 0.0
        self._moments = Moments(count)

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        last = self._last
        self._last = close
        if last <= 0.0:
            return
        moments = self._moments
        moments.push(math.log(close / last))
        if moments.is_full:
            self.value = math.sqrt(moments.squares / (moments.window - 1))
            self.is_ready = True

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
