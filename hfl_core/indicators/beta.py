"""Rolling beta against a market: beta(period). Knows nothing but closes."""

import numpy as np

from hfl_core.indicators._columns import Array, Bars, Columns, divided, later, rolled, whole
from hfl_core.indicators._pairs import check_pair, covariance


def compute(bars: Bars, benchmark: Bars, *, period: float = 50) -> Columns:
    """Return returnsEval, returnsMrkt, simple returns, and beta = cov / var of the last `period`.

    bars: the evaluated series; benchmark: the market's bars, row by row beside it. beta from row
    `period`; not defined where the market never moved.
    Raises DataError unless period is a whole number of at least 2 bars and both have as many rows.
    """
    count = whole("period", period)
    check_pair(bars, benchmark)
    own, market = _returns(bars), _returns(benchmark)
    both = rolled(covariance, own, market, period=count)
    spread = rolled(covariance, market, market, period=count)
    largest = rolled(lambda windows: np.square(windows).max(axis=1), market, period=count)
    return {"returnsEval": own, "returnsMrkt": market, "beta": divided(both, spread, scale=largest)}


def _returns(bars: Bars) -> Array:
    before = later(bars.close, 1)
    return divided(bars.close, before, scale=bars.high) - 1.0
