"""How often the capital was traded. Knows nothing of the trades."""

from hfl_core.domain.errors import DataError
from hfl_core.metrics._series import NAN, Numbers, complete, is_rounding, largest, positive


def turnover(traded_values: Numbers, *, values: Numbers, periods_per_year: float) -> float:
    """Return how many times a year the mean equity was traded, purchases and sales together.

    traded_values: (n,) absolute value bought and sold in each period; values: (n,) equity at each
    period's end. sum(traded) / mean(equity) * periods / n; a yearly round trip of everything is 2.
    NaN without periods or where the mean equity is 0.
    Raises DataError if one is missing, infinite or below zero, lengths differ, or periods_per_year
    is not above zero.
    """
    traded = complete("traded_values", traded_values)
    capital = complete("values", values)
    periods = positive("periods_per_year", periods_per_year)
    if len(traded) != len(capital):
        raise DataError(
            f"expected one traded value for each of {len(capital)} values, found {len(traded)}:"
            " align them"
        )
    if len(traded) and traded.min() < 0.0:
        raise DataError(
            f"expected traded_values of 0 or more, found {traded.min()}: pass absolute values"
        )
    if not len(traded) or is_rounding(float(capital.mean()), largest(capital)):
        return NAN
    return float(traded.sum() / capital.mean()) * periods / len(traded)
