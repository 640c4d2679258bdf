"""Money flow index: mfi(period). Knows prices and volume."""

from typing import Final

import numpy as np

from hfl_core.indicators._columns import Bars, Columns, divided, later, rolled, traded_volume, whole

# Two typical prices closer than this differ in their last bit: sums of three in another order.
EQUAL: Final = 1e-9


def compute(bars: Bars, *, period: float = 14) -> Columns:
    """Return mfi = 100 * positive / (positive + negative) money flow of `period` rows, 0..100.

    Flow = tp * volume, tp = (high + low + close) / 3, its sign that of tp's change; a change below
    1e-9 is none. From row `period`; not defined without any flow. Own arithmetic: TA-Lib takes a
    difference in the last bit for a move.
    Raises DataError unless period is a whole number of bars, and where there is no volume.
    Source: Quong and Soudack 1989.
    """
    count = whole("period", period, at_least=1)
    typical = (bars.high + bars.low + bars.close) / 3.0
    flow = typical * traded_volume("mfi", bars)
    change = typical - later(typical, 1)
    signs = np.where(np.abs(change) < EQUAL, 0.0, np.sign(change))
    rising, falling = (
        rolled(
            lambda windows: windows.sum(axis=1), np.maximum(sign * signs * flow, 0.0), period=count
        )
        for sign in (1.0, -1.0)
    )
    return {"mfi": divided(100.0 * rising, rising + falling, scale=1.0)}
