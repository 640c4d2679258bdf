"""A regenerable data set as a feed: sources behind their gates, merged, named by content.

Prefix hash. For a cursor: SHA-256 over, track by track, the symbol, how many of the track's raw
rows the cursor covers, and SHA-256 of those rows' bytes. The content hash is the prefix hash at
the end.

Marks. One pass over the data (`opened`) notes about every `MARK_ROWS` rows where each track stands
and the prefix hash there; at most `MARKS_MAX` of them go into the spec. Reading from a cursor
begins at a mark before it, early enough that every gate has seen `MEMORY_BARS` accepted bars
again: a gate remembers no more, so what is read is the same as after reading from 0. Without marks
it does begin at 0.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.errors import DataError
from hfl_core.domain.events import DatasetOpened
from hfl_core.domain.instruments import Instrument, Timeframe
from hfl_data.kept import Keeper, Kept, kept_sources
from hfl_data.merge import end_of, merge
from hfl_data.quality import MEMORY_BARS
from hfl_data.request import FeedRequest, Mark, dataset_id_of, request_from_spec, spec_of
from hfl_data.rows import Source
from hfl_data.track import ORIGIN, Track

MARK_ROWS: Final = 512
MARKS_MAX: Final = 256
MARK_DIGEST_LENGTH: Final = 16


class _Survey(NamedTuple):
    """What one pass over the data set found."""

    rows: int
    content_hash: str
    first_ns: int
    last_ns: int
    marks: tuple[Mark, ...]


class DatasetFeed:
    """Implements `hfl_core.ports.Feed` over any raw sources."""

    def __init__(self, request: FeedRequest, sources: Sequence[Source]) -> None:
        if not sources:
            raise DataError("expected at least one instrument, found none: name a file or a symbol")
        symbols = [source.instrument.symbol for source in sources]
        if len(set(symbols)) != len(symbols):
            raise DataError(
                f"expected each symbol once, found {', '.join(symbols)}: leave the copies out"
            )
        frames = {source.frame.name for source in sources}
        if len(frames) != 1:
            raise DataError(
                f"expected one timeframe, found {', '.join(sorted(frames))}: "
                "open them as data sets of their own"
            )
        self._request = request
        self._sources = tuple(sources)
        self._marks = tuple(m for m in request.marks if len(m.places) == len(symbols))
        self._read_from = self._sources
        self._survey: _Survey | None = None

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Return the instruments; `BarRow.index` counts in this order."""
        return tuple(source.instrument for source in self._sources)

    @property
    def frame(self) -> Timeframe:
        """Return the timeframe of all bars."""
        return self._sources[0].frame

    @property
    def request(self) -> FeedRequest:
        """Return what was asked for."""
        return self._request

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the raw rows, one source an instrument, in index order."""
        return self._sources

    def opened(self, cursor: int) -> DatasetOpened:
        """Read everything once and return the data set's identity.

        Raises DataError when it cannot be read or is shorter than the cursor.
        """
        survey = self._surveyed()
        if not 0 <= cursor <= survey.rows:
            raise DataError(
                f"expected a data set of at least {cursor} rows, found {survey.rows}: "
                "restore the file it was journaled with"
            )
        return DatasetOpened(
            dataset_id=dataset_id_of(self._request, self._sources),
            source=self._request.source,
            spec=spec_of(self._request, self._sources, _thinned(survey.marks)),
            content_hash=survey.content_hash,
            rows=survey.rows,
            symbols=tuple(source.instrument.symbol for source in self._sources),
            first_ns=survey.first_ns,
            last_ns=survey.last_ns,
            cursor=cursor,
        )

    def read(self, cursor: int) -> Iterator[Slot | RefusedRows]:
        """Yield everything behind the cursor in the merged order (see merge.py).

        Raises DataError when a source cannot be read.
        """
        start = self._start(cursor)
        items = merge(self._tracks(start), cursor=start.cursor, cut=cursor)
        position = start.cursor
        while position < cursor:
            item = next(items, None)
            if item is None:
                return
            position = end_of(item)
            if position > cursor and isinstance(item, Slot):
                yield item._replace(bars=item.bars[cursor - position :])
        yield from items

    def read_range(self, cursor_from: int, cursor_to: int) -> Iterator[Slot | RefusedRows]:
        """Yield what begins at or behind cursor_from and before cursor_to."""
        for item in self.read(cursor_from):
            begin = item.cursor - len(item.bars) if isinstance(item, Slot) else item.first_row
            if begin >= cursor_to:
                return
            yield item
            if end_of(item) >= cursor_to:
                return

    def prefix_hash(self, cursor: int) -> str:
        """Return the prefix hash at a cursor, 64 hexadecimal digits.

        Raises DataError when the data set is shorter or the cursor lies inside a slot.
        """
        tracks = self._tracks(None, is_hashed=True)
        position = 0
        items = merge(tracks, cursor=0, cut=cursor)
        while position < cursor:
            item = next(items, None)
            if item is None:
                raise DataError(
                    f"expected at least {cursor} rows, found {position}: "
                    "restore the file the journal was written with"
                )
            position = end_of(item)
        if position > cursor:
            raise DataError(
                f"expected the end of a slot at row {cursor}, found the middle of one: "
                "restore the files the journal was written with"
            )
        return _combined(tracks)

    def check_continues(self, previous: DatasetOpened, cursor: int) -> None:
        """Accept the same data set or one that grew; refuse another or one whose past changed.

        previous: as journaled; cursor: rows consumed since. The proof is the hash at the nearest
        journaled point behind the cursor. Raises DataError with one sentence.
        """
        found = dataset_id_of(self._request, self._sources)
        if found != previous.dataset_id:
            symbols = ", ".join(source.instrument.symbol for source in self._sources)
            raise DataError(
                f"expected the data set of {', '.join(previous.symbols)} ({previous.dataset_id}) "
                f"that the journal was written with, found {symbols} ({found}): "
                "name the same files, or start another account"
            )
        marks = request_from_spec(previous.spec, {}).marks
        points = [(mark.cursor, mark.digest) for mark in marks if mark.cursor >= cursor]
        if cursor == 0:
            return
        point, digest = min(points, default=(previous.rows, previous.content_hash))
        try:
            actual = self._hash_at(point)
        except DataError as error:
            raise DataError(_changed(point, str(error))) from error
        if not actual.startswith(digest):
            raise DataError(_changed(point, "other values"))

    def _hash_at(self, point: int) -> str:
        survey = self._survey
        if survey is not None:
            if point == survey.rows:
                return survey.content_hash
            for mark in survey.marks:
                if mark.cursor == point:
                    return mark.digest
        return self.prefix_hash(point)

    def _surveyed(self) -> _Survey:
        if self._survey is None:
            folder = self._request.kept
            if folder is None:
                self._survey = self._look(None)
            else:
                with Keeper(folder, len(self._sources)) as keeper:
                    self._survey = self._look(keeper)
                    keeper.finish(self._survey.content_hash)
                self._read_from = self._kept(folder, self._survey) or self._sources
            self._marks = self._survey.marks
        return self._survey

    def _kept(self, folder: Path, survey: _Survey) -> tuple[Source, ...]:
        """Return the rows as they were when they were hashed, if they could be kept."""
        tracks = [
            Kept(each.instrument, each.frame, partial(_itself, each)) for each in self._sources
        ]
        return kept_sources(folder, tracks, content_hash=survey.content_hash, rows=survey.rows)

    def _look(self, keeper: Keeper | None) -> _Survey:
        tracks = self._tracks(None, is_hashed=True, keeper=keeper)
        marks: list[Mark] = []
        rows = first_ns = last_ns = 0
        due = MARK_ROWS
        for item in merge(tracks, cursor=0, cut=0):
            rows = end_of(item)
            if not isinstance(item, Slot):
                continue
            first_ns = first_ns or item.time_ns
            last_ns = item.time_ns
            if rows >= due:
                digest = _combined(tracks)[:MARK_DIGEST_LENGTH]
                marks.append(Mark(rows, tuple(track.place for track in tracks), digest))
                due = (rows // MARK_ROWS + 1) * MARK_ROWS
        return _Survey(rows, _combined(tracks), first_ns, last_ns, tuple(marks))

    def _tracks(
        self, start: Mark | None, *, is_hashed: bool = False, keeper: Keeper | None = None
    ) -> list[Track]:
        places = start.places if start and start.places else [ORIGIN] * len(self._sources)
        # What is hashed is the source itself; what is read may be what was kept of it.
        sources = self._sources if is_hashed else self._read_from
        return [
            Track(
                index,
                source,
                place,
                is_hashed=is_hashed,
                on_hashed=None if keeper is None else partial(keeper.write, index),
            )
            for index, (source, place) in enumerate(zip(sources, places, strict=True))
        ]

    def _start(self, cursor: int) -> Mark:
        """Return the latest mark from which every gate's memory is whole again at the cursor."""
        origin = Mark(0, (), "")
        before = [mark for mark in self._marks if mark.cursor <= cursor]
        if not before:
            return origin
        target = before[-1]
        for mark in reversed(before):
            if all(
                there.accepted - here.accepted >= MEMORY_BARS
                for there, here in zip(target.places, mark.places, strict=True)
            ):
                return mark
        return origin


def _itself(source: Source) -> Source:
    return source


def _combined(tracks: Sequence[Track]) -> str:
    whole = hashlib.sha256()
    for track in tracks:
        whole.update(f"{track.source.instrument.symbol}\n{track.rows}\n".encode())
        whole.update(track.digest())
    return whole.hexdigest()


def _thinned(marks: Sequence[Mark]) -> Sequence[Mark]:
    step = 1
    while len(marks) > MARKS_MAX * step:
        step *= 2
    return marks[step - 1 :: step]


def _changed(point: int, found: str) -> str:
    return (
        f"expected the first {point} rows of the data set as the journal was written with them, "
        f"found {found.rstrip('.')}: restore the file, or start another account"
    )
