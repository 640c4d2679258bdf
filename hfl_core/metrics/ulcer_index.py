"""Root mean square drawdown of a series. Knows nothing of time."""

import math

from hfl_core.metrics._series import NAN, Numbers, mean
from hfl_core.metrics.drawdowns import drawdowns


def ulcer_index(values: Numbers) -> float:
    """Return sqrt(mean(drawdown^2)), a fraction: how deep and how long; NaN of nothing.

    values: (n,) prices or equity above zero, oldest first.
    Raises DataError if one is missing, infinite or not above zero.
    Source: Martin and McCann 1989, over the whole series.
    """
    depths = drawdowns(values)
    return math.sqrt(mean(depths**2)) if len(depths) else NAN
