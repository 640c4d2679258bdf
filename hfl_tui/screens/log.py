"""The log: every row worth a line, from the journal's end back to its first row."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.widget import Widget

from hfl_core.domain.errors import HflError
from hfl_journal.reader import JournalReader
from hfl_tui.actions import LOG
from hfl_tui.lines import rule
from hfl_tui.link.happenings import happening
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Happening, Picture
from hfl_tui.panels.activity import LONG, LONG_FROM, SHORT, activity_rows
from hfl_tui.screens.face import bindings
from hfl_tui.screens.listing import Listing
from hfl_tui.widgets.grid import Grid

# One step back into the past reads so many rows, on a thread.
STRETCH_ROWS: Final = 2_000
# More lines than this are not kept: the oldest leave, and can be read again.
LINES_MAX: Final = 20_000
# Filtered steps that found nothing go on by themselves, so far.
STRETCHES_MAX: Final = 25


class Log(Listing, inherit_bindings=False):
    """Newest first. The past is read as one goes down to it."""

    KIND = LOG
    BINDINGS: ClassVar[list[BindingType]] = bindings(LOG)

    def __init__(self) -> None:
        super().__init__()
        self.only_alerts = False
        self.is_following = True
        self._found: list[Happening] = []
        self._older: list[Happening] = []
        self._before = 0
        self._is_reading = False
        self._stretches = 0

    def body(self) -> Iterable[Widget]:
        """Yield the table."""
        self.table = Grid(id="table", empty="nothing to show")
        yield self.table

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw what is known, newest first; older rows are read when the cursor comes near."""
        del mood
        self._take(picture.happenings)
        width = self.table.size.width
        is_long = width >= LONG_FROM
        shown = [one for one in self._all() if one.is_alert or not self.only_alerts]
        relative = self.viewer.is_relative
        rows = activity_rows(shown, now_ns=now_ns, is_long=is_long, is_relative=relative)
        kept = self.kept(rows) if self.filter else rows
        more = f"only alerts, {self.key('alerts')} for all   " if self.only_alerts else ""
        more += "follows" if self.is_following else f"stays, {self.key('follow')} follows"
        more += f"   back to row {self._before:,}" if self._before else "   from the first row"
        if self._is_reading:
            more += "   reading ..."
        title = rule(f"Log {len(kept):,}", width, more=more + self.filter_told)
        self.table.fill(LONG if is_long else SHORT, kept, title=title)
        if self.is_following:
            self.table.to_first()
        if self.table.is_near_end:
            self._read_back()

    def _all(self) -> list[Happening]:
        return [*reversed(self._found), *self._older]

    def _take(self, newest: Sequence[Happening]) -> None:
        """Add what is new; a gap (the viewer was behind) begins the list anew."""
        if not newest:
            return
        last = self._found[-1].seq if self._found else -1
        if not self._found or newest[0].seq > last:
            self._found, self._older, self._before = list(newest), [], newest[0].seq
            return
        self._found.extend(one for one in newest if one.seq > last)
        del self._found[:-LINES_MAX]

    def _read_back(self) -> None:
        if self._is_reading or self._before <= 1 or len(self._older) >= LINES_MAX:
            return
        self._is_reading = True
        viewer, before = self.viewer, self._before
        start = max(0, before - 1 - STRETCH_ROWS)

        def job() -> None:
            try:
                found = stretch(viewer.outfit.place.journal, start, before)
            except HflError:
                found = []
            viewer.call_from_thread(self._came, found, before, start)

        viewer.aside(job)

    def _came(self, found: list[Happening], before: int, start: int) -> None:
        self._is_reading = False
        if before == self._before:
            self._older.extend(reversed(found))
            self._before = start
        if self.is_mounted and self.is_current:
            is_narrowed = bool(self.filter) or self.only_alerts
            self._stretches = self._stretches + 1 if is_narrowed else 0
            if self._stretches <= STRETCHES_MAX:
                self.paint()

    # --- actions ----------------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Keep only rows with this text; the past is searched as far as one bound of work."""
        self._stretches = 0
        super().set_filter(text)

    def action_follow(self) -> None:
        """Keep to the newest row, or stay at this one."""
        self.is_following = not self.is_following
        self.paint()

    def action_alerts(self) -> None:
        """Show only what needs a look, or everything again."""
        self.only_alerts = not self.only_alerts
        self._stretches = 0
        self.paint()

    def move(self, rows: int) -> None:
        """Move the cursor; who moves wants to stay there."""
        if self.is_following and rows > 0:
            self.is_following = False
        self._stretches = 0
        super().move(rows)
        if self.table.is_near_end:
            self.paint()

    def turn(self, pages: int) -> None:
        """Move by pages."""
        self.is_following = self.is_following and pages < 0
        self._stretches = 0
        super().turn(pages)
        if self.table.is_near_end:
            self.paint()

    def ask(self) -> str:
        """Ask for the selected row."""
        selected = self.table.selected
        return next((one.ask for one in self._all() if str(one.seq) == selected), "")


def stretch(path: object, start: int, before: int) -> list[Happening]:
    """Return the lines of the rows behind start and in front of before, oldest first.

    Raises JournalError.
    """
    from pathlib import Path

    assert isinstance(path, Path)
    symbols: dict[str, str] = {}
    found = []
    with JournalReader.open(path) as reader:
        at = start
        while at < before - 1:
            page = reader.rows(at, min(1_000, before - 1 - at))
            if not page:
                break
            for row in page:
                client_id = getattr(row.event, "client_id", "")
                symbol = getattr(row.event, "symbol", "")
                if client_id and symbol:
                    symbols[client_id] = symbol
                line = happening(row, symbols)
                if line is not None:
                    found.append(line)
            at = page[-1].seq
    return found
