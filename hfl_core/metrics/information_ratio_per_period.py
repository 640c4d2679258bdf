"""Information ratio against a benchmark. Knows nothing of calendars."""

from hfl_core.metrics._series import (
    NAN,
    Numbers,
    beside,
    deviation,
    known,
    largest,
    mean,
    ratio,
    series,
)


def information_ratio_per_period(returns: Numbers, *, benchmark: Numbers | float) -> float:
    """Return mean(x) / std(x) with x = r - benchmark, not annualised; NaN below two rows.

    returns: (n,) simple returns per period; benchmark: a number, or one a row. Infinite with the
    mean's sign where x never changes, NaN against itself.
    Raises DataError if a return is infinite or lengths differ.
    Source: Grinold and Kahn 2000, ch. 5.
    """
    rows = series("returns", returns)
    active = known(rows - beside("benchmark", benchmark, rows))
    if len(rows) < 2:
        return NAN
    return ratio(mean(active), deviation(active), scale=largest(active))
