"""The quality gate: judge one instrument's raw rows in the order found; accept, flag or refuse.

Refused (never becomes a bar): unreadable time, a time at or before the last accepted bar's
(duplicate, disorder), NaN, infinity or above `TICKS_MAX`, a price that is not above zero in ticks,
high below low, open or close outside the range, and, where volume is traded, a volume that is no
number or below zero.
Flagged (delivered; allows no new entry): gap, zero volume, spike, stale.

A spike is a move of the bar's high or low away from the previous close of more than the class's
floor AND more than `SPIKE_VOLATILITIES` times the median absolute log return of the last
`VOLATILITY_BARS` accepted bars (below `VOLATILITY_BARS_MIN` of them the floor alone decides).
The gate's memory is the last accepted time and the last `MEMORY_BARS` accepted bars, nothing else;
so its state at any row can be restored from that time and those bars.
"""

import math
from collections import deque
from itertools import pairwise
from statistics import median
from typing import Final, TypeAlias

from hfl_core.domain.bars import (
    FLAG_GAP,
    FLAG_SPIKE,
    FLAG_STALE,
    FLAG_ZERO_VOLUME,
    BarDefect,
    BarRow,
)
from hfl_core.domain.instruments import AssetClass, Instrument, Timeframe, VolumeKind
from hfl_data.normalise import Prices, TickScale
from hfl_data.rows import TIME_END_NS, TIME_FIRST_NS, RawRow
from hfl_data.sessions import is_gap, months_of

Defects: TypeAlias = tuple[BarDefect, ...]

SKIMMED: Final = BarRow(-1, 0, 0, 0, 0, 0.0, 0)

# The floor keeps quiet markets from flagging every small move: fractions of the previous close.
SPIKE_FLOORS: Final = {
    AssetClass.CRYPTO: 0.05,
    AssetClass.STOCKS: 0.05,
    AssetClass.INDICES: 0.05,
    AssetClass.FOREX: 0.01,
}
SPIKE_VOLATILITIES: Final = 10.0
VOLATILITY_BARS: Final = 64
VOLATILITY_BARS_MIN: Final = 16
# Real markets repeat a bar up to four times (SPY before hours, quiet crypto minutes), hardly five.
STALE_BARS: Final = 5
MEMORY_BARS: Final = VOLATILITY_BARS + 1
# No price has more ticks; a number above is a broken one and would overflow float arithmetic later.
TICKS_MAX: Final = 10**18

_INFINITY: Final = math.inf


class Gate:
    """The judge of one instrument's rows.

    last_ns: open time of the last accepted bar, `TIME_FIRST_NS - 1` before the first; settable, to
    go on from a known place.
    """

    __slots__ = (
        "_asset_class",
        "_closes",
        "_down",
        "_frame",
        "_has_volume",
        "_high_end",
        "_index",
        "_low_safe",
        "_prices",
        "_repeats",
        "_scale",
        "_step",
        "_up",
        "last_ns",
    )

    def __init__(self, index: int, instrument: Instrument, frame: Timeframe) -> None:
        self._index = index
        self._asset_class = instrument.asset_class
        self._frame = frame
        self._step = 0 if months_of(frame) else frame.nanoseconds
        self._has_volume = instrument.volume is VolumeKind.TRADED
        self._scale = TickScale(instrument.tick)
        self._low_safe = float(instrument.tick)
        self._high_end = float(TICKS_MAX * instrument.tick)
        floor = SPIKE_FLOORS[instrument.asset_class]
        self._up = math.exp(floor)
        self._down = math.exp(-floor)
        self._closes: deque[int] = deque(maxlen=MEMORY_BARS)
        self._prices = (0, 0, 0, 0)
        self._repeats = 0
        self.last_ns = TIME_FIRST_NS - 1

    def judge(self, row: RawRow) -> BarRow | Defects:
        """Return the row as an accepted bar with its flags, or all reasons why it is refused.

        A refused row leaves the gate as it was.
        """
        if not self._accepts(row):
            return self._defects(row)
        time_ns, open_, high, low, close, volume = row
        if not self._has_volume and not 0.0 <= volume < _INFINITY:
            volume = 0.0
        prices = self._scale.bar(open_, high, low, close)
        flags = self._flags(time_ns, prices)
        if volume == 0.0 and self._has_volume:
            flags |= FLAG_ZERO_VOLUME
        self.last_ns = time_ns
        return BarRow(self._index, *prices, volume, flags)

    def recall(self, time_ns: int, bar: BarRow) -> None:
        """Take back into memory a bar that was accepted before; oldest first."""
        self._flags(time_ns, (bar.open, bar.high, bar.low, bar.close))
        self.last_ns = time_ns

    def skim(self, row: RawRow) -> BarRow | Defects:
        """Accept and refuse as `judge` does at a third of its cost; the bar is `SKIMMED`."""
        if not self._accepts(row):
            return self._defects(row)
        self.last_ns = row[0]
        return SKIMMED

    def _accepts(self, row: RawRow) -> bool:
        time_ns, open_, high, low, close, volume = row
        # NaN fails every comparison, so one chain tests order, range and number at once.
        return (
            self.last_ns < time_ns < TIME_END_NS
            and 0.0 < low <= open_ <= high < self._high_end
            and low <= close <= high
            and (low > self._low_safe or self._scale.ticks(low) > 0)
            and (not self._has_volume or 0.0 <= volume < _INFINITY)
        )

    def _flags(self, time_ns: int, prices: Prices) -> int:
        closes = self._closes
        flags = 0
        if closes:
            before = closes[-1]
            if time_ns - self.last_ns != self._step and is_gap(
                self.last_ns, time_ns, asset_class=self._asset_class, frame=self._frame
            ):
                flags = FLAG_GAP
            _, high, low, _ = prices
            if (high > before * self._up or low < before * self._down) and self._is_spike(
                before, high=high, low=low
            ):
                flags |= FLAG_SPIKE
            if prices == self._prices:
                self._repeats += 1
                if self._repeats >= STALE_BARS - 1:
                    flags |= FLAG_STALE
            else:
                self._repeats = 0
        self._prices = prices
        closes.append(prices[3])
        return flags

    def _is_spike(self, before: int, *, high: int, low: int) -> bool:
        move = max(math.log(high / before), math.log(before / low))
        returns = [abs(math.log(later / earlier)) for earlier, later in pairwise(self._closes)]
        if len(returns) < VOLATILITY_BARS_MIN:
            return True
        return move > SPIKE_VOLATILITIES * median(returns)

    def _defects(self, row: RawRow) -> Defects:
        time_ns, open_, high, low, close, volume = row
        prices = (open_, high, low, close)
        volumes = (volume,) if self._has_volume else ()
        found: list[BarDefect] = []
        if not TIME_FIRST_NS <= time_ns < TIME_END_NS:
            found.append(BarDefect.BAD_TIME)
        elif time_ns == self.last_ns:
            found.append(BarDefect.DUPLICATE)
        elif time_ns < self.last_ns:
            found.append(BarDefect.DISORDER)
        if not all(math.isfinite(number) for number in (*prices, *volumes)) or any(
            price >= self._high_end for price in prices
        ):
            found.append(BarDefect.NOT_A_NUMBER)
        if any(self._is_below_one_tick(price) for price in prices) or any(
            number < 0.0 for number in volumes
        ):
            found.append(BarDefect.NON_POSITIVE)
        if high < low:
            found.append(BarDefect.HIGH_BELOW_LOW)
        elif any(price < low or price > high for price in (open_, close)):
            found.append(BarDefect.OUTSIDE_RANGE)
        return tuple(found)

    def _is_below_one_tick(self, price: float) -> bool:
        if price <= 0.0:
            return True
        return price <= self._low_safe and self._scale.ticks(price) == 0
