"""Moving average convergence divergence: macd(fast, slow, signal). Knows nothing but closes.

TA-Lib's seeds: the slow EMA starts at the slow-th close with the mean of all closes so far, the
fast one at the same close with the mean of the last `fast` of them, the signal line with the mean
of the first `signal` differences. Everything is read from then on.
"""

import math
from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State


class Feature:
    """value: fast EMA - slow EMA; signal: its EMA; histogram: value - signal. All in price."""

    __slots__ = (
        "_fast",
        "_fast_weight",
        "_seed",
        "_signal_seed",
        "_signal_weight",
        "_slow",
        "_slow_weight",
        "is_ready",
        "parameters",
        "signal",
        "value",
    )
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value", "signal", "histogram")

    def __init__(self, fast: float, slow: float, signal: float) -> None:
        periods = (
            whole_period("fast", fast),
            whole_period("slow", slow),
            whole_period("signal", signal),
        )
        if periods[0] >= periods[1]:
            raise ValueError(f"expected fast below slow, found {fast!r} and {slow!r}: swap them")
        self.parameters = periods
        self._fast_weight, self._slow_weight, self._signal_weight = (
            2.0 / (period + 1) for period in periods
        )
        self.is_ready = False
        self.value = self.signal = 0.0
        self._fast = self._slow = 0.0
        self._seed: list[float] = []
        self._signal_seed: list[float] = []

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        if not self.is_ready:
            self._warm_up(close)
            return
        self._fast = fast = self._fast + self._fast_weight * (close - self._fast)
        self._slow = slow = self._slow + self._slow_weight * (close - self._slow)
        self.value = value = fast - slow
        self.signal += self._signal_weight * (value - self.signal)

    def _warm_up(self, close: float) -> None:
        fast, slow, signal = self.parameters
        seed = self._seed
        if len(seed) < slow:
            seed.append(close)
            if len(seed) < slow:
                return
            self._fast = math.fsum(seed[-fast:]) / fast
            self._slow = math.fsum(seed) / slow
        else:
            self._fast += self._fast_weight * (close - self._fast)
            self._slow += self._slow_weight * (close - self._slow)
        self._signal_seed.append(self._fast - self._slow)
        if len(self._signal_seed) == signal:
            self.value = self._signal_seed[-1]
            self.signal = math.fsum(self._signal_seed) / signal
            seed.clear()
            self._signal_seed.clear()
            self.is_ready = True

    @property
    def histogram(self) -> float:
        """Return the difference of value and signal."""
        return self.value - self.signal

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
