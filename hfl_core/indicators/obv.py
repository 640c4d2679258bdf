"""On-balance volume: obv. Knows closes and volume."""

import talib

from hfl_core.indicators._columns import Bars, Columns, traded_volume


def compute(bars: Bars) -> Columns:
    """Return obv: the first row's volume, then + or - volume with the close's change.

    In units of volume. Raises DataError where there is no volume.
    Source: Granville 1963.
    """
    return {"obv": talib.OBV(bars.close, traded_volume("obv", bars))}
