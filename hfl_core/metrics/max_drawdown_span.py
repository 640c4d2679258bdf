"""Where the largest drawdown of a series began and ended. Knows nothing of time."""

from typing import NamedTuple

import numpy as np

from hfl_core.metrics._series import Numbers
from hfl_core.metrics.drawdowns import drawdowns


class Span(NamedTuple):
    """Rows of the highest value before the lowest point, and of that point."""

    peak: int
    trough: int


def max_drawdown_span(values: Numbers) -> Span | None:
    """Return peak and trough of the largest drawdown, the first of equal ones; None if none is.

    values: (n,) prices or equity above zero, oldest first.
    Raises DataError if one is missing, infinite or not above zero.
    """
    depths = drawdowns(values)
    if not len(depths) or depths.min() == 0.0:
        return None
    trough = int(depths.argmin())
    return Span(peak=int(np.asarray(values)[:trough].argmax()), trough=trough)
