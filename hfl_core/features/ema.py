"""Exponential moving average of the close: ema(period). Knows nothing but closes.

Seed: the mean of the first `period` closes; then weight 2 / (period + 1), as TA-Lib does.
"""

import math
from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State


class Feature:
    """value: the average, from the period-th close on."""

    __slots__ = ("_seed", "_weight", "is_ready", "parameters", "value")
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value",)

    def __init__(self, period: float) -> None:
        count = whole_period("period", period)
        self.parameters = (count,)
        self.is_ready = False
        self.value = 0.0
        self._weight = 2.0 / (count + 1)
        self._seed: list[float] = []

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        if self.is_ready:
            self.value += self._weight * (close - self.value)
            return
        self._seed.append(close)
        if len(self._seed) == self.parameters[0]:
            self.value = math.fsum(self._seed) / len(self._seed)
            self._seed.clear()
            self.is_ready = True

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
