"""Sortino ratio of a series of returns. Knows nothing of calendars."""

from hfl_core.metrics._series import (
    NAN,
    Numbers,
    beside,
    known,
    largest,
    mean,
    ratio,
    series,
)
from hfl_core.metrics.downside_risk import downside_risk


def sortino_ratio(
    returns: Numbers,
    *,
    periods_per_year: float,
    required_return_per_period: Numbers | float = 0.0,
) -> float:
    """Return mean(x) * periods / downside_risk with x = r - required; NaN below two rows.

    returns: (n,) simple returns per period; required_return_per_period: a number, or one a row.
    Without any shortfall it is infinite, and NaN when x is 0 throughout.
    Raises DataError if a return is infinite, lengths differ or periods_per_year is not above zero.
    Source: Sortino and Price 1994.
    """
    rows = series("returns", returns)
    required = beside("required_return_per_period", required_return_per_period, rows)
    risk = downside_risk(
        rows, periods_per_year=periods_per_year, required_return_per_period=required
    )
    if len(rows) < 2:
        return NAN
    excess = known(rows - required)
    return ratio(mean(excess) * periods_per_year, risk, scale=largest(excess))
