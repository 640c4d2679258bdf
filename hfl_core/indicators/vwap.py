"""Volume-weighted average price from the first row on: vwap. Knows prices and volume."""

import numpy as np

from hfl_core.indicators._columns import Bars, Columns, divided, traded_volume


def compute(bars: Bars) -> Columns:
    """Return vwap = sum of tp * volume / sum of volume from the first row on, in price.

    tp = (high + low + close) / 3; not defined before the first trade.
    Raises DataError where there is no volume.
    """
    volume = traded_volume("vwap", bars)
    typical = (bars.high + bars.low + bars.close) / 3.0
    return {"vwap": divided(np.cumsum(typical * volume), np.cumsum(volume), scale=1.0)}
