"""Stochastic of the RSI: stoch-rsi(rsi_period, period, signal, smooth). Knows only closes."""

from hfl_core.indicators import rsi
from hfl_core.indicators._averages import simple
from hfl_core.indicators._columns import Bars, Columns, whole
from hfl_core.indicators.stoch import raw_oscillator


def compute(
    bars: Bars, *, rsi_period: float = 14, period: float = 14, signal: float = 3, smooth: float = 1
) -> Columns:
    """Return stochRsi and signal, 0..100: where the RSI stands in its own range of `period` rows.

    stochRsi = SMA(smooth) of 100 * (rsi - lowest rsi) / (highest rsi - lowest rsi), 0 without a
    range; signal = SMA(signal) of it.
    Raises DataError unless all four are whole numbers of bars.
    Source: Chande and Kroll 1994.
    """
    index = rsi.compute(bars, period=rsi_period)["rsi"]
    raw = raw_oscillator(index, index, index, period=whole("period", period, at_least=1))
    place = simple(raw, whole("smooth", smooth, at_least=1))
    return {"stochRsi": place, "signal": simple(place, whole("signal", signal, at_least=1))}
