"""Rate of change: roc(period), in percent. Knows nothing but closes.

100 * (close / close `period` bars ago - 1).
"""

from collections import deque
from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State


class Feature:
    """value: percent, from close period + 1 on."""

    __slots__ = ("_closes", "_size", "is_ready", "parameters", "value")
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value",)

    def __init__(self, period: float) -> None:
        count = whole_period("period", period)
        self.parameters = (count,)
        self.is_ready = False
        self.value = 0.0
        self._size = count + 1
        self._closes: deque[float] = deque(maxlen=count + 1)

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        closes = self._closes
        closes.append(close)
        if len(closes) == self._size:
            self.value = 100.0 * (close / closes[0] - 1.0)
            self.is_ready = True

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
