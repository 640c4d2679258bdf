"""Relative strength index: rsi(period). Knows nothing but closes.

100 * up / (up + down), Wilder averages of the rises and falls (Wilder 1978, ch. 6), seeded with
the mean of the first `period` changes. Where nothing moves (both averages together below 10^-12 of
the price) it is 50: no direction, rather than the deepest oversold.
"""

import math
from itertools import pairwise
from typing import ClassVar, Final

from hfl_core.features._checks import whole_period
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State

STILL_FRACTION: Final = 1e-12
NEUTRAL: Final = 50.0


class Feature:
    """value: 0 (only falls) to 100 (only rises), from close period + 1 on."""

    __slots__ = (
        "_count",
        "_down",
        "_keep",
        "_last",
        "_seed",
        "_up",
        "is_ready",
        "parameters",
        "value",
    )
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value",)

    def __init__(self, period: float) -> None:
        count = whole_period("period", period)
        self.parameters = (count,)
        self.is_ready = False
        self.value = 0.0
        self._count = float(count)
        self._keep = (count - 1) / count
        self._up = 0.0
        self._down = 0.0
        self._last = 0.0
        self._seed: list[float] = []

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        if not self.is_ready:
            self._warm_up(close)
            return
        change = close - self._last
        self._last = close
        if change > 0.0:
            self._up = up = self._up * self._keep + change / self._count
            self._down = down = self._down * self._keep
        else:
            self._up = up = self._up * self._keep
            self._down = down = self._down * self._keep - change / self._count
        total = up + down
        self.value = 100.0 * (up / total) if total > close * STILL_FRACTION else NEUTRAL

    def _warm_up(self, close: float) -> None:
        seed = self._seed
        seed.append(close)
        self._last = close
        if len(seed) <= self._count:
            return
        changes = [after - before for before, after in pairwise(seed)]
        self._up = math.fsum(change for change in changes if change > 0.0) / self._count
        self._down = -math.fsum(change for change in changes if change < 0.0) / self._count
        total = self._up + self._down
        self.value = 100.0 * (self._up / total) if total > close * STILL_FRACTION else NEUTRAL
        seed.clear()
        self.is_ready = True

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
