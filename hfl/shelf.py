"""Recorded data sets, opened again for recovery, replay and `why`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.events import DatasetOpened
from hfl_core.domain.instruments import Instrument
from hfl_core.runtime.recovery import SlotReader
from hfl_data.dataset import DatasetFeed
from hfl_data.loader import reopen_feed

# So many rows ahead are read on to; a mark to begin at is hardly nearer.
AHEAD_ROWS_MAX: Final = 1_024


class FeedShelf:
    """Opens recorded data sets again, once each, for recovery, replay and `why`.

    kept: the folder of kept rows (hfl_data/kept.py).
    """

    def __init__(self, instruments: Mapping[str, Instrument], *, kept: Path | None) -> None:
        self._instruments = instruments
        self._kept = kept
        self._feeds: dict[str, DatasetFeed] = {}

    def feed(self, opened: DatasetOpened) -> DatasetFeed:
        """Return the data set a row names. Raises DataError when it is gone."""
        feed = self._feeds.get(opened.dataset_id)
        if feed is None:
            feed = self._feeds[opened.dataset_id] = reopen_feed(
                opened, self._instruments, kept=self._kept
            )
        return feed

    def reader(self, opened: DatasetOpened) -> SlotReader:
        """Return what reads a range of cursors of it."""
        return _Sequential(self.feed(opened))


class _Sequential:
    """Reads ranges of one data set; ranges that follow each other share one pass over it."""

    def __init__(self, feed: DatasetFeed) -> None:
        self._feed = feed
        self._items: Iterator[Slot | RefusedRows] | None = None
        self._at = -1
        self._waiting: Slot | RefusedRows | None = None

    def __call__(self, start: int, end: int) -> Iterator[Slot | RefusedRows]:
        """Yield everything from cursor start up to cursor end."""
        if self._at < start <= self._at + AHEAD_ROWS_MAX:
            # Refused rows between two groups of scans: reading on is cheaper than from a mark.
            for _ in self._until(start):
                pass
        if self._items is None or self._at != start:
            self._items = self._feed.read(start)
            self._at = start
            self._waiting = None
        yield from self._until(end)

    def _until(self, end: int) -> Iterator[Slot | RefusedRows]:
        while self._items is not None and self._at < end:
            item = self._waiting if self._waiting is not None else next(self._items, None)
            self._waiting = None
            if item is None:
                return
            last = item.cursor if isinstance(item, Slot) else item.last_row + 1
            if last > end:
                self._waiting = item
                return
            self._at = last
            yield item
