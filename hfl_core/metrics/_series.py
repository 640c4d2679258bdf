"""Checked arrays and guarded divisions for all metrics. Knows nothing of what is measured."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from hfl_core.domain.errors import DataError

Array = npt.NDArray[np.float64]
Numbers = Array | Sequence[float | None]

NAN: Final = math.nan
# A divisor below this share of the largest number it was made of is rounding, and counts as zero.
ROUNDING: Final = 1e-12


def series(name: str, values: Numbers) -> Array:
    """Return values as a one-dimensional array; None becomes NaN, which means not known.

    Raises DataError unless all are numbers in one row and none is infinite.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"expected {name} as numbers, found {error}: pass numbers") from error
    if array.ndim != 1:
        raise DataError(
            f"expected {name} as one row of numbers, found {array.ndim} dimensions: pass one series"
        )
    if np.isinf(array).any():
        place = int(np.flatnonzero(np.isinf(array))[0])
        raise DataError(f"expected {name} finite, found {array[place]} at {place}: leave it out")
    return array


def complete(name: str, values: Numbers) -> Array:
    """Return values as `series` does; raises DataError if one is not known."""
    array = series(name, values)
    if np.isnan(array).any():
        place = int(np.flatnonzero(np.isnan(array))[0])
        raise DataError(f"expected {name} without holes, found none at {place}: leave the row out")
    return array


def beside(name: str, values: Numbers | float, rows: Array) -> Array:
    """Return one number a row of `rows`: a list as it is, a number repeated.

    Raises DataError if a list is of another length.
    """
    if isinstance(values, int | float):
        values = [float(values)]
        array = np.repeat(series(name, values), len(rows))
    else:
        array = series(name, values)
    if len(array) != len(rows):
        raise DataError(
            f"expected {name} with {len(rows)} rows like the returns, found {len(array)}:"
            " align them"
        )
    return array


def known(array: Array) -> Array:
    """Return the numbers that are known, in their order."""
    return array[~np.isnan(array)]


def mean(numbers: Array) -> float:
    """Return the mean; NaN of nothing."""
    return float(numbers.mean()) if len(numbers) else NAN


def deviation(numbers: Array) -> float:
    """Return the sample deviation (ddof 1); NaN of fewer than two numbers."""
    return float(numbers.std(ddof=1)) if len(numbers) > 1 else NAN


def largest(numbers: Array) -> float:
    """Return the largest absolute number; 0 of nothing."""
    return float(np.abs(numbers).max()) if len(numbers) else 0.0


def is_rounding(divisor: float, scale: float) -> bool:
    """Tell whether a divisor is zero but for rounding; scale is the largest number behind it."""
    return divisor == 0.0 or abs(divisor) < ROUNDING * scale


def ratio(numerator: float, divisor: float, *, scale: float) -> float:
    """Return numerator / divisor; with a divisor of zero an infinity of its sign, NaN for 0/0."""
    if math.isnan(numerator) or math.isnan(divisor):
        return NAN
    if is_rounding(divisor, scale):
        return math.copysign(math.inf, numerator) if numerator else NAN
    return numerator / divisor


def positive(name: str, number: float) -> float:
    """Return number; raises DataError unless it is finite and above zero."""
    if not math.isfinite(number) or number <= 0:
        raise DataError(f"expected {name} above zero, found {number}: correct it")
    return float(number)


def fraction(name: str, number: float) -> float:
    """Return number; raises DataError unless it lies within 0..1."""
    if not 0.0 <= number <= 1.0:
        raise DataError(f"expected {name} from 0 to 1, found {number}: correct it")
    return float(number)


def power(base: float, exponent: float) -> float:
    """Return base ** exponent; NaN for a negative base, an infinity where it overflows."""
    if math.isnan(base) or base < 0.0 or (base == 0.0 and exponent < 0.0):
        return NAN
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf
