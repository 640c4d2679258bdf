"""Bollinger bands of the close: bollinger(period, width). Knows nothing but closes.

middle = mean of the last `period` closes, bands = middle +- width * population deviation (ddof 0).
Mean and deviation come from _moments.py: no drift, and equal closes give a deviation of exactly 0.
"""

import math
from typing import ClassVar

from hfl_core.features._checks import positive_number, whole_period
from hfl_core.features._moments import Moments
from hfl_core.features._state import load, save
from hfl_core.features.base import CLOSE, State


class Feature:
    """middle, upper, lower, deviation in price; zscore and width as below, computed when read."""

    __slots__ = (
        "_bands",
        "_close",
        "_moments",
        "deviation",
        "is_ready",
        "middle",
        "parameters",
    )
    INPUTS: ClassVar[str] = CLOSE
    OUTPUTS: ClassVar[tuple[str, ...]] = (
        "middle",
        "upper",
        "lower",
        "deviation",
        "width",
        "zscore",
    )

    def __init__(self, period: float, width: float) -> None:
        count = whole_period("period", period)
        self._bands = positive_number("width", width)
        self.parameters = (count, self._bands)
        self.is_ready = False
        self.middle = 0.0
        self.deviation = 0.0
        self._close = 0.0
        self._moments = Moments(count)

    def push(self, close: float) -> None:
        """Take the next closed bar in."""
        moments = self._moments
        moments.push(close)
        if moments.is_full:
            self.middle = moments.mean
            self.deviation = math.sqrt(moments.squares / moments.window)
            self._close = close
            self.is_ready = True

    @property
    def upper(self) -> float:
        """Return the upper band."""
        return self.middle + self._bands * self.deviation

    @property
    def lower(self) -> float:
        """Return the lower band; below zero when the deviation is that large."""
        return self.middle - self._bands * self.deviation

    @property
    def width(self) -> float:
        """Return the distance of the bands as a fraction of the middle."""
        return 2.0 * self._bands * self.deviation / self.middle if self.middle > 0.0 else 0.0

    @property
    def zscore(self) -> float:
        """Return how many deviations the close is above the middle; 0 without any deviation."""
        return (self._close - self.middle) / self.deviation if self.deviation > 0.0 else 0.0

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
