"""Average true range: atr(period), in price. Knows nothing but highs, lows and closes.

True range = max(high, previous close) - min(low, previous close) from the second bar on; Wilder's
average of it (Wilder 1978, ch. 3), seeded with the mean of the first `period` true ranges.
"""

import math
from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._state import load, save
from hfl_core.features.base import HLC, State


class Feature:
    """value: the average; true_range: this bar's. Both from bar period + 1 on."""

    __slots__ = (
        "_count",
        "_last",
        "_seed",
        "is_ready",
        "parameters",
        "true_range",
        "value",
    )
    INPUTS: ClassVar[str] = HLC
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value", "true_range")

    def __init__(self, period: float) -> None:
        count = whole_period("period", period)
        self.parameters = (count,)
        self.is_ready = False
        self.value = 0.0
        self.true_range = 0.0
        self._count = float(count)
        self._last = 0.0
        self._seed: list[float] = []

    def push(self, high: float, low: float, close: float) -> None:
        """Take the next closed bar in."""
        last = self._last
        self._last = close
        # Not max and min: they cost twice as much, and this runs on every bar.
        upper = high if high > last else last  # noqa: FURB136
        lower = low if low < last else last  # noqa: FURB136
        true_range = upper - lower
        if self.is_ready:
            self.true_range = true_range
            self.value += (true_range - self.value) / self._count
            return
        seed = self._seed
        # The first bar has no previous close: it holds a place, not a range.
        seed.append(true_range if seed else 0.0)
        if len(seed) > self._count:
            self.true_range = true_range
            self.value = math.fsum(seed) / self._count
            seed.clear()
            self.is_ready = True

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
