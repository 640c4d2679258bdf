"""Compound annual growth rate between two values. Knows nothing of what lay between."""

from hfl_core.metrics._series import NAN, positive, power


def cagr(*, start: float, end: float, days: float, days_per_year: float = 365.25) -> float:
    """Return (end / start) ** (days_per_year / days) - 1, a fraction a year.

    start, end: prices or equity; days: calendar days between them. NaN if start or days is not
    above zero, or end is below it.
    Raises DataError if days_per_year is not above zero.
    """
    year = positive("days_per_year", days_per_year)
    if not start > 0 or not days > 0:
        return NAN
    return power(end / start, year / days) - 1.0
