"""Simple moving average of the close: sma(period). Knows nothing but closes.

The sum is kept in two pieces that only grow (see _moments.py): the relative error for prices never
exceeds (period + 1) * 2^-53, however long it runs and whatever has left the window.
"""

import math
from itertools import accumulate
from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State


class Feature:
    """value: mean of the last `period` closes."""

    __slots__ = ("_at", "_divisor", "_head", "_pieces", "is_ready", "parameters", "value")
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value",)

    def __init__(self, period: float) -> None:
        count = whole_period("period", period)
        self.parameters = (count,)
        self.is_ready = False
        self.value = 0.0
        # Until the window is full the value is sum / infinity = 0.0: one branch less in every push.
        self._divisor = math.inf
        # Below and at `_at`: sums of the newest 0, 1, 2 ... closes of the last block; above it: the
        # closes of the block under way, newest first.
        self._pieces = [0.0] * count
        self._at = count - 1
        self._head = 0.0

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        at = self._at
        pieces = self._pieces
        self._head = head = self._head + close
        self.value = (pieces[at] + head) / self._divisor
        pieces[at] = close
        if at:
            self._at = at - 1
        else:
            self._turn_block()

    def _turn_block(self) -> None:
        if not self.is_ready:
            self._divisor = float(self.parameters[0])
            self.value = self._head / self._divisor
            self.is_ready = True
        pieces = self._pieces
        del pieces[-1]
        pieces[:] = accumulate(pieces, initial=0.0)
        self._at = len(pieces) - 1
        self._head = 0.0

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        state = save(self)
        state["_divisor"] = self.parameters[0]  # JSON has no infinity
        return state

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
        self._divisor = float(self.parameters[0]) if self.is_ready else math.inf
