"""Trades: what was traded, and on demand what was not, with why; the past is read as one goes."""

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.widget import Widget

from hfl_core.domain.errors import HflError
from hfl_tui.actions import TRADES
from hfl_tui.formats import price, quantity, signed, span, stamp
from hfl_tui.lines import Span, rule
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.ports import Skip, TradePage, TradeRow
from hfl_tui.screens.face import bindings
from hfl_tui.screens.listing import Listing
from hfl_tui.table import Column, LazyRows, Row
from hfl_tui.widgets.grid import Grid

SHORT: Final = (
    Column(title="trade", width=6, is_right=True),
    Column(title="opened UTC", width=16),
    Column(title="sym", width=9),
    Column(title="side", width=5),
    Column(title="profit", width=9, is_right=True),
    Column(title="held", width=6, is_right=True),
    Column(title="why it ended", width=0),
)
LONG: Final = (
    Column(title="trade", width=7, is_right=True),
    Column(title="opened UTC", width=16),
    Column(title="sym", width=10),
    Column(title="side", width=5),
    Column(title="qty", width=9, is_right=True),
    Column(title="entry", width=10, is_right=True),
    Column(title="exit", width=10, is_right=True),
    Column(title="profit", width=9, is_right=True),
    Column(title="held", width=6, is_right=True),
    Column(title="why it ended", width=0),
)
SKIPS: Final = (
    Column(title="row", width=9, is_right=True),
    Column(title="UTC", width=16),
    Column(title="sym", width=9),
    Column(title="what", width=9),
    Column(title="why", width=0),
)
LONG_FROM: Final = 110
# Kept at most; whoever goes further back begins anew from there.
KEPT_MAX: Final = 10_000


class Trades(Listing, inherit_bindings=False):
    """Trades newest first; v shows the decisions not to trade instead."""

    KIND = TRADES
    BINDINGS: ClassVar[list[BindingType]] = bindings(TRADES)

    def __init__(self) -> None:
        super().__init__()
        self.shows_skips = False
        self._trades: dict[int, TradeRow] = {}
        self._skips: dict[str, Skip] = {}
        # What is shown, newest first, and what it was made for.
        self._shown: Sequence[Row] = ()
        self._shown_for: object = None
        self._pages = 0
        self._before = 0
        self._is_reading = False
        self._read_seq = -1
        self._trouble = ""

    def body(self) -> Iterable[Widget]:
        """Yield the table."""
        self.table = Grid(id="table", empty="no trade yet")
        yield self.table

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw what is known, and read on where something is new or the cursor nears the end."""
        del mood, now_ns
        width = self.table.size.width
        is_long = width >= LONG_FROM
        columns = SKIPS if self.shows_skips else (LONG if is_long else SHORT)
        kept = self._kept_rows(is_long=is_long)
        what = "Not traded" if self.shows_skips else "Trades"
        other = "trades" if self.shows_skips else "not traded"
        more = f"{self.key('skips')} {other}   {self.key('why')} why{self.filter_told}"
        if self._is_reading:
            more += "   reading ..."
        elif self._before:
            more += "   older below"
        self.table.empty = self._trouble or ("reading ..." if self._is_reading else "none yet")
        self.table.fill(columns, kept, title=rule(f"{what} {len(kept)}", width, more=more))
        is_new = picture.seq != self._read_seq and picture.exists and picture.loaded >= 1
        if is_new and not self._is_reading:
            self._read(0, picture.seq)
        elif self.table.is_near_end and self._before and len(self._known) < KEPT_MAX:
            self._read(self._before, self._read_seq)

    def _read(self, before: int, seq: int) -> None:
        if self._is_reading:
            return
        self._is_reading = True
        viewer = self.viewer

        def job() -> None:
            try:
                page: TradePage | None = viewer.outfit.teller.trades(before)
                trouble = ""
            except HflError as error:
                page, trouble = None, str(error)
            viewer.call_from_thread(self._came, page, trouble, seq, before)

        viewer.aside(job)

    def _came(self, page: TradePage | None, trouble: str, seq: int, before: int) -> None:
        self._is_reading, self._trouble = False, trouble
        is_first = self._read_seq < 0
        self._read_seq = seq
        if page is not None:
            self._pages += 1
            for trade in page.trades:
                known = self._trades.get(trade.number)
                # A trade that an older stretch left open was closed in a newer one.
                if known is None or not known.closed_ns:
                    self._trades[trade.number] = trade
            self._skips.update({f"{one.seq} {one.symbol}": one for one in page.skips})
            if before or is_first:
                self._before = page.before_seq
        if self.is_mounted and self.is_current:
            self.paint()

    @property
    def _known(self) -> Sized:
        return self._skips if self.shows_skips else self._trades

    def _kept_rows(self, *, is_long: bool) -> Sequence[Row]:
        """Return what the filter keeps; made anew only when something else is to be shown."""
        wanted = (self._pages, self.shows_skips, is_long, self.filter)
        if wanted != self._shown_for:
            rows = self._skip_rows() if self.shows_skips else self._trade_rows(is_long=is_long)
            self._shown = self.kept(rows) if self.filter else rows
            self._shown_for = wanted
        return self._shown

    def _trade_rows(self, *, is_long: bool) -> LazyRows[TradeRow]:
        ordered = sorted(self._trades.values(), key=lambda one: -one.number)
        return LazyRows(
            ordered,
            key=lambda one: str(one.number),
            make=lambda one: _trade(one, is_long=is_long),
        )

    def _skip_rows(self) -> LazyRows[tuple[str, Skip]]:
        ordered = sorted(self._skips.items(), key=lambda item: (-item[1].seq, item[0]))
        return LazyRows(ordered, key=lambda item: item[0], make=lambda item: _skip(*item))

    def items(self, grid: Grid) -> Sequence[object]:
        """Return the trades, or the decisions not to, as they stand."""
        known: Mapping[str, object] = self._skips
        if not self.shows_skips:
            known = {str(number): trade for number, trade in self._trades.items()}
        return [known[row.key] for row in grid.rows if row.key in known]

    def name_of_row(self, grid: Grid) -> str:
        """Return a trade's number as `hfl explain` takes it, or the row of the decision."""
        return grid.selected.partition(" ")[0] if self.shows_skips else f"T-{grid.selected}"

    # --- actions ----------------------------------------------------------------------------------

    def action_skips(self) -> None:
        """Show what was not traded, or the trades again."""
        self.shows_skips = not self.shows_skips
        self.paint()

    def ask(self) -> str:
        """Ask for the selected trade, or the decision not to."""
        selected = self.table.selected
        if self.shows_skips:
            found = self._skips.get(selected)
            return found.ask if found is not None else ""
        return selected

    def move(self, rows: int) -> None:
        """Move the cursor; near the end the past is read."""
        super().move(rows)
        if self.table.is_near_end and self._before:
            self.paint()

    def turn(self, pages: int) -> None:
        """Move by pages."""
        super().turn(pages)
        if self.table.is_near_end and self._before:
            self.paint()


def _trade(one: TradeRow, *, is_long: bool) -> Row:
    style = "good" if one.profit > 0 else ("bad" if one.profit < 0 else "")
    held = span(one.closed_ns - one.opened_ns) if one.closed_ns else "open"
    profit: Span = (signed(one.profit), style)
    head = (f"T-{one.number}", stamp(one.opened_ns), one.symbol, one.side)
    prices = (quantity(one.quantity), price(one.entry, width=10), price(one.exit, width=10))
    tail: tuple[Span | str, ...] = (profit, held, one.reason)
    cells = (*head, *prices, *tail) if is_long else (*head, *tail)
    return Row(key=str(one.number), cells=cells, mark=" " if one.closed_ns else "*")


def _skip(key: str, one: Skip) -> Row:
    what: Span = (one.what, "warn" if one.what == "refused" else "title")
    cells = (f"{one.seq:,}", stamp(one.time_ns), one.symbol, what, one.why)
    return Row(key=key, cells=cells)
