"""Seeded bars as a data set: gaps, jumps, holes, zero volume, odd and refused rows."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.bars import (
    FLAG_GAP,
    FLAG_SPIKE,
    FLAG_ZERO_VOLUME,
    BarDefect,
    BarRow,
    RefusedRows,
    Slot,
)
from hfl_core.domain.instruments import Instrument

Item = Slot | RefusedRows
DAY_NS: Final = 86_400 * 1_000_000_000
# A Monday at midnight UTC.
START_NS: Final = 1_514_764_800 * 1_000_000_000
FIRST_TICKS: Final = (200_000, 12_000, 15_000)


class ListFeed:
    """A data set held in a list, read as a file feed is."""

    def __init__(
        self,
        instruments: Sequence[Instrument],
        items: Sequence[Item],
        *,
        timeframe_ns: int,
        name: str = "set-1",
    ) -> None:
        self._instruments = tuple(instruments)
        self.items = tuple(items)
        self.name = name
        self.timeframe_ns = timeframe_ns
        self.slots = {item.time_ns: item for item in items if isinstance(item, Slot)}
        self._times = list(self.slots)

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Return the instruments in index order."""
        return self._instruments

    def opened(self, cursor: int) -> ev.DatasetOpened:
        """Return the data set's row."""
        times = self._times
        return ev.DatasetOpened(
            dataset_id=self.name,
            source="test",
            spec="{}",
            content_hash="",
            rows=end_of(self.items[-1]),
            symbols=tuple(instrument.symbol for instrument in self._instruments),
            first_ns=times[0] - self.timeframe_ns,
            last_ns=times[-1],
            cursor=cursor,
        )

    def read(self, cursor: int) -> Iterator[Item]:
        """Yield what lies behind the cursor."""
        return (item for item in self.items if end_of(item) > cursor)

    def between(self, first: int, last: int) -> Iterator[Item]:
        """Yield what lies behind `first` and not behind `last`: what recovery and replay read."""
        return (item for item in self.items if first < end_of(item) <= last)

    def number_of(self, slot: Slot) -> int:
        """Return a slot's number."""
        return self._times.index(slot.time_ns)

    def slots_between(self, first_ns: int, last_ns: int) -> Iterator[Slot]:
        """Yield the slots that closed from first_ns to last_ns, both included."""
        times = self._times
        for place in range(bisect_left(times, first_ns), bisect_right(times, last_ns)):
            yield self.slots[times[place]]


def end_of(item: Item) -> int:
    """Return the cursor behind an item."""
    return item.cursor if isinstance(item, Slot) else item.last_row + 1


def seeded_items(
    instruments: Sequence[Instrument], rng: random.Random, *, slots: int, timeframe_ns: int
) -> list[Item]:
    """Draw a data set; every seed has its own wildness."""
    wild = rng.choice((0.002, 0.006, 0.015))
    prices = [FIRST_TICKS[index] for index in range(len(instruments))]
    items: list[Item] = []
    cursor = 0
    time_ns = START_NS
    for _ in range(slots):
        time_ns += timeframe_ns * (1 if rng.random() < 0.98 else rng.randrange(2, 60))
        if rng.random() < 0.01:
            count = rng.randrange(1, 4)
            items.append(_refused(instruments[0], cursor, count, time_ns=time_ns))
            cursor += count
        rows = []
        for index in range(len(instruments)):
            if rng.random() < 0.03:
                continue
            row = _bar(rng, index, prices[index], wild=wild)
            prices[index] = row.close
            rows.append(row)
        if rows:
            cursor += len(rows)
            items.append(Slot(time_ns, tuple(rows), cursor))
    return items


def _bar(rng: random.Random, index: int, price: int, *, wild: float) -> BarRow:
    flags = 0
    opened = price
    if rng.random() < 0.02:
        opened = max(50, round(price * (1 + rng.gauss(0, 0.04))))
        flags |= FLAG_GAP
    close = max(50, round(opened * (1 + rng.gauss(0, wild))))
    if rng.random() < 0.004:
        close = max(50, round(close * rng.choice((0.8, 1.25))))
        flags |= FLAG_SPIKE
    high = max(opened, close) + rng.randrange(1 + round(price * wild))
    low = max(1, min(opened, close) - rng.randrange(1 + round(price * wild)))
    volume = 0.0 if rng.random() < 0.03 else round(10 ** rng.uniform(0, 5), 3)
    if volume == 0.0:
        flags |= FLAG_ZERO_VOLUME
    return BarRow(index, opened, high, low, close, volume, flags)


def _refused(instrument: Instrument, cursor: int, count: int, *, time_ns: int) -> RefusedRows:
    return RefusedRows(
        symbol=instrument.symbol,
        reasons=(BarDefect.NOT_A_NUMBER,),
        first_row=cursor,
        last_row=cursor + count - 1,
        count=count,
        first_time_ns=time_ns,
        last_time_ns=time_ns,
        sample="nan",
    )
