"""One moment of a journal as it was then, frozen: what the replay screen shows. Knows no Textual.

Only rows up to the moment, and bars known by then, go in; what came later is a part of its own
that is empty until it was asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.errors import HflError
from hfl_core.engine.book import Book
from hfl_core.ports import JournalRow
from hfl_tui.link.happenings import happening
from hfl_tui.link.past import Past
from hfl_tui.link.picture import Picture
from hfl_tui.link.source import held_of, orders_of, stops_of
from hfl_tui.link.track import Mark, marks_around, symbol_of
from hfl_tui.ports import Chart, Place, Rewinder, Worth

# What the line of time spans where the length of a bar is not known.
FRAME_NS_DEFAULT: Final = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which moment, and how much of it. symbol: "" for the row's own; bars: columns of the chart.

    columns: of the line of time; is_revealed: what came later, too.
    """

    seq: int
    symbol: str = ""
    bars: int = 90
    columns: int = 80
    ahead: int = 0
    is_revealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Everything known right behind one row. last_seq: of the journal now; step: in its trade.

    picture: positions, money, limits and state as of then; chart: None where its bars cannot be
    read, then chart_trouble says why; marks: the line of time, later ones only when revealed.
    """

    seq: int
    last_seq: int
    kind: str
    label: str
    sentence: str
    weight: str
    time_ns: int
    wall_ns: int
    cause_seq: int
    symbol: str
    picture: Picture
    chart: Chart | None
    chart_trouble: str
    marks: tuple[Mark, ...]
    frame_ns: int
    config: str
    limits: str
    is_revealed: bool


class Moments:
    """Makes moments. One thread calls it; every method may raise HflError."""

    def __init__(self, place: Place, rewinder: Rewinder) -> None:
        self._place = place
        self._rewinder = rewinder
        self.past = Past(place.journal)

    def at(self, wanted: Wanted) -> Moment:
        """Return one moment."""
        past = self.past
        row = past.go(wanted.seq)
        symbol = wanted.symbol or symbol_of(row, past) or _held_first(past.book)
        chart, trouble = self._chart(wanted, symbol)
        symbol = symbol or ("" if chart is None else chart.symbol)
        frame_ns = (0 if chart is None else chart.frame_ns) or FRAME_NS_DEFAULT
        label, sentence, weight = _words(row, past)
        return Moment(
            seq=row.seq,
            last_seq=past.last_seq,
            kind=row.kind,
            label=label,
            sentence=sentence,
            weight=weight,
            time_ns=row.time_ns,
            wall_ns=row.wall_ns,
            cause_seq=row.cause_seq,
            symbol=symbol,
            picture=self._picture(row, {} if chart is None else chart.marks),
            chart=chart,
            chart_trouble=trouble,
            marks=tuple(
                marks_around(
                    past, row.seq, symbol, span_ns=frame_ns * wanted.columns,
                    is_revealed=wanted.is_revealed,
                )
            ),
            frame_ns=frame_ns,
            config=past.book.config_blob,
            limits=past.book.limits_hash,
            is_revealed=wanted.is_revealed,
        )  # fmt: skip

    def _chart(self, wanted: Wanted, symbol: str) -> tuple[Chart | None, str]:
        ahead = wanted.ahead if wanted.is_revealed else 0
        try:
            found = self._rewinder.chart(wanted.seq, symbol, count=wanted.bars, ahead=ahead)
        except HflError as error:
            return None, str(error)
        return found, ""

    def _picture(self, row: JournalRow, marks: Mapping[str, Decimal]) -> Picture:
        past, book = self.past, self.past.book
        worth = None
        if book.slot_ns:
            worth = Worth(
                equity=book.equity,
                high_water_mark=book.high_water_mark,
                starts=dict(book.anchors),
                time_ns=book.slot_ns,
                wall_ns=row.wall_ns,
            )
        return Picture(
            name=self._place.name,
            mode=self._place.mode,
            made_ns=row.wall_ns,
            exists=True,
            loaded=Decimal(1),
            seq=row.seq,
            row_wall_ns=row.wall_ns,
            time_ns=row.time_ns,
            run_id=book.run_id,
            run_ended=past.run_ended,
            state=book.state if book.runs else "",
            halt_reason=book.halt_reason,
            stops=stops_of(book, {}),
            halted_symbols=tuple(book.halted_symbols.items()),
            currency=book.currency,
            cash=book.cash,
            fees=book.fees,
            worth=worth,
            held=tuple(
                held_of(one, book, mark=marks.get(one.symbol)) for one in book.positions.values()
            ),
            orders=orders_of(book, ended_max=0),
            trades=book.trades,
            scans=book.scans,
            gauges=() if worth is None else self._rewinder.gauges(book, worth, marks),
            decision=past.decision(row.seq),
        )


def _held_first(book: Book) -> str:
    """Return what is held longest, empty for nothing."""
    return next(iter(book.positions), "")


def _words(row: JournalRow, past: Past) -> tuple[str, str, str]:
    """Return a row's label, sentence and weight; every kind has some."""
    symbols = {key: order.symbol for key, order in past.book.orders.items()}
    found = happening(row, symbols)
    if found is not None:
        return found.label, found.text, found.weight
    teller = _QUIET.get(type(row.event))
    return row.kind, "" if teller is None else teller(row.event), ""


def _moved(event: ev.Transitioned) -> str:
    why = f": {event.reason}" if event.reason else ""
    return f"{event.source} -> {event.target} by {event.trigger}{why}"


def _bar(event: ev.BarClosed) -> str:
    return f"{event.symbol} closed at {event.close}"


_QUIET: Final[dict[type[ev.Event], Callable[..., str]]] = {
    ev.Transitioned: _moved,
    ev.BarClosed: _bar,
    ev.SendAttempted: lambda event: f"order {event.client_id[-8:]} is being sent",
    ev.SnapshotTaken: lambda _: "the state was kept",
    ev.TimePassed: lambda _: "a timer was due",
}
