"""Length of the longest drawdown of a series. Knows nothing of calendars."""

import numpy as np

from hfl_core.metrics._series import Numbers
from hfl_core.metrics.drawdowns import drawdowns


def longest_drawdown(values: Numbers) -> int:
    """Return the largest number of rows from a peak until its value was reached again, or the end.

    values: (n,) prices or equity above zero, oldest first. 0 if no value is below an earlier one.
    Raises DataError if a value is missing, infinite or not above zero.
    """
    depths = drawdowns(values)
    if not len(depths):
        return 0
    edges = np.unique(np.append(np.flatnonzero(depths == 0.0), len(depths) - 1))
    lengths = np.diff(edges)
    is_under = depths[edges[1:] - 1] < 0.0 if len(lengths) else np.array([], dtype=bool)
    is_under |= depths[edges[1:]] < 0.0
    return int(lengths[is_under].max(initial=0))
