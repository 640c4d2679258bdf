"""Kaufman's adaptive moving average: kama(period, fast, slow). Knows nothing but closes."""

import numpy as np

from hfl_core.indicators._columns import Bars, Columns, divided, later, rolled, whole


def compute(bars: Bars, *, period: float = 10, fast: float = 2, slow: float = 30) -> Columns:
    """Return er, 0..1, and kama in price, both from row `period`.

    er = |close - close period rows ago| / sum of the |changes| between; kama += (er * (2 /
    (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1))^2 * (close - kama), started from the close of
    the row before. Without any change er is not defined, and kama stays. Own arithmetic: TA-Lib
    knows fast 2 and slow 30 alone, and no er.
    Raises DataError unless all three are whole numbers of bars.
    Source: Kaufman 1995.
    """
    count = whole("period", period, at_least=1)
    quick, calm = (
        2.0 / (whole(name, value, at_least=1) + 1.0)
        for name, value in (("fast", fast), ("slow", slow))
    )
    close = bars.close
    changes = np.abs(np.diff(close, prepend=np.nan))
    path = rolled(lambda windows: windows.sum(axis=1), changes, period=count)
    er = divided(np.abs(close - later(close, count)), path, scale=close)
    factors = np.square(np.nan_to_num(er) * (quick - calm) + calm) * ~np.isnan(er)
    kama = np.full(len(close), np.nan)
    if len(close) > count:
        level = float(close[count - 1])
        averaged = []
        for factor, price in zip(factors[count:].tolist(), close[count:].tolist(), strict=True):
            level += factor * (price - level)
            averaged.append(level)
        kama[count:] = averaged
    return {"er": er, "kama": kama}
