"""Rolling correlation of two closes: corr(period). Knows nothing but closes."""

import numpy as np

from hfl_core.indicators._columns import Bars, Columns, divided, rolled, whole
from hfl_core.indicators._pairs import check_pair, covariance


def compute(bars: Bars, benchmark: Bars, *, period: float = 20) -> Columns:
    """Return varianceA, varianceB, covariance (ddof 0, price squared), correlation and rSquared.

    Of the closes of bars (A) and benchmark (B), row by row beside it, over the last `period` rows;
    correlation is not defined where either stood still.
    Raises DataError unless period is a whole number of at least 2 bars and both have as many rows.
    """
    count = whole("period", period)
    check_pair(bars, benchmark)
    own, market = bars.close, benchmark.close
    ours, theirs, both = (
        rolled(covariance, *pair, period=count)
        for pair in ((own, own), (market, market), (own, market))
    )
    scale = np.abs(own) * np.abs(market) * 1e-6
    link = divided(both, np.sqrt(ours * theirs), scale=scale)
    return {
        "varianceA": ours,
        "varianceB": theirs,
        "covariance": both,
        "correlation": link,
        "rSquared": np.square(link),
    }
