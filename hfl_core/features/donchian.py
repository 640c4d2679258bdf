"""Donchian channel: donchian(period). Knows nothing but highs and lows.

The highest high and lowest low of the `period` bars BEFORE this one: this bar is not in it, so that
a close above `upper` is a break-out. The window is kept in two pieces that only grow (see
_moments.py), so a push costs the same whatever the prices do.
"""

from itertools import accumulate
from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._state import load, save
from hfl_core.features.base import HLC, State


class Feature:
    """upper, lower: the channel before this bar; middle: their mean. From bar period + 1 on."""

    __slots__ = (
        "_head_high",
        "_head_low",
        "_highs",
        "_is_full",
        "_lows",
        "_next_lower",
        "_next_upper",
        "_tail_highs",
        "_tail_lows",
        "is_ready",
        "lower",
        "parameters",
        "upper",
    )
    INPUTS: ClassVar[str] = HLC
    OUTPUTS: ClassVar[tuple[str, ...]] = ("upper", "lower", "middle")

    def __init__(self, period: float) -> None:
        count = whole_period("period", period)
        self.parameters = (count,)
        self.is_ready = False
        self.upper = self.lower = 0.0
        self._is_full = False
        self._next_upper = self._next_lower = 0.0
        self._highs: list[float] = []
        self._lows: list[float] = []
        self._head_high = self._head_low = 0.0
        self._tail_highs = [0.0] * count
        self._tail_lows = [0.0] * count

    def push(self, high: float, low: float, _close: float) -> None:
        """Take the next closed bar in."""
        if self._is_full:
            self.upper = self._next_upper
            self.lower = self._next_lower
            self.is_ready = True
        if not self._highs or high > self._head_high:
            self._head_high = high
        if not self._lows or low < self._head_low:
            self._head_low = low
        self._highs.append(high)
        self._lows.append(low)
        tail_high = self._tail_highs.pop()
        tail_low = self._tail_lows.pop()
        head_high = self._head_high
        head_low = self._head_low
        if self._tail_highs:
            # Not max and min: they cost twice as much, and this runs on every bar.
            self._next_upper = head_high if head_high > tail_high else tail_high  # noqa: FURB136
            self._next_lower = head_low if head_low < tail_low else tail_low  # noqa: FURB136
        else:
            self._next_upper = head_high
            self._next_lower = head_low
            self._turn_block()

    def _turn_block(self) -> None:
        # The first entry stands for an empty rest of the block and is never looked at.
        self._tail_highs.append(0.0)
        self._tail_lows.append(0.0)
        self._tail_highs.extend(accumulate(self._highs[:0:-1], max))
        self._tail_lows.extend(accumulate(self._lows[:0:-1], min))
        self._highs.clear()
        self._lows.clear()
        self._is_full = True

    @property
    def middle(self) -> float:
        """Return the mean of upper and lower."""
        return (self.upper + self.lower) / 2.0

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
