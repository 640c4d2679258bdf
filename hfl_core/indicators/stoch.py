"""Stochastic oscillator: stoch(period, signal, smooth). Knows nothing of volume."""

import numpy as np

from hfl_core.indicators._averages import highest, lowest, simple
from hfl_core.indicators._columns import Array, Bars, Columns, divided, whole


def compute(bars: Bars, *, period: float = 14, signal: float = 3, smooth: float = 3) -> Columns:
    """Return oscillator (%K), signal (%D) and percentJ, 0..100 (percentJ may leave it).

    raw = 100 * (close - lowest low) / (highest high - lowest low), 0 without a range; oscillator =
    SMA(smooth) of raw, signal = SMA(signal) of that, percentJ = 3 * oscillator - 2 * signal.
    Raises DataError unless all three are whole numbers of bars.
    Source: Lane 1984; percentJ as KDJ.
    """
    count = whole("period", period, at_least=1)
    raw = raw_oscillator(bars.high, bars.low, bars.close, period=count)
    oscillator = simple(raw, whole("smooth", smooth, at_least=1))
    line = simple(oscillator, whole("signal", signal, at_least=1))
    return {"oscillator": oscillator, "signal": line, "percentJ": 3.0 * oscillator - 2.0 * line}


def raw_oscillator(high: Array, low: Array, close: Array, *, period: int) -> Array:
    """Return where the close stands in the range of the last `period` rows, 0..100."""
    top, bottom = highest(high, period), lowest(low, period)
    place = divided(100.0 * (close - bottom), top - bottom, scale=top)
    return np.where(np.isnan(place) & ~np.isnan(top), 0.0, place)
