"""A made-up market: regimes, bars with what real feeds get wrong, in integer arithmetic throughout.

Every `BLOCK_BARS` bars the market may change its regime (a Markov chain: bull, bear, sideways,
crisis), the same for all instruments. Instruments of one group share half of their variance. About
12 bars in 10,000 per unit of `defects` are odd: missing, NaN, a close x 100, high below low,
doubled, out of order, without volume, frozen. Equal parameters give equal rows on every machine.
"""

from collections.abc import Iterator
from functools import cached_property
from math import isqrt
from typing import Final, NamedTuple

from hfl_core.domain.instruments import AssetClass, Timeframe
from hfl_data.chance import bell, draw, stream
from hfl_data.rows import NOT_A_NUMBER, RawRow
from hfl_data.sessions import is_weekend

BLOCK_BARS: Final = 8
GENERATOR_VERSION: Final = "1"

_HOUR: Final = 3600
_MILLION: Final = 10**6
_TICKS_MIN: Final = 100
_TICKS_MAX: Final = 10**12
# bell() has a standard deviation of 37,837; two of them, each x 0.7, have one of 37,458.
_BELL_SCALE: Final = 378_370
_LOW: Final = 0xFFFF
_FROZEN_BARS: Final = 6


class Regime(NamedTuple):
    """One mood of the market.

    drift: thousandths of the bar's volatility; volatility: percent of the instrument's own; leave:
    chances to go to each regime, in 65,536ths a block; with the rest it stays.
    """

    name: str
    drift: int
    volatility: int
    leave: tuple[int, int, int, int]


REGIMES: Final = (
    Regime("bull", 120, 80, (0, 400, 900, 60)),
    Regime("bear", -45, 120, (500, 0, 800, 250)),
    Regime("sideways", 0, 60, (900, 700, 0, 60)),
    Regime("crisis", -250, 350, (1500, 4000, 1500, 0)),
)


class Traded(NamedTuple):
    """One made-up instrument: prices are ticks of 10^-digits; volatility in millionths an hour."""

    symbol: str
    asset_class: AssetClass
    group: str
    digits: int
    first_ticks: int
    volatility: int
    volume: int


TRADED: Final = {
    traded.symbol: traded
    for traded in (
        Traded("SIM-BTC", AssetClass.CRYPTO, "crypto", 2, 3_000_000, 6_000, 400),
        Traded("SIM-ETH", AssetClass.CRYPTO, "crypto", 2, 200_000, 8_000, 6_000),
        Traded("SIM-EUR", AssetClass.FOREX, "forex", 5, 110_000, 900, 0),
    )
}


class _Oddity(NamedTuple):
    """Upper bounds in 65,536ths, per unit of defects; an event takes the first that it is below."""

    missing: int = 16
    nan: int = 26
    hundredfold: int = 36
    upside_down: int = 46
    doubled: int = 56
    disordered: int = 64
    no_volume: int = 76
    frozen: int = 80


_ODD: Final = _Oddity()


class Market:
    """The regimes that all instruments of one simulation live in. bars: how many open times."""

    def __init__(self, seed: int, *, bars: int, start_ns: int, frame: Timeframe) -> None:
        self.seed = seed
        self.bars = bars
        self.start_ns = start_ns
        self.frame = frame

    @cached_property
    def regimes(self) -> bytes:
        """Return the number of each block's regime in `REGIMES`; a block is `BLOCK_BARS` bars."""
        key = stream(self.seed, "regimes")
        now = draw(key, 0) % len(REGIMES[:-1])
        path = bytearray()
        for block in range(-(-self.bars // BLOCK_BARS)):
            path.append(now)
            chance = draw(key, block + 1) & _LOW
            for later, share in enumerate(REGIMES[now].leave):
                if chance < share:
                    now = later
                    break
                chance -= share
        return bytes(path)

    def rows(self, traded: Traded, defects: int) -> Iterator[RawRow]:
        """Yield one instrument's raw rows, oldest first but for the disorder among them."""
        step = self.frame.nanoseconds
        rests = traded.asset_class is AssetClass.FOREX
        events = stream(self.seed, f"events/{traded.symbol}")
        scale = 10**traded.digits
        missing = frozen = 0
        before: RawRow | None = None
        for number, bar in enumerate(self._path(traded)):
            time_ns = self.start_ns + number * step
            if rests and is_weekend(time_ns):
                continue
            chance = draw(events, number)
            odd = (chance & _LOW) // defects if defects else _LOW
            if missing:
                missing -= 1
                continue
            if odd < _ODD.missing:
                missing = (chance >> 16) & 3
                continue
            open_, high, low, close, volume = bar
            row = (time_ns, open_ / scale, high / scale, low / scale, close / scale, volume / 1000)
            if before is not None and (frozen or _ODD.no_volume <= odd < _ODD.frozen):
                frozen = (frozen or _FROZEN_BARS) - 1
                yield (time_ns, *before[1:])
                continue
            before = row
            if odd < _ODD.no_volume:
                yield from _odd_rows(row, odd, step)
            else:
                yield row

    def _path(self, traded: Traded) -> Iterator[tuple[int, int, int, int, int]]:
        """Yield (open, high, low, close, volume in thousandths) for every open time."""
        group = stream(self.seed, f"group/{traded.group}")
        own = stream(self.seed, f"own/{traded.symbol}")
        shape = stream(self.seed, f"shape/{traded.symbol}")
        hourly = traded.volatility
        usual = max(1, isqrt(hourly * hourly * self.frame.seconds // _HOUR))
        moves = [
            (r.drift * usual * r.volatility // 100_000, usual * r.volatility // 100 or 1)
            for r in REGIMES
        ]
        regimes = self.regimes
        rests = traded.asset_class is AssetClass.FOREX
        close = traded.first_ticks
        for number in range(self.bars):
            drift, volatility = moves[regimes[number // BLOCK_BARS]]
            bits = draw(shape, number)
            if rests and is_weekend(self.start_ns + number * self.frame.nanoseconds):
                yield (close, close, close, close, 0)
                continue
            open_ = close
            noise = bell(draw(group, number)) + bell(draw(own, number))
            change = drift + _nearest(volatility * noise * 7, _BELL_SCALE)
            close = min(max(open_ + _nearest(open_ * change, _MILLION), _TICKS_MIN), _TICKS_MAX)
            wick = open_ * volatility // (2 * _MILLION)
            high = max(open_, close) + (wick * (bits & _LOW) >> 16)
            low = min(open_, close) - (wick * ((bits >> 16) & _LOW) >> 16)
            busy = 500 + ((bits >> 32) & 1023) + 1000 * abs(change) // volatility
            yield (open_, high, max(low, 1), close, traded.volume * busy)


def _nearest(value: int, divisor: int) -> int:
    """Return the nearest quotient: rounding down would pull every price down over time."""
    return (2 * value + divisor) // (2 * divisor)


def _odd_rows(row: RawRow, odd: int, step: int) -> tuple[RawRow, ...]:
    time_ns, open_, high, low, close, volume = row
    if odd < _ODD.nan:
        return ((time_ns, open_, NOT_A_NUMBER, low, close, volume),)
    if odd < _ODD.hundredfold:
        return ((time_ns, open_, high, low, close * 100, volume),)
    if odd < _ODD.upside_down:
        return ((time_ns, open_, low, high, close, volume),)
    if odd < _ODD.doubled:
        return (row, row)
    if odd < _ODD.disordered:
        return (row, (time_ns - 3 * step, open_, high, low, close, volume))
    return ((time_ns, open_, high, low, close, 0.0),)
