"""Total return of a price or equity series. Knows nothing of time."""

from hfl_core.metrics._series import NAN, Numbers, complete, ratio


def total_return(values: Numbers) -> float:
    """Return last / first - 1, a fraction; NaN with fewer than two values.

    values: (n,) prices or equity, oldest first.
    Raises DataError if a value is missing or infinite.
    """
    known = complete("values", values)
    if len(known) < 2:
        return NAN
    return ratio(float(known[-1]), float(known[0]), scale=float(known[-1])) - 1.0
