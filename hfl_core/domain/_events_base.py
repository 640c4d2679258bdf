"""The base of everything journaled. Knows nothing of any particular event."""

import math
from typing import ClassVar

from hfl_core.domain.values import Value


def number_text(value: float) -> str:
    """Return the shortest text that reads back as exactly this float.

    Raises ValueError for NaN and infinity.
    """
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, found {value!r}")
    return repr(value)


class Event(Value, frozen=True, kw_only=True):
    """The base of everything journaled; its kind is the class's name."""

    VERSION: ClassVar[int] = 1
    IS_INPUT: ClassVar[bool] = False
