"""Checked arrays and numbers for all validation tools. Knows nothing of what they measure."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from hfl_core.domain.errors import DataError

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Numbers = Array | Sequence[float]
Whole = Rows | Sequence[int]

# Beyond these somebody mistyped, or a table would not fit into memory.
DRAWS_MAX: Final = 1_000_000
CELLS_MAX: Final = 200_000_000


def numbers(name: str, values: Numbers, *, at_least: int = 1) -> Array:
    """Return values as one row of finite floats.

    Raises DataError if there are fewer than at_least, or one is missing or infinite.
    """
    array = _floats(name, values)
    if array.ndim != 1:
        raise DataError(
            f"expected {name} as one row of numbers, found {array.ndim} dimensions: pass one series"
        )
    _finite(name, array)
    if len(array) < at_least:
        raise DataError(f"expected {at_least} rows of {name} or more, found {len(array)}: add data")
    return array


def table(name: str, values: Numbers, *, at_least: int = 1) -> Array:
    """Return values as (rows, columns) of finite floats; one row of numbers becomes one column.

    Raises DataError if there are fewer than at_least rows, or one cell is missing or infinite.
    """
    array = _floats(name, values)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or not array.shape[1]:
        raise DataError(
            f"expected {name} as rows and columns, found the shape {array.shape}: pass a table"
        )
    _finite(name, array)
    if len(array) < at_least:
        raise DataError(f"expected {at_least} rows of {name} or more, found {len(array)}: add data")
    return array


def whole_numbers(name: str, values: Whole) -> Rows:
    """Return values as one row of int64; raises DataError unless all are whole numbers."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise DataError(
            f"expected {name} as one row of numbers, found {array.ndim} dimensions: pass one series"
        )
    if len(array) and array.dtype.kind not in "iu":
        raise DataError(
            f"expected {name} as whole numbers (nanoseconds or row numbers), found"
            f" {array.dtype}: convert them"
        )
    return array.astype(np.int64)


def count(name: str, value: float, *, at_least: int, at_most: int = DRAWS_MAX) -> int:
    """Return value as an int; raises DataError unless it is whole and within the bounds."""
    if not math.isfinite(value) or value != int(value) or not at_least <= value <= at_most:
        raise DataError(
            f"expected {name} as a whole number from {at_least} to {at_most}, found {value}:"
            " change it"
        )
    return int(value)


def between(name: str, value: float, low: float, high: float) -> float:
    """Return value; raises DataError unless it lies between low and high, both left out."""
    if not low < value < high:
        raise DataError(f"expected {name} between {low:g} and {high:g}, found {value}: change it")
    return float(value)


def same_rows(name: str, found: int, expected: int) -> None:
    """Raise DataError unless a series has as many rows as the one it stands beside."""
    if found != expected:
        raise DataError(f"expected {name} with {expected} rows, found {found}: align them")


def _floats(name: str, values: Numbers) -> Array:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"expected {name} as numbers, found {error}: pass numbers") from error


def _finite(name: str, array: Array) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        place = tuple(int(number) for number in np.argwhere(bad)[0])
        where = place[0] if len(place) == 1 else place
        raise DataError(
            f"expected {name} without holes, found {array[place]} at row {where}: leave it out"
        )
