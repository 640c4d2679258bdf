"""Ichimoku cloud: ichimoku(conversion, base, span). Knows nothing of volume."""

import numpy as np

from hfl_core.indicators._averages import highest, lowest
from hfl_core.indicators._columns import Array, Bars, Columns, later, whole


def compute(bars: Bars, *, conversion: float = 9, base: float = 26, span: float = 52) -> Columns:
    """Return tenkanSen, kijunSen, senkouSpanA, senkouSpanB and chikouSpan, all in price.

    tenkanSen, kijunSen = middle of highest high and lowest low of `conversion` and `base` rows;
    senkouSpanA = their mean `base` rows ago; senkouSpanB = the middle of the `span` rows ending
    `base` rows ago; chikouSpan = the close `base` rows LATER: for a chart, never for a
    decision.
    Raises DataError unless all are whole numbers of bars.
    Source: Hosoda 1968.
    """
    quick, shift, calm = (
        whole(name, value, at_least=1)
        for name, value in (("conversion", conversion), ("base", base), ("span", span))
    )
    tenkan, kijun = _middle(bars, quick), _middle(bars, shift)
    ahead = np.full(len(bars.close), np.nan)
    if shift < len(ahead):
        ahead[:-shift] = bars.close[shift:]
    return {
        "tenkanSen": tenkan,
        "kijunSen": kijun,
        "senkouSpanA": later((tenkan + kijun) / 2.0, shift),
        "senkouSpanB": later(_middle(bars, calm), shift),
        "chikouSpan": ahead,
    }


def _middle(bars: Bars, period: int) -> Array:
    return (highest(bars.high, period) + lowest(bars.low, period)) / 2.0
