"""Bars and quotes as they cross floors, and what can be odd about them.

Knows nothing of feeds. In the engine's loop a bar is the plain tuple `BarRow`; the classes here are
for everything slower.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from hfl_core.domain.ids import Symbol
from hfl_core.domain.values import Value

# Flags are bits: a flagged bar allows no new entry, but marks, stops and the venue use it.
FLAG_GAP: Final = 1
FLAG_ZERO_VOLUME: Final = 2
FLAG_STALE: Final = 4
FLAG_SPIKE: Final = 8
FLAG_NAMES: Final = {
    FLAG_GAP: "gap",
    FLAG_ZERO_VOLUME: "zero_volume",
    FLAG_STALE: "stale",
    FLAG_SPIKE: "spike",
}
_FLAG_BITS: Final = {name: bit for bit, name in FLAG_NAMES.items()}


class BarDefect(StrEnum):
    """Why a raw row is refused; a refused row never reaches the engine's features."""

    NOT_A_NUMBER = "not_a_number"
    NON_POSITIVE = "non_positive"
    HIGH_BELOW_LOW = "high_below_low"
    OUTSIDE_RANGE = "outside_range"
    DUPLICATE = "duplicate"
    DISORDER = "disorder"
    BAD_TIME = "bad_time"


class BarRow(NamedTuple):
    """One accepted bar in the loop.

    Instrument by index, prices in ticks, volume in the feed's units (float, may be 0).
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    open: int
    high: int
    low: int
    close: int
    volume: float
    flags: int


class Slot(NamedTuple):
    """One close of the scan timeframe: every accepted bar that closed then, in instrument order.

    time_ns: the close, UTC nanoseconds; cursor: how many raw rows of the data set have been
    consumed after this slot.
    """

    time_ns: int
    bars: tuple[BarRow, ...]
    cursor: int


class Quote(Value, frozen=True, kw_only=True):
    """A two-sided price. event_time_ns: when it was so; seen_time_ns: when we knew."""

    symbol: Symbol
    bid: Decimal
    ask: Decimal
    event_time_ns: int
    seen_time_ns: int


class RefusedRows(Value, frozen=True, kw_only=True):
    """A run of consecutive raw rows of one instrument refused for the same reasons.

    first_row, last_row: positions in the merged data set, from 0; times as in the raw rows, None
    when unreadable.
    """

    symbol: Symbol
    reasons: tuple[BarDefect, ...]
    first_row: int
    last_row: int
    count: int
    first_time_ns: int | None
    last_time_ns: int | None
    sample: str


def flag_names(flags: int) -> tuple[str, ...]:
    """Return the names of the set flags, in a fixed order."""
    if not flags:
        return ()
    return tuple(name for bit, name in FLAG_NAMES.items() if flags & bit)


def flags_of(names: tuple[str, ...]) -> int:
    """Return the flags of these names; raises KeyError for another."""
    return sum(_FLAG_BITS[name] for name in names)
