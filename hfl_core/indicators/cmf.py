"""Chaikin money flow: cmf(period). Knows prices and volume."""

import numpy as np

from hfl_core.indicators._columns import Bars, Columns, divided, rolled, traded_volume, whole


def compute(bars: Bars, *, period: float = 20) -> Columns:
    """Return moneyFlowMultiplier, -1..1, moneyFlowVolume, and cmf, -1..1, from row period - 1.

    multiplier = ((close - low) - (high - close)) / (high - low), 0 without a range; volume flow =
    multiplier * volume; cmf = its sum / the sum of volume over `period` rows, not defined
    without any volume.
    Raises DataError unless period is a whole number of bars, and where there is no volume.
    Source: Chaikin.
    """
    count = whole("period", period, at_least=1)
    volume = traded_volume("cmf", bars)
    span = bars.high - bars.low
    lean = (bars.close - bars.low) - (bars.high - bars.close)
    multiplier = np.nan_to_num(divided(lean, span, scale=bars.high))
    flow = multiplier * volume
    flows, volumes = (
        rolled(lambda windows: windows.sum(axis=1), one, period=count) for one in (flow, volume)
    )
    return {
        "moneyFlowMultiplier": multiplier,
        "moneyFlowVolume": flow,
        "cmf": divided(flows, volumes, scale=1.0),
    }
