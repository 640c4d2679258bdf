"""A data set as a stream: its bars come one by one, each with a delay of its own, by seed.

What a socket does to bars, without a socket: most come within `usual_s` of their close, `late` of a
hundred thousand up to `late_s` after it, `missing` of them never, `doubled` of them twice. A late
bar of a short timeframe comes behind its successor, out of order. Each row passes its instrument's
quality gate when it comes, and what is refused is told one by one.

The market moves on time. A `MarketMove` stands in front of everything that can have come of it, and
holds what a reader of the data set would be given, however little of it arrives here. Equal terms
give equal streams on every machine.
"""

import heapq
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

from hfl_core.domain.bars import BarRow, RefusedRows, Slot
from hfl_core.domain.events import StreamOpened
from hfl_core.domain.instruments import Instrument, Timeframe
from hfl_core.ports import Arrival, KnownBar, MarketMove
from hfl_data.chance import draw, stream
from hfl_data.dataset import DatasetFeed
from hfl_data.quality import Gate
from hfl_data.request import dataset_id_of, spec_of
from hfl_data.rows import TIME_END_NS, TIME_FIRST_NS, RawRow, Source, row_text
from hfl_data.sessions import close_ns

SHARES: Final = 100_000
SECOND_NS: Final = 1_000_000_000
# Nothing that is heard of a close is heard in the same instant.
DELAY_NS_MIN: Final = 50_000_000
_NEVER_NS: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalTerms:
    """How bars come. Shares are of 100,000 rows.

    usual_s: the longest delay of most; late_s: the longest of all; seed: which row meets which
    fate.
    """

    seed: int = 0
    usual_s: float = 3.0
    late_s: float = 90.0
    late: int = 1_000
    missing: int = 200
    doubled: int = 200


class _Row(NamedTuple):
    """One raw row on its way: when it comes, whose it is, its number among those."""

    at_ns: int
    lane: int
    number: int
    row: RawRow


class ArrivingFeed:
    """Implements `hfl_core.ports.LiveFeed` over a data set."""

    def __init__(self, data: DatasetFeed, terms: ArrivalTerms) -> None:
        self._data = data
        self._terms = terms
        self._items: Iterator[Arrival | MarketMove] = iter(())
        self._head: Arrival | MarketMove | None = None

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Return the instruments; `BarRow.index` counts in this order."""
        return self._data.instruments

    @property
    def frame(self) -> Timeframe:
        """Return the timeframe of all bars."""
        return self._data.frame

    @property
    def source(self) -> str:
        """Return the name of the feed."""
        return self._data.request.source

    @property
    def is_over(self) -> bool:
        """Tell whether everything has come."""
        return self._head is None

    def opened(self, cursor: int) -> StreamOpened:
        """Return the stream's identity: that of the data set, whatever the terms."""
        request, sources = self._data.request, self._data.sources
        spec = {"data": json.loads(spec_of(request, sources, ())), "arrival": asdict(self._terms)}
        return StreamOpened(
            stream_id=f"{dataset_id_of(request, sources)}-live",
            source=self.source,
            spec=json.dumps(spec, sort_keys=True, separators=(",", ":")),
            symbols=tuple(str(each.symbol) for each in self.instruments),
            timeframe_ns=self.frame.nanoseconds,
            cursor=cursor,
        )

    def begin(
        self, cursor: int, known: Mapping[str, Sequence[KnownBar]], wake: Callable[[], None]
    ) -> None:
        """Go on behind a cursor; nobody needs to be woken, for what comes is known.

        Raises DataError when a source cannot be read.
        """
        del wake
        self._items = self._behind(cursor, known)
        self._head = next(self._items, None)

    def next_ns(self) -> int | None:
        """Return when the next item is, None at the end."""
        return None if self._head is None else self._head.at_ns

    def take(self) -> Arrival | MarketMove:
        """Return the next item. Raises ValueError at the end."""
        head = self._head
        if head is None:
            raise ValueError("expected an item, found the end of the stream")
        self._head = next(self._items, None)
        return head

    # --- what comes when --------------------------------------------------------------------------

    def _behind(
        self, cursor: int, known: Mapping[str, Sequence[KnownBar]]
    ) -> Iterator[Arrival | MarketMove]:
        """Yield what follows delivery number `cursor`, through gates that remember."""
        frame = self.frame
        gates = [
            Gate(index, source.instrument, frame) for index, source in enumerate(self._data.sources)
        ]
        for gate, source in zip(gates, self._data.sources, strict=True):
            for each in known.get(source.instrument.symbol, ()):
                gate.recall(each.open_ns, each.bar)
        taken = 0
        for item in self._timeline():
            if isinstance(item, Slot):
                if taken >= cursor:
                    yield MarketMove(item.time_ns, item)
                continue
            taken += 1
            if taken > cursor:
                yield self._judged(item, gates[item.lane], taken)

    def _judged(self, row: _Row, gate: Gate, cursor: int) -> Arrival:
        open_ns = row.row[0]
        verdict = gate.judge(row.row)
        if isinstance(verdict, BarRow):
            return Arrival(
                row.at_ns, cursor, open_ns, close_ns(open_ns, self.frame), verdict, refused=None
            )
        seen_ns = open_ns if TIME_FIRST_NS <= open_ns < TIME_END_NS else None
        refused = RefusedRows(
            symbol=self.instruments[row.lane].symbol,
            reasons=verdict,
            first_row=cursor - 1,
            last_row=cursor - 1,
            count=1,
            first_time_ns=seen_ns,
            last_time_ns=seen_ns,
            sample=row_text(row.row),
        )
        return Arrival(row.at_ns, cursor, 0, 0, None, refused)

    def _timeline(self) -> Iterator[Slot | _Row]:
        """Yield closes and arrivals in time order; a close goes first."""
        slots = (item for item in self._data.read(0) if isinstance(item, Slot))
        slot = next(slots, None)
        for row in self._arrivals():
            while slot is not None and slot.time_ns <= row.at_ns:
                yield slot
                slot = next(slots, None)
            yield row
        if slot is not None:
            yield slot
            yield from slots

    def _arrivals(self) -> Iterator[_Row]:
        """Yield every row that comes, in the order in which it does, by its time and instrument."""
        tracks = [
            _on_their_way(index, source, self.frame, self._terms)
            for index, source in enumerate(self._data.sources)
        ]
        heads = [next(track, None) for track in tracks]
        waiting: list[_Row] = []
        while True:
            # Nothing that is still unread comes before the close it tells of.
            bounds = [head[0] if head is not None else _NEVER_NS for head in heads]
            bound = min(bounds)
            while waiting and (waiting[0].at_ns < bound or bound == _NEVER_NS):
                yield heapq.heappop(waiting)
            if bound == _NEVER_NS:
                return
            index = bounds.index(bound)
            head = heads[index]
            if head is not None:
                for row in head[1]:
                    heapq.heappush(waiting, row)
            heads[index] = next(tracks[index], None)


def _on_their_way(
    index: int, source: Source, frame: Timeframe, terms: ArrivalTerms
) -> Iterator[tuple[int, tuple[_Row, ...]]]:
    """Yield for each row the earliest moment anybody can know it, and when it comes, if ever."""
    key = stream(terms.seed, f"arrival/{source.instrument.symbol}")
    base_ns = TIME_FIRST_NS
    number = 0
    for chunk in source.rows(0):
        for row in chunk:
            if TIME_FIRST_NS <= row[0] < TIME_END_NS:
                base_ns = max(base_ns, close_ns(row[0], frame))
            times = _times(base_ns, draw(key, number), terms)
            yield (
                base_ns,
                tuple(
                    _Row(at_ns, index, 2 * number + copy, row) for copy, at_ns in enumerate(times)
                ),
            )
            number += 1


def _times(base_ns: int, chance: int, terms: ArrivalTerms) -> tuple[int, ...]:
    """Return when a row comes: never, once or twice."""
    fate, delay, again = chance % SHARES, (chance >> 20) & 0xFFFFF, (chance >> 42) & 0xFFFFF
    if fate < terms.missing:
        return ()
    usual_ns = max(int(terms.usual_s * SECOND_NS), DELAY_NS_MIN)
    late_ns = max(int(terms.late_s * SECOND_NS), usual_ns)
    if fate < terms.missing + terms.late:
        at_ns = base_ns + usual_ns + (late_ns - usual_ns) * delay // 0x100000
    else:
        at_ns = base_ns + DELAY_NS_MIN + (usual_ns - DELAY_NS_MIN) * delay // 0x100000
    if terms.missing + terms.late <= fate < terms.missing + terms.late + terms.doubled:
        return (at_ns, at_ns + DELAY_NS_MIN + usual_ns * again // 0x100000)
    return (at_ns,)
