"""Exact numbers: Decimals at every edge, floats and scaled integers crossing over by name.

Knows nothing of currencies or instruments. Inside floors 0-1 money is an integer count of
`MONEY_UNIT` (10^-12 of the account currency), so that sums are exact and comparisons cost one
machine operation.
"""

import math
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    InvalidOperation,
)
from typing import Final

MONEY_DIGITS: Final = 12
MONEY_UNITS_PER_ONE: Final = 10**MONEY_DIGITS
# One context for every exact computation: 34 digits hold any account times any price exactly.
EXACT: Final = Context(prec=34, rounding=ROUND_HALF_EVEN)


def exact(value: str | int | Decimal) -> Decimal:
    """Return a finite Decimal, normalised to plain digits.

    Raises ValueError for NaN, infinity, floats, or text that is not a number.
    """
    if isinstance(value, bool | float):
        raise ValueError(
            "expected an exact number (text, int or Decimal), "
            f"found {type(value).__name__} {value!r}: pass text"
        )
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise ValueError(f"expected a decimal number, found {value!r}") from error
    if not number.is_finite():
        raise ValueError(f"expected a finite number, found {value!r}")
    return number


def exact_from_float(value: float, step: Decimal) -> Decimal:
    """Cross over from float to Decimal.

    The multiple of `step` nearest to the shortest text of `value`.

    Raises ValueError for NaN and infinity.
    """
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, found {value!r}")
    return steps_nearest(Decimal(repr(value)), step) * step


def steps_nearest(value: Decimal, step: Decimal) -> int:
    """Return the number of steps nearest to value, ties to even."""
    return int((value / step).to_integral_value(ROUND_HALF_EVEN))


def steps_down(value: Decimal, step: Decimal) -> int:
    """Return the largest number of steps not above value in magnitude (towards zero)."""
    return int((value / step).to_integral_value(ROUND_DOWN))


def steps_floor(value: Decimal, step: Decimal) -> int:
    """Return the largest number of steps not above value."""
    return int((value / step).to_integral_value(ROUND_FLOOR))


def steps_ceiling(value: Decimal, step: Decimal) -> int:
    """Return the smallest number of steps not below value."""
    return int((value / step).to_integral_value(ROUND_CEILING))


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Tell whether value is a whole number of steps."""
    return value % step == 0


def money_units(value: Decimal) -> int:
    """Cross over to integer money units; raises ValueError when value is finer than one unit."""
    scaled = value.scaleb(MONEY_DIGITS, EXACT)
    units = int(scaled)
    if units != scaled:
        raise ValueError(f"expected money in whole units of 10^-{MONEY_DIGITS}, found {value}")
    return units


def money_units_nearest(value: Decimal) -> int:
    """Cross over to the nearest integer money unit: for amounts that an outside party names."""
    return int(value.scaleb(MONEY_DIGITS, EXACT).to_integral_value(ROUND_HALF_EVEN))


def money_from_units(units: int) -> Decimal:
    """Cross back from integer money units to a Decimal, canonical as `canonical` returns it."""
    return Decimal(money_text(units))


def plain(value: Decimal) -> str:
    """Return the one canonical text of a number.

    Plain digits, no exponent, no trailing zeros, no negative zero.
    """
    if not value:
        return "0"
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def canonical(value: Decimal) -> Decimal:
    """Return the Decimal that `plain(value)` reads back as: equal numbers become identical."""
    return Decimal(plain(value))


def money_text(units: int) -> str:
    """Return integer money units as canonical plain text, without building a Decimal."""
    if units < 0:
        return "-" + money_text(-units)
    whole, part = divmod(units, MONEY_UNITS_PER_ONE)
    if not part:
        return str(whole)
    digits = str(part).zfill(MONEY_DIGITS).rstrip("0")
    return f"{whole}.{digits}"
