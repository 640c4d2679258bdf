"""The log: every row worth a line, from the journal's end back to its first row."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.widget import Widget

from hfl_core.domain.errors import HflError
from hfl_journal.reader import JournalReader
from hfl_tui.actions import LOG
from hfl_tui.formats import stamp
from hfl_tui.lines import rule
from hfl_tui.link.happenings import happening
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Happening, Picture
from hfl_tui.link.window import Fits, Window
from hfl_tui.panels.activity import LONG, LONG_FROM, SHORT, activity_row
from hfl_tui.screens.face import bindings
from hfl_tui.screens.listing import Listing
from hfl_tui.table import LazyRows
from hfl_tui.widgets.grid import Grid

# One step into the past reads so many rows, on a thread, a page at a time.
STRETCH_ROWS: Final = 2_000
PAGE_ROWS: Final = 100
# More lines than this are not kept: those far from the cursor leave, and can be read again.
LINES_MAX: Final = 5_000
# Steps that found nothing to show go on by themselves, so far; the next key goes on.
STRETCHES_MAX: Final = 25


class Log(Listing, inherit_bindings=False):
    """Newest first. The past is read as one goes down to it; G is the journal's first row."""

    KIND = LOG
    BINDINGS: ClassVar[list[BindingType]] = bindings(LOG)

    def __init__(self) -> None:
        super().__init__()
        self._only_alerts = False
        self.is_following = True
        self.window = Window(most=LINES_MAX)
        self._fits: Fits | None = None
        self._reads = 0
        self._is_reading = False
        self._stretches = 0

    def body(self) -> Iterable[Widget]:
        """Yield the table."""
        self.table = Grid(id="table", empty="nothing to show")
        # A window that slides over the journal stands in the journal's order.
        self.table.is_sortable = False
        yield self.table

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw what is known, newest first; more is read when the cursor comes near an end."""
        del mood
        self.window.take(picture.happenings, picture.seq)
        width = self.table.size.width
        is_long, is_relative = width >= LONG_FROM, self.viewer.is_relative
        rows = LazyRows(
            self.window.lines,
            key=lambda one: str(one.seq),
            make=lambda one: activity_row(
                one, now_ns=now_ns, is_long=is_long, is_relative=is_relative
            ),
        )
        title = rule(f"Log {len(rows):,}", width, more=self._told())
        self.table.fill(LONG if is_long else SHORT, rows, title=title)
        if self.is_following and self.window.is_live:
            self.table.to_first()
        self._read_on()

    def _told(self) -> str:
        """Return which rows are shown, and how."""
        window = self.window
        follows = (
            "follows"
            if self.is_following and window.is_live
            else f"stays, {self.key('follow')} follows"
        )
        told = f"only alerts, {self.key('alerts')} for all   " if self.only_alerts else ""
        back = "from the first row" if window.is_whole else f"back to row {window.first:,}"
        told += f"{follows}   {back}"
        if not window.is_live:
            told += f", up to {window.last:,}"
        return told + ("   reading ..." if self._is_reading else "") + self.filter_told

    # --- reading ----------------------------------------------------------------------------------

    def _read_on(self) -> None:
        """Read the rows next to what is shown, where the cursor is near its end."""
        window = self.window
        if self._stretches > STRETCHES_MAX or not window.last:
            return
        if self.table.is_near_end and not window.is_whole:
            self._read(max(0, window.first - 1 - STRETCH_ROWS), window.first - 1)
        elif self.table.is_near_start and not window.is_live:
            self._read(window.last, window.last + STRETCH_ROWS)

    def _read(self, after: int, to: int, *, is_jump: bool = False) -> None:
        """Read the rows behind one up to another, on a thread; a jump leaves what is shown."""
        if self._is_reading and not is_jump:
            return
        self._is_reading = True
        self._reads += 1
        viewer, number = self.viewer, self._reads

        def job() -> None:
            try:
                found, last = stretch(viewer.outfit.place.journal, after, to)
            except HflError:
                found, last = [], to
            rows = (after, last)
            viewer.call_from_thread(self._came, found, rows, number=number, is_jump=is_jump)

        viewer.aside(job)

    def _came(
        self, found: list[Happening], rows: tuple[int, int], *, number: int, is_jump: bool
    ) -> None:
        """Take in the lines of the rows behind the first of two, up to the second."""
        if number != self._reads:
            return
        self._is_reading = False
        self._stretches += 1
        window, (after, last) = self.window, rows
        is_older = not is_jump and after < window.last
        if is_jump:
            window.begin(found, after + 1, last)
        elif is_older:
            window.older(found, after + 1)
        else:
            window.newer(found, last)
        newest = self.viewer.picture.happenings
        if not is_older and newest and window.last + 1 >= newest[0].seq:
            window.is_live = True
        if self.is_mounted and self.is_current:
            self.paint()
            if is_jump:
                self.table.move(1 << 30)

    def items(self, grid: Grid) -> Sequence[object]:
        """Return what happened as it stands."""
        known = {str(one.seq): one for one in self.window.lines}
        return [known[row.key] for row in grid.rows if row.key in known]

    # --- actions ----------------------------------------------------------------------------------

    def _narrow(self) -> None:
        """Search what fits from the newest row on, as far back as one bound of work."""
        wanted, only_alerts = self.filter.casefold(), self.only_alerts

        def fits(one: Happening) -> bool:
            return (one.is_alert or not only_alerts) and wanted in words(one)

        self._fits = fits if wanted or only_alerts else None
        self._begin()
        self.paint()

    def set_filter(self, text: str) -> None:
        """Keep only rows with this text."""
        if text.strip() != self.filter:
            self.filter = text.strip()
            self._narrow()

    @property
    def only_alerts(self) -> bool:
        """Tell whether only what needs a look is shown."""
        return self._only_alerts

    @only_alerts.setter
    def only_alerts(self, is_on: bool) -> None:
        self._only_alerts = is_on
        self._narrow()

    def action_alerts(self) -> None:
        """Show only what needs a look, or everything again."""
        self.only_alerts = not self.only_alerts

    def action_follow(self) -> None:
        """Keep to the newest row, or stay at this one."""
        self.is_following = not self.is_following
        if self.is_following and not self.window.is_live:
            self._begin()
        self.paint()

    def action_top(self) -> None:
        """Go to the newest row."""
        if not self.window.is_live:
            self._begin()
        self.paint()
        self.table.to_first()

    def action_bottom(self) -> None:
        """Go to the journal's first row, however far that is."""
        self.is_following, self._stretches = False, 0
        if self.window.is_whole:
            super().action_bottom()
        else:
            self._read(0, STRETCH_ROWS, is_jump=True)
            self.paint()

    def _begin(self) -> None:
        """Let the window begin anew at the journal's end; what is being read is for nobody."""
        self._reads += 1
        self._is_reading, self._stretches = False, 0
        self.window.empty(self._fits)
        picture = self.viewer.picture
        self.window.take(picture.happenings, picture.seq)

    def move(self, rows: int) -> None:
        """Move the cursor; who moves wants to stay there."""
        if self.is_following and rows > 0:
            self.is_following = False
        self._moved(lambda: self.table.move(rows))

    def turn(self, pages: int) -> None:
        """Move by pages."""
        self.is_following = self.is_following and pages < 0
        self._moved(lambda: self.table.page(pages))

    def _moved(self, move: Callable[[], None]) -> None:
        self._stretches = 0
        move()
        if self.table.is_near_end or self.table.is_near_start:
            self.paint()

    def ask(self) -> str:
        """Ask for the selected row."""
        selected = self.table.selected
        return next((one.ask for one in self.window.lines if str(one.seq) == selected), "")

    def moment(self) -> str:
        """Return the selected row itself."""
        selected = self.table.selected
        found = next((one for one in self.window.lines if str(one.seq) == selected), None)
        return "" if found is None else f"row {found.seq} {found.symbol}".strip()


def words(one: Happening) -> str:
    """Return what a filter looks at."""
    return f"{stamp(one.time_ns)} {one.label} {one.text}".casefold()


def stretch(path: Path, after: int, to: int) -> tuple[list[Happening], int]:
    """Return the lines of the rows behind one up to another, oldest first, and the last row read.

    Raises JournalError.
    """
    symbols: dict[str, str] = {}
    found = []
    at = after
    with JournalReader.open(path) as reader:
        while at < to and (page := reader.rows(at, min(PAGE_ROWS, to - at))):
            for row in page:
                client_id = getattr(row.event, "client_id", "")
                symbol = getattr(row.event, "symbol", "")
                if client_id and symbol:
                    symbols[client_id] = symbol
                line = happening(row, symbols)
                if line is not None:
                    found.append(line)
            at = page[-1].seq
    return found, at
