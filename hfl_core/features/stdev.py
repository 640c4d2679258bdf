"""Standard deviation of the close: stdev(period), population (ddof 0). Knows nothing but closes."""

import math
from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._moments import Moments
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State


class Feature:
    """value: deviation in price; mean: of the window; zscore: (close - mean) / value, or 0."""

    __slots__ = ("_close", "_moments", "is_ready", "mean", "parameters", "value")
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value", "mean", "zscore")

    def __init__(self, period: float) -> None:
        count = whole_period("period", period)
        self.parameters = (count,)
        self.is_ready = False
        self.value = 0.0
        self.mean = 0.0
        self._close = 0.0
        self._moments = Moments(count)

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        moments = self._moments
        moments.push(close)
        if moments.is_full:
            self.mean = moments.mean
            self.value = math.sqrt(moments.squares / moments.window)
            self._close = close
            self.is_ready = True

    @property
    def zscore(self) -> float:
        """Return how many deviations the close is above the mean; 0 without any deviation."""
        return (self._close - self.mean) / self.value if self.value > 0.0 else 0.0

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
