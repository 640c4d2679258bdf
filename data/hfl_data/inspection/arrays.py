"""The columns in which bars are inspected, and the few ways they are put together."""

from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from hfl_data.rows import UNREADABLE_NS

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

PRICES: Final = ("open", "high", "low", "close")
# Nothing costs less or more; so ratios and logs of prices are numbers, too.
PRICE_LEAST: Final = 1e-15
PRICE_MOST: Final = 1e15
SECOND_NS: Final = 10**9
DAY_NS: Final = 86_400 * SECOND_NS


class Columns(NamedTuple):
    """Rows as columns of one length.

    row: number in the file from 0; time_ns: the stamp, UTC, `UNREADABLE_NS` for none; prices and
    volume: NaN where the file has no number; raw: the stamp as a bare number where there is one.
    """

    row: Ints
    time_ns: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    raw: Floats

    def taken(self, chosen: "slice | Bools | Ints") -> "Columns":
        """Return some of the rows."""
        return Columns(
            row=self.row[chosen],
            time_ns=self.time_ns[chosen],
            open=self.open[chosen],
            high=self.high[chosen],
            low=self.low[chosen],
            close=self.close[chosen],
            volume=self.volume[chosen],
            raw=self.raw[chosen],
        )


class Block(NamedTuple):
    """A stretch of rows with neighbours: those from begin to end (excluded) are to be judged.

    is_last: nothing comes behind this block.
    """

    columns: Columns
    begin: int
    end: int
    is_last: bool

    @property
    def judged(self) -> Columns:
        """Return the rows to be judged, without neighbours."""
        return self.columns.taken(slice(self.begin, self.end))

    @property
    def first_pair(self) -> int:
        """Return the first row to be judged that has a row before it."""
        return max(self.begin, 1)


def joined(parts: "list[Columns]") -> Columns:
    """Return the rows of all parts, one after the other."""
    return Columns(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def is_usable(columns: Columns) -> Bools:
    """Tell which rows have a time and four numbers that can be prices."""
    found = columns.time_ns != UNREADABLE_NS
    for name in PRICES:
        price = getattr(columns, name)
        # NaN fails every comparison.
        found &= (price >= PRICE_LEAST) & (price <= PRICE_MOST)
    return np.asarray(found, dtype=np.bool_)
