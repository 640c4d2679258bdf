"""Ratio of the tails of a series of returns. Knows nothing of their order."""

from hfl_core.metrics._series import Numbers, known, largest, ratio, series
from hfl_core.metrics.value_at_risk import value_at_risk


def tail_ratio(returns: Numbers) -> float:
    """Return |95th percentile| / |5th percentile|; NaN of nothing known.

    returns: (n,) simple returns; percentiles by linear interpolation over the known ones. Infinite
    where only the lower one is 0.
    Raises DataError if a return is infinite.
    """
    rows = known(series("returns", returns))
    upper = abs(value_at_risk(rows, cutoff=0.95))
    return ratio(upper, abs(value_at_risk(rows, cutoff=0.05)), scale=largest(rows))
