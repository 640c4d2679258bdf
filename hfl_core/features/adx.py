"""Average directional index: adx(period). Knows nothing but highs, lows and closes.

Wilder 1978, ch. 4, in TA-Lib's form. +dm = high - previous high when positive and larger than the
previous low - low, else 0; -dm the other way round. Smoothed S = sum of the first period - 1
values, then S - S / period + x. di = 100 * S(dm) / S(tr); dx = 100 * |+di - -di| / (+di + -di);
adx = mean of the first `period` dx, then Wilder's average. Without any range the di are 0, and
without directional movement dx is 0: no direction is no trend.
"""

from typing import ClassVar

from hfl_core.features._checks import whole_period
from hfl_core.features._state import load, save
from hfl_core.features.base import HLC, State


class Feature:
    """value: the index, 0 to 100; pdi, mdi: plus and minus direction, 0 to 100.

    From bar 2 * period on.
    """

    __slots__ = (
        "_bars",
        "_count",
        "_dx_sum",
        "_high",
        "_last",
        "_low",
        "_minus",
        "_plus",
        "_range",
        "is_ready",
        "mdi",
        "parameters",
        "pdi",
        "value",
    )
    INPUTS: ClassVar[str] = HLC
    OUTPUTS: ClassVar[tuple[str, ...]] = ("value", "pdi", "mdi")

    def __init__(self, period: float) -> None:
        count = whole_period("period", period)
        self.parameters = (count,)
        self.is_ready = False
        self.value = self.pdi = self.mdi = 0.0
        self._count = float(count)
        self._bars = 0
        self._high = self._low = self._last = 0.0
        self._plus = self._minus = self._range = 0.0
        self._dx_sum = 0.0

    def push(self, high: float, low: float, close: float) -> None:
        """Take the next closed bar in."""
        last = self._last
        rise = high - self._high
        fall = self._low - low
        self._high, self._low, self._last = high, low, close
        # Not max and min: they cost twice as much, and this runs on every bar.
        upper = high if high > last else last  # noqa: FURB136
        lower = low if low < last else last  # noqa: FURB136
        true_range = upper - lower
        plus = rise if rise > 0.0 and rise > fall else 0.0
        minus = fall if fall > 0.0 and fall > rise else 0.0
        if not self.is_ready:
            self._warm_up(true_range, plus, minus)
            return
        self.value += (self._smooth(true_range, plus, minus) - self.value) / self._count

    def _smooth(self, true_range: float, plus: float, minus: float) -> float:
        """Move the sums on and return dx."""
        count = self._count
        self._range = total = self._range - self._range / count + true_range
        self._plus = up = self._plus - self._plus / count + plus
        self._minus = down = self._minus - self._minus / count + minus
        if total <= 0.0:
            self.pdi = self.mdi = 0.0
            return 0.0
        self.pdi = 100.0 * (up / total)
        self.mdi = 100.0 * (down / total)
        moved = up + down
        return 100.0 * (abs(up - down) / moved) if moved > 0.0 else 0.0

    def _warm_up(self, true_range: float, plus: float, minus: float) -> None:
        period = self.parameters[0]
        bar = self._bars
        self._bars = bar + 1
        if bar == 0:
            return
        if bar < period:
            self._range += true_range
            self._plus += plus
            self._minus += minus
            return
        self._dx_sum += self._smooth(true_range, plus, minus)
        if bar == 2 * period - 1:
            self.value = self._dx_sum / self._count
            self.is_ready = True
        else:
            self.pdi = self.mdi = 0.0

    def state(self) -> State:
        """Return every bit as plain JSON values."""
        return save(self)

    def restore(self, state: State) -> None:
        """Go on exactly where `state` was taken."""
        load(self, state)
