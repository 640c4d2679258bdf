"""The bars that were known right behind a row: of a data set by its cursor, of a stream by rows."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from hfl.home import Home
from hfl.reading import RunSegment, Standpoint, newest_before
from hfl.screen.follow import Followed
from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import Instrument
from hfl_core.ports import JournalRow
from hfl_tui.ports import Candle, Chart

# Read in one go, so that the next steps find their bars.
SLOTS_READ: Final = 1_024
# Rows of a stream looked through for one instrument's bars, at most.
STREAM_ROWS_MAX: Final = 20_000
STREAM_PAGE: Final = 256


class _Block(NamedTuple):
    """Consecutive slots of one data set: what lies behind `first` and up to `last`."""

    key: tuple[str, str]
    first: int
    last: int
    slots: tuple[Slot, ...]
    is_end: bool


class Bars:
    """Charts of any moment, for one thread."""

    def __init__(self, home: Home) -> None:
        self._followed = Followed(home)
        self._block: _Block | None = None

    def chart(self, seq: int, symbol: str, *, count: int, ahead: int) -> Chart:
        """Return an instrument's bars as known behind a row. Raises HflError."""
        standpoint = self._followed.standpoint(seq)
        segment = standpoint.segment_at(seq)
        plan = standpoint.plan(segment.started)
        opened = standpoint.dataset_before(seq + 1)
        if opened is None:
            raise DataError("no bars were known yet: no data set was open")
        known = list(plan.instruments)
        symbol = symbol if symbol in known else known[0]
        instrument = plan.instruments[symbol]
        if isinstance(opened, ev.StreamOpened):
            found = _of_stream(standpoint, seq, instrument, count=count, ahead=ahead)
        else:
            found = self._of_data_set(
                standpoint, segment, opened, seq=seq, instrument=instrument, count=count,
                ahead=ahead,
            )  # fmt: skip
        candles, later, marks = found
        return Chart(
            symbol=symbol,
            tick=instrument.tick,
            frame_ns=_frame(candles or later),
            candles=tuple(candles[-count:]) if count else (),
            ahead=tuple(later[:ahead]),
            symbols=tuple(known),
            marks=marks,
        )

    def _of_data_set(
        self, standpoint: Standpoint, segment: RunSegment, opened: ev.DatasetOpened,
        *, seq: int, instrument: Instrument, count: int, ahead: int,
    ) -> tuple[list[Candle], list[Candle], dict[str, Decimal]]:  # fmt: skip
        order = opened.symbols
        cursor = _cursor(standpoint, opened, seq)
        wanted = (count + 2) * len(order)
        slots = self._slots(
            standpoint, segment, opened,
            first=max(0, cursor - wanted), last=cursor + (ahead + 1) * len(order) * bool(ahead),
        )  # fmt: skip
        split = bisect_right(slots, cursor, key=lambda slot: slot.cursor)
        index = order.index(instrument.symbol) if instrument.symbol in order else -1
        instruments = standpoint.plan(segment.started).instruments
        return (
            list(_candles(slots[max(0, split - wanted) : split], index)),
            list(_candles(slots[split:], index)) if ahead else [],
            _marks(slots[:split], order, instruments),
        )

    def _slots(
        self, standpoint: Standpoint, segment: RunSegment, opened: ev.DatasetOpened,
        *, first: int, last: int,
    ) -> Sequence[Slot]:  # fmt: skip
        """Return the slots behind a cursor and up to another; more are read, and kept."""
        key = (segment.started.plan_blob, opened.dataset_id)
        block = self._block
        is_there = block is not None and block.key == key and block.first <= first
        if block is None or not is_there or (last > block.last and not block.is_end):
            room = SLOTS_READ * len(opened.symbols)
            start, stop = max(0, first - room // 4), last + room
            read = standpoint.reader_of(segment.started)(opened)
            slots = tuple(one for one in read(start, stop) if not isinstance(one, RefusedRows))
            is_end = stop >= opened.rows
            block = self._block = _Block(key, start, stop, slots, is_end)
        low = bisect_right(block.slots, first, key=lambda slot: slot.cursor)
        high = bisect_right(block.slots, last, key=lambda slot: slot.cursor)
        return block.slots[low:high]


def _cursor(standpoint: Standpoint, opened: ev.DatasetOpened, seq: int) -> int:
    """Return how many rows of the data set were consumed right behind a row."""
    reader = standpoint.reader
    found = opened.cursor
    for kind in ("ScansCoalesced", "BarsRejected"):
        row = newest_before(reader, kind, seq + 1)
        event = None if row is None else row.event
        if isinstance(event, ev.ScansCoalesced) and event.dataset_id == opened.dataset_id:
            found = max(found, event.cursor_to)
        elif isinstance(event, ev.BarsRejected):
            found = max(found, event.last_row + 1)
    return found


def _candles(slots: Sequence[Slot], index: int) -> Iterator[Candle]:
    for slot in slots:
        for bar in slot.bars:
            if bar.index == index:
                yield Candle(slot.time_ns, bar.open, bar.high, bar.low, bar.close, bar.flags != 0)


def _marks(
    slots: Sequence[Slot], order: Sequence[str], instruments: dict[str, Instrument]
) -> dict[str, Decimal]:
    marks: dict[str, Decimal] = {}
    for slot in reversed(slots):
        for bar in slot.bars:
            symbol = order[bar.index]
            if symbol not in marks:
                marks[symbol] = bar.close * instruments[symbol].tick
        if len(marks) == len(order):
            break
    return marks


# --- streams --------------------------------------------------------------------------------------


def _of_stream(
    standpoint: Standpoint, seq: int, instrument: Instrument, *, count: int, ahead: int
) -> tuple[list[Candle], list[Candle], dict[str, Decimal]]:
    marks: dict[str, Decimal] = {}
    before: list[Candle] = []
    for row in _bar_rows(standpoint, seq, is_later=False):
        event = row.event
        assert isinstance(event, ev.BarClosed)
        marks.setdefault(event.symbol, event.close)
        if event.symbol == instrument.symbol:
            before.append(_candle(event, instrument.tick))
            if len(before) >= count:
                break
    later: list[Candle] = []
    for row in _bar_rows(standpoint, seq, is_later=True) if ahead else ():
        event = row.event
        if isinstance(event, ev.BarClosed) and event.symbol == instrument.symbol:
            later.append(_candle(event, instrument.tick))
            if len(later) >= ahead:
                break
    return sorted(before), sorted(later), marks


def _bar_rows(standpoint: Standpoint, seq: int, *, is_later: bool) -> Iterator[JournalRow]:
    """Yield rows of bars: those up to a row, newest first, or those behind it, oldest first."""
    reader = standpoint.reader
    if is_later:
        yield from reader.rows_of("BarClosed", after_seq=seq, limit=STREAM_ROWS_MAX)
        return
    query = "SELECT seq FROM event_ref WHERE ref = '@BarClosed' AND seq <= ? ORDER BY seq DESC"
    bound, looked = seq, 0
    while looked < STREAM_ROWS_MAX:
        found = reader.connection.execute(f"{query} LIMIT {STREAM_PAGE}", (bound,)).fetchall()
        if not found:
            return
        first = int(found[-1][0])
        page = reader.rows_of("BarClosed", after_seq=first - 1, limit=len(found))
        yield from reversed(list(page))
        bound, looked = first - 1, looked + len(found)


def _candle(event: ev.BarClosed, tick: Decimal) -> Candle:
    open_, high, low, close = (
        int(price / tick) for price in (event.open, event.high, event.low, event.close)
    )
    return Candle(event.close_ns, open_, high, low, close, bool(event.flags))


def _frame(candles: Sequence[Candle]) -> int:
    """Return the length of a bar: the shortest gap there is."""
    return min((b.close_ns - a.close_ns for a, b in pairwise(candles)), default=0)
