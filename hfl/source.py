"""Where bars come from, and in which form: whole slots of a data set, or one by one as a stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hfl.build import feed_of
from hfl.resume import Hashes, Past, check_same_past, fold_back, id_of, look_back
from hfl.shelf import FeedShelf
from hfl_config.load import LoadedConfig
from hfl_core.domain import events as ev
from hfl_core.domain.instruments import Instrument, Timeframe
from hfl_core.engine.gathering import row_of
from hfl_core.engine.step import Engine
from hfl_core.ports import Clock, KnownBar
from hfl_core.runtime.conductor import Conductor, Market, SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.live import LiveSession
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import Runner
from hfl_core.runtime.session import Session
from hfl_data.arrivals import SHARES, ArrivalTerms, ArrivingFeed
from hfl_data.dataset import DatasetFeed
from hfl_data.quality import MEMORY_BARS
from hfl_journal.reader import JournalReader

BARS: Final = "bars"
# Newest rows looked through for what the quality gates remember, for each instrument.
ROWS_LOOKED_AT: Final = 4 * MEMORY_BARS

Known = Mapping[str, tuple[KnownBar, ...]]


@dataclass(slots=True, kw_only=True)
class Source:
    """A data set, and the stream over it where bars come one by one."""

    data: DatasetFeed
    stream: ArrivingFeed | None
    known: Known

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Return the instruments in index order."""
        return self.data.instruments

    @property
    def frame(self) -> Timeframe:
        """Return the timeframe of all bars."""
        return self.data.frame

    def recover(self, engine: Engine, reader: JournalReader, *, hashes: Hashes) -> tuple[Past, int]:
        """Fold a journal into an engine; return the past and the cursor behind its last bar.

        Raises DataError when this source does not go on where the journal ends.
        """
        past = look_back(reader)
        last = past.last_opened
        own_id = id_of(self.data.opened(0) if self.stream is None else self.stream.opened(0))
        is_same = last is not None and id_of(last) == own_id
        if isinstance(last, ev.DatasetOpened) and is_same:
            # Before anything is folded: the fold reads the consumed part of the file again.
            self.data.check_continues(last, last.cursor)
        shelf = FeedShelf(
            {each.symbol: each for each in self.instruments}, kept=self.data.request.kept
        )
        fold_back(engine, reader, past, dataset_id=own_id, hashes=hashes, reader_of=shelf.reader)
        book = engine.core.book
        if last is None:
            return past, 0
        if not is_same:
            held = [*book.positions, *(order.symbol for order in book.live.values())]
            check_same_past(engine.core.time_ns, self.data.opened(0), held)
            return past, 0
        if isinstance(last, ev.DatasetOpened):
            self.data.check_continues(last, book.cursor)
        else:
            self.known = known_bars(reader, self.instruments)
        return past, book.cursor

    def session(
        self,
        settings: SessionSettings,
        *,
        runner: Runner,
        performer: Performer,
        inbox: Inbox,
        market: Market,
        clock: Clock,
    ) -> Conductor:
        """Return what drives a runner over this source."""
        if self.stream is None:
            return Session(
                settings,
                runner=runner,
                performer=performer,
                inbox=inbox,
                market=market,
                feed=self.data,
                clock=clock,
            )
        return LiveSession(
            settings,
            runner=runner,
            performer=performer,
            inbox=inbox,
            market=market,
            feed=self.stream,
            clock=clock,
            known=self.known,
        )


def source_of(loaded: LoadedConfig, *, base: Path, kept: Path) -> Source:
    """Open the configured source; relative paths are relative to `base`.

    kept: the folder where rows of files are kept; the bars of a stream are in the journal itself.
    Raises DataError or ConfigError.
    """
    feed = loaded.config.feed
    data = feed_of(loaded, base=base, kept=None if feed.delivery == BARS else kept)
    if feed.delivery != BARS:
        return Source(data=data, stream=None, known={})
    arrival = feed.arrival
    terms = ArrivalTerms(
        seed=arrival.seed,
        usual_s=float(arrival.usual_s),
        late_s=float(arrival.late_s),
        late=int(arrival.late_fraction * SHARES),
        missing=int(arrival.missing_fraction * SHARES),
        doubled=int(arrival.doubled_fraction * SHARES),
    )
    return Source(data=data, stream=ArrivingFeed(data, terms), known={})


def known_bars(reader: JournalReader, instruments: tuple[Instrument, ...]) -> Known:
    """Return the newest journaled bars of each instrument, oldest first: its gate's memory."""
    places = {str(each.symbol): (index, each) for index, each in enumerate(instruments)}
    found: dict[str, list[KnownBar]] = {symbol: [] for symbol in places}
    query = "SELECT seq FROM event_ref WHERE ref = '@BarClosed' ORDER BY seq DESC LIMIT ?"
    rows = reader.connection.execute(query, (ROWS_LOOKED_AT * len(places),)).fetchall()
    for (seq,) in rows:
        row = reader.row(int(seq))
        event = None if row is None else row.event
        if isinstance(event, ev.BarClosed) and event.symbol in places:
            bars = found[event.symbol]
            if len(bars) < MEMORY_BARS:
                bars.append(KnownBar(event.open_ns, row_of(event, *places[event.symbol])))
        if all(len(bars) == MEMORY_BARS for bars in found.values()):
            break
    return {symbol: tuple(reversed(bars)) for symbol, bars in found.items()}
