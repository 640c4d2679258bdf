"""What the risk rules know of one instrument's market: daily closes, ranges, volume, regime.

A fold over accepted bars, a few operations each; the rest happens once a day. A day ends where the
loss limits' day ends; a bar that closes at its very end belongs to it. Knows nothing of positions,
orders or limits beyond the breakers' thresholds, which arrive as floats.

    atr, slow   means of true ranges with the weight of 14 and of 100 bars, in ticks
    ranges      daily true range / close of the day before
    values      close * volume summed over a day, in ticks x volume of the feed
"""

import math
from collections import deque
from collections.abc import Mapping
from statistics import median
from typing import Any, Final, NamedTuple

from hfl_core.domain.bars import BarRow
from hfl_core.domain.limits import DAYS_MAX
from hfl_core.risk.regimes import TREND_DAYS, Regime

ATR_BARS: Final = 14
SLOW_BARS: Final = 100
VOLUMES_KEPT: Final = 100
VOLUMES_MIN: Final = 20
VALUE_DAYS: Final = 20
RANGES_KEPT: Final = 120
RANGE_DAYS: Final = 14
# What was beyond a breaker's threshold at a bar, as bits.
PRICE, VOLUME, VOLATILITY = 1, 2, 4
BITS: Final = {"price": PRICE, "volume": VOLUME, "volatility": VOLATILITY}


class Thresholds(NamedTuple):
    """From where a bar is loud: see hfl_core.risk.breakers."""

    move_atr: float
    move_fraction: float
    volume_ratio: float
    volatility_ratio: float


_LIMITLESS: Final = Thresholds(math.inf, math.inf, math.inf, math.inf)
_NUMBERS: Final = (
    "bars",
    "close",
    "good",
    "before",
    "good_before",
    "move",
    "volume",
    "atr",
    "atr_before",
    "slow",
    "volume_median",
    "day_end_ns",
    "day_high",
    "day_low",
    "day_value",
    "day_before",
    "volume_usual",
    "day_base",
)
_RINGS: Final = ("volumes", "values", "ranges")


class Market:
    """The fold. Prices are ticks.

    good: close of the last bar without a flag; good_before: the same, one bar ago.
    """

    __slots__ = (
        *_NUMBERS,
        *_RINGS,
        "closes_recent",
        "days",
        "has_volume",
        "loud_bars",
        "regime",
        "thresholds",
    )

    def __init__(self, *, has_volume: bool) -> None:
        self.has_volume = has_volume
        self.thresholds = _LIMITLESS
        self.bars = 0
        self.close = self.good = self.before = self.good_before = self.move = 0
        self.volume = self.atr = self.atr_before = self.slow = self.volume_median = 0.0
        self.day_end_ns = self.day_high = self.day_low = self.day_before = 0
        self.day_value = self.volume_usual = 0.0
        self.day_base = 0
        self.days: deque[tuple[int, int]] = deque(maxlen=DAYS_MAX + 1)
        # The last of them once more, in the form that regimes read; made anew from days.
        self.closes_recent: deque[int] = deque(maxlen=TREND_DAYS + 1)
        self.volumes: deque[float] = deque(maxlen=VOLUMES_KEPT)
        self.values: deque[float] = deque(maxlen=VALUE_DAYS)
        self.ranges: deque[float] = deque(maxlen=RANGES_KEPT)
        self.loud_bars = dict.fromkeys(BITS.values(), 0)
        self.regime = Regime()

    def push(self, bar: BarRow, *, time_ns: int, day_end_ns: int) -> int:
        """Take an accepted bar in; return the bits of what was beyond a threshold."""
        _, _, high, low, close, volume, flags = bar
        if day_end_ns != self.day_end_ns:
            if self.day_end_ns:
                self._end_day()
            self.day_end_ns = day_end_ns
            self.day_high, self.day_low, self.day_value = high, low, 0.0
        else:
            # Not max and min: they cost twice as much, and this runs on every bar.
            if high > self.day_high:  # noqa: PLR1730 - see above
                self.day_high = high
            if low < self.day_low:  # noqa: PLR1730 - see above
                self.day_low = low
        self.day_value += close * volume
        self.good_before = self.good
        if not flags:
            self.good = close
        last = self.before = self.close
        self.close = close
        self.volume = volume
        self.bars += 1
        loud = self._move_on(high, low, last) if last else 0
        self.volumes.append(volume)
        if time_ns == day_end_ns:
            self._end_day()
        return loud

    def _move_on(self, high: int, low: int, last: int) -> int:
        """Take the bar's range in, and tell what was loud."""
        close, bars, thresholds = self.close, self.bars, self.thresholds
        upper = high if high > last else last  # noqa: FURB136 - max() costs a call a bar
        lower = low if low < last else last  # noqa: FURB136 - likewise
        span = upper - lower
        move = self.move = close - last if close > last else last - close
        before = self.atr_before = self.atr
        # From the second bar on: bars - 1 ranges so far.
        self.atr += (span - before) / (bars - 1 if bars <= ATR_BARS else ATR_BARS)
        # What this bar is judged by: its own end of a day may change them.
        day, usual = self.day_before, self.volume_median
        self.day_base, self.volume_usual = day, usual
        self.slow += (span - self.slow) / (bars - 1 if bars <= SLOW_BARS else SLOW_BARS)
        loud = 0
        if move > thresholds.move_fraction * last or (
            bars > ATR_BARS + 1 and 0.0 < before * thresholds.move_atr < move
        ):
            loud = PRICE
        if day and abs(close - day) > thresholds.move_fraction * day:
            loud |= PRICE
        if usual and self.volume > thresholds.volume_ratio * usual:
            loud |= VOLUME
        if bars > SLOW_BARS + 1 and self.atr > thresholds.volatility_ratio * self.slow:
            loud |= VOLATILITY
        if loud:
            for bit in self.loud_bars:
                if loud & bit:
                    self.loud_bars[bit] = bars
        return loud

    def _end_day(self) -> None:
        """Close the day that the last bar belongs to."""
        close, before = self.close, self.day_before
        if before:
            top, bottom = max(self.day_high, before), min(self.day_low, before)
            self.ranges.append((top - bottom) / before)
        self.days.append((self.day_end_ns, close))
        self.day_before = close
        self.values.append(self.day_value)
        if self.has_volume and len(self.volumes) >= VOLUMES_MIN:
            self.volume_median = float(median(self.volumes))
        closes = self.closes_recent
        closes.append(close)
        self.regime.advance(closes)
        self.day_end_ns = 0

    # --- what rules ask ---------------------------------------------------------------------------

    def calm_bars(self, bit: int) -> int:
        """Return how many bars ago the last one was beyond this breaker's threshold."""
        return self.bars - self.loud_bars[bit]

    def closes(self, now_ns: int) -> dict[int, int]:
        """Return the close of every day that is over, by the day's end."""
        found = dict(self.days)
        if 0 < self.day_end_ns <= now_ns:
            found[self.day_end_ns] = self.close
        return found

    def volatility_ratio(self) -> float | None:
        """Return the mean of the last 14 daily ranges over the median of all kept ones.

        None before there are 14, and after perfect stillness.
        """
        if len(self.ranges) < RANGE_DAYS:
            return None
        usual = median(self.ranges)
        recent = list(self.ranges)[-RANGE_DAYS:]
        return math.fsum(recent) / RANGE_DAYS / usual if usual > 0.0 else None

    def day_value_mean(self) -> float | None:
        """Return the mean traded value of up to 20 whole days, None before there is one."""
        return math.fsum(self.values) / len(self.values) if self.values else None

    def bar_volume_mean(self) -> float | None:
        """Return the mean volume of up to 100 bars, None before there is one."""
        return math.fsum(self.volumes) / len(self.volumes) if self.volumes else None

    # --- snapshots --------------------------------------------------------------------------------

    def state(self) -> dict[str, object]:
        """Return every bit as plain JSON values."""
        state: dict[str, object] = {name: getattr(self, name) for name in _NUMBERS}
        state |= {name: list(getattr(self, name)) for name in _RINGS}
        state["days"] = [list(day) for day in self.days]
        state["loud_bars"] = [self.loud_bars[bit] for bit in BITS.values()]
        state["regime"] = self.regime.state()
        return state

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on exactly where `state` was taken. Raises KeyError when a part is missing."""
        for name in _NUMBERS:
            setattr(self, name, state[name])
        for name in _RINGS:
            ring: deque[float] = getattr(self, name)
            ring.clear()
            ring.extend(state[name])
        self.days.clear()
        self.days.extend((day_end_ns, close) for day_end_ns, close in state["days"])
        self.closes_recent.clear()
        self.closes_recent.extend(close for _, close in self.days)
        self.loud_bars = dict(zip(BITS.values(), state["loud_bars"], strict=True))
        self.regime.restore(state["regime"])
