"""Windows, averages and divisions over lists, for the plain indicators."""

import math
import statistics

NAN = math.nan


def mean(values):
    return math.fsum(values) / len(values)


def window(values, row, period):
    """Return the last `period` values up to row; None if there are fewer, or one is NaN."""
    part = values[max(row - period + 1, 0) : row + 1]
    return None if len(part) < period or any(map(math.isnan, part)) else part


def each(values, period, function):
    found = []
    for row in range(len(values)):
        part = window(values, row, period)
        found.append(NAN if part is None else function(part))
    return found


def ratio(numerator, divisor):
    return NAN if math.isnan(divisor) or abs(divisor) < 1e-12 else numerator / divisor


def sma(values, period):
    return each(values, period, mean)


def wma(values, period):
    weights = range(1, period + 1)
    return each(
        values,
        period,
        lambda part: sum(w * x for w, x in zip(weights, part, strict=True)) / sum(weights),
    )


def running(values, period, alpha):
    """Start with the mean of the first `period` known values, then x += alpha * (value - x)."""
    found, seed, level = [], [], NAN
    for value in values:
        if math.isnan(value):
            found.append(NAN)
            continue
        if math.isnan(level):
            seed.append(value)
            level = mean(seed) if len(seed) == period else NAN
        else:
            level += alpha * (value - level)
        found.append(level)
    return found


def ema(values, period):
    return running(values, period, 2 / (period + 1))


def wilder(values, period):
    return running(values, period, 1 / period)


def std(values, period):
    return each(values, period, statistics.pstdev)


def ago(values, rows):
    return [NAN] * min(rows, len(values)) + list(values[: max(len(values) - rows, 0)])


def true_range(high, low, close):
    before = ago(close, 1)
    return [
        NAN if math.isnan(last) else max(h, last) - min(bottom, last)
        for h, bottom, last in zip(high, low, before, strict=True)
    ]


def on(function, *columns):
    return [
        NAN if any(map(math.isnan, row)) else function(*row) for row in zip(*columns, strict=True)
    ]
