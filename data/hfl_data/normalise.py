"""Cross over from a source's float prices to whole ticks, by name and exactly.

The meaning is `hfl_core.domain.money.exact_from_float`: the tick nearest to the shortest decimal
text of the float, ties to the even tick. `TickScale.ticks` computes the same number about ten times
faster: a float division decides wherever its error (below 0.001 tick, see `_SAFE_TICKS`) cannot
matter; exact ties are recognised by an exact division; everything else takes the exact path.
"""

from decimal import Decimal
from typing import Final, TypeAlias

from hfl_core.domain.money import exact_from_float, steps_nearest

# Three roundings of 2^-53 each (text, tick, division) are below 0.0004 tick up to 2^40 ticks.
_SAFE_TICKS: Final = float(2**40)
_SAFE_REST: Final = 0.499
# Decimals of at most 15 digits and floats name each other uniquely.
_DIGITS_UNIQUE: Final = 10**15

Prices: TypeAlias = tuple[int, int, int, int]


def ticks_exact(price: float, tick: Decimal) -> int:
    """Return the price in ticks: the nearest, ties to even.

    Raises ValueError for NaN and infinity.
    """
    return steps_nearest(exact_from_float(price, tick), tick)


class TickScale:
    """The crossing for one tick size."""

    __slots__ = ("_half_den", "_half_num", "_tick", "_tick_float", "_tie_max")

    def __init__(self, tick: Decimal) -> None:
        self._tick = tick
        self._tick_float = float(tick)
        half = tick / 2
        self._half_num, self._half_den = half.as_integer_ratio()
        coefficient = int("".join(str(digit) for digit in half.as_tuple().digits))
        self._tie_max = _DIGITS_UNIQUE // coefficient

    def bar(self, open_: float, high: float, low: float, close: float) -> Prices:
        """Return four prices above zero in ticks, none above `high`, as `ticks` does one by one."""
        size = self._tick_float
        open_q, high_q, low_q, close_q = open_ / size, high / size, low / size, close / size
        if high_q < _SAFE_TICKS:
            prices = (round(open_q), round(high_q), round(low_q), round(close_q))
            if (
                -_SAFE_REST < open_q - prices[0] < _SAFE_REST
                and -_SAFE_REST < high_q - prices[1] < _SAFE_REST
                and -_SAFE_REST < low_q - prices[2] < _SAFE_REST
                and -_SAFE_REST < close_q - prices[3] < _SAFE_REST
            ):
                return prices
        return (self.ticks(open_), self.ticks(high), self.ticks(low), self.ticks(close))

    def ticks(self, price: float) -> int:
        """Return the price in ticks, the same number as `ticks_exact`.

        Raises ValueError for NaN and infinity.
        """
        quotient = price / self._tick_float
        if -_SAFE_TICKS < quotient < _SAFE_TICKS:
            whole = round(quotient)
            if -_SAFE_REST < quotient - whole < _SAFE_REST:
                return whole
            halves = round(quotient * 2.0)
            if (
                -self._tie_max < halves < self._tie_max
                and halves * self._half_num / self._half_den == price
            ):
                return round(halves / 2)
        return ticks_exact(price, self._tick)
