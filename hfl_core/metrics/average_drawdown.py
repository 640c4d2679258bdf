"""Mean depth of the drawdowns of a series. Knows nothing of time."""

from itertools import pairwise

import numpy as np

from hfl_core.metrics._series import NAN, Numbers
from hfl_core.metrics.drawdowns import drawdowns


def average_drawdown(values: Numbers) -> float:
    """Return the mean over the drawdowns of their deepest point, a fraction from -1 to 0.

    values: (n,) prices or equity above zero, oldest first. A drawdown lies between two rows at the
    peak; the last row ends the last one. NaN if there is none.
    Raises DataError if a value is missing, infinite or not above zero.
    """
    depths = drawdowns(values)
    if not len(depths):
        return NAN
    peaks = np.flatnonzero(depths == 0.0)
    edges = np.unique(np.append(peaks, len(depths) - 1))
    deepest = [depths[begin : end + 1].min() for begin, end in pairwise(edges) if end > begin + 1]
    return float(np.mean(deepest)) if deepest else NAN
