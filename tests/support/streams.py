"""A list of bars as a stream: each comes when a plan says, or never."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from hfl_core.domain.bars import BarRow, RefusedRows, Slot
from hfl_core.domain.events import StreamOpened
from hfl_core.domain.instruments import Instrument
from hfl_core.ports import Arrival, KnownBar, MarketMove
from tests.support.bars import ListFeed

STREAM_ID: Final = "stream-1"


class Coming(NamedTuple):
    """One bar or refused row, and when it comes."""

    at_ns: int
    number: int
    close_ns: int
    bar: BarRow | None
    refused: RefusedRows | None


# (slot's close, bar's place in it) -> delays after the close, one for each time it comes
Delays = Callable[[int, int], Sequence[int]]


class ListStream:
    """Implements LiveFeed over a list feed; the market moves on time."""

    def __init__(self, feed: ListFeed, delays: Delays) -> None:
        self.feed = feed
        self.source = "test"
        coming: list[Coming] = []
        last_ns = 0
        for item in feed.items:
            if isinstance(item, RefusedRows):
                coming.append(Coming(last_ns + 1, len(coming), 0, None, item))
                continue
            last_ns = item.time_ns
            for bar in item.bars:
                coming.extend(
                    Coming(item.time_ns + delay, len(coming), item.time_ns, bar, None)
                    for delay in delays(item.time_ns, bar.index)
                )
        self.arrivals = sorted(coming, key=lambda each: (each.at_ns, each.number))
        self._items: list[Arrival | MarketMove] = []

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Return the instruments in index order."""
        return self.feed.instruments

    @property
    def is_over(self) -> bool:
        """Tell whether everything has come."""
        return not self._items

    def opened(self, cursor: int) -> StreamOpened:
        """Return the stream's row."""
        return StreamOpened(
            stream_id=STREAM_ID,
            source=self.source,
            spec="{}",
            symbols=tuple(str(each.symbol) for each in self.instruments),
            timeframe_ns=self.feed.timeframe_ns,
            cursor=cursor,
        )

    def begin(
        self, cursor: int, known: Mapping[str, Sequence[KnownBar]], wake: Callable[[], None]
    ) -> None:
        """Line up what follows a cursor; a move of the market goes before what came of it."""
        del known, wake
        moves = [item for item in self.feed.items if isinstance(item, Slot)]
        passed_ns = self.arrivals[cursor - 1].at_ns if cursor else 0
        items: list[Arrival | MarketMove] = [
            MarketMove(slot.time_ns, slot) for slot in moves if slot.time_ns > passed_ns
        ]
        items += [self._arrival(number) for number in range(cursor, len(self.arrivals))]
        items.sort(key=_key, reverse=True)
        self._items = items

    def _arrival(self, number: int) -> Arrival:
        coming = self.arrivals[number]
        open_ns = coming.close_ns - self.feed.timeframe_ns
        return Arrival(
            coming.at_ns, number + 1, open_ns, coming.close_ns, coming.bar, coming.refused
        )

    def next_ns(self) -> int | None:
        """Return when the next item is."""
        return self._items[-1].at_ns if self._items else None

    def take(self) -> Arrival | MarketMove:
        """Return the next item."""
        return self._items.pop()


def _key(item: Arrival | MarketMove) -> tuple[int, int]:
    return (item.at_ns, item.cursor if isinstance(item, Arrival) else 0)
