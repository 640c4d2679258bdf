"""Parabolic stop and reverse: psar(step, step_max). Knows nothing but highs and lows."""

import numpy as np
import talib

from hfl_core.domain.errors import DataError
from hfl_core.indicators._columns import Bars, Columns, above_zero


def compute(bars: Bars, *, step: float = 0.02, step_max: float = 0.2) -> Columns:
    """Return sar in price from row 1, and isReversal: 1 on a row at which the side turns, else 0.

    Rising, the SAR lies below the bars and moves by step * (extreme - SAR) towards the highest
    high, the step growing with each new one up to step_max; a low that touches it turns the
    side, and the SAR starts again at the extreme. Falling is the mirror image.
    Raises DataError unless 0 < step <= step_max.
    Source: Wilder 1978, ch. 2, with TA-Lib's start: falling if row 1's low fell by more than
    its high rose.
    """
    if above_zero("step", step) > above_zero("step_max", step_max):
        raise DataError(f"expected step up to step_max, found {step:g} and {step_max:g}: swap them")
    high, low = bars.high, bars.low
    sar = talib.SAR(high, low, step, step_max)
    turns = np.full(len(sar), np.nan)
    if len(sar) < 2:
        return {"sar": sar, "isReversal": turns}
    fell, rose = low[0] - low[1], high[1] - high[0]
    is_rising = not (fell > 0.0 and fell > rose)
    # Without a turn the bar clears the SAR; after one it may touch it: at low == SAR == high the
    # side is the one it was not before.
    below, above = (sar <= low).tolist(), (sar >= high).tolist()
    for row in range(1, len(sar)):
        now = not is_rising if below[row] and above[row] else below[row]
        turns[row] = float(now is not is_rising)
        is_rising = now
    return {"sar": sar, "isReversal": turns}
