"""Ultimate oscillator: uo(short, middle, long). Knows nothing of volume."""

import numpy as np
import talib

from hfl_core.domain.errors import DataError
from hfl_core.indicators._averages import highest, true_range
from hfl_core.indicators._columns import Bars, Columns, whole


def compute(bars: Bars, *, short: float = 7, middle: float = 14, long: float = 28) -> Columns:
    """Return ultimate = 100 * (4 * bp/tr short + 2 * bp/tr middle + bp/tr long) / 7, 0..100.

    bp = close - min(low, previous close) and tr = true range, summed over the last rows; from row
    `long`. Not defined where the shortest window has no range.
    Raises DataError unless all are whole numbers of bars, rising.
    Source: Williams 1985.
    """
    periods = [
        whole(name, value, at_least=1)
        for name, value in (("short", short), ("middle", middle), ("long", long))
    ]
    if sorted(set(periods)) != periods:
        raise DataError(f"expected three rising periods, found {periods}: sort them")
    prices = (bars.high, bars.low, bars.close)
    is_still = highest(true_range(*prices), periods[0]) <= 0.0
    return {"ultimate": np.where(is_still, np.nan, talib.ULTOSC(*prices, *periods))}
