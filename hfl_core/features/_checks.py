"""Checks of feature parameters. Knows nothing of the features that call them."""

import math
from typing import Final

# A longer window is a slip of the keyboard: 100,000 bars are eleven years of hours.
PERIOD_MAX: Final = 100_000


def whole_period(name: str, value: object, *, at_least: int = 1) -> int:
    """Return `value` as a number of bars.

    Raises ValueError unless it is a whole number from `at_least` to PERIOD_MAX.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or value != int(value)
        or not at_least <= value <= PERIOD_MAX
    ):
        raise ValueError(
            f"expected {name} as a whole number of bars from {at_least} to {PERIOD_MAX},"
            f" found {value!r}: change it"
        )
    return int(value)


def positive_number(name: str, value: object) -> float:
    """Return `value` as a float; raises ValueError unless it is finite and above zero."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or value <= 0
    ):
        raise ValueError(f"expected {name} as a number above zero, found {value!r}: change it")
    return float(value)
