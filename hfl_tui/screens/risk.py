"""Risk: every limit with what is used and left, then distances, breakers and the last checks."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.widget import Widget

from hfl_core.domain.errors import HflError
from hfl_tui.actions import RISK
from hfl_tui.formats import clock, marked_bar
from hfl_tui.lines import Span, rule
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.panels.gauges import SHOWN_MAX, amount, name_of, ordered, style_of, word_of
from hfl_tui.ports import Gauge, Told
from hfl_tui.screens.face import HEADER_ROWS, bindings
from hfl_tui.screens.hands import Hands
from hfl_tui.table import Column, Row
from hfl_tui.widgets.grid import Grid
from hfl_tui.widgets.told import ToldPane

BAR_WIDTH: Final = 12
COLUMNS: Final = (
    Column(title="limit", width=16),
    Column(title="now", width=9, is_right=True),
    Column(title="limit", width=10, is_right=True),
    Column(title="used", width=BAR_WIDTH),
    Column(title="", width=5, is_right=True),
    Column(title="", width=4),
    Column(title="left", width=9, is_right=True),
    Column(title="then", width=0),
)
WIDE: Final = (
    Column(title="limit", width=26),
    Column(title="now", width=11, is_right=True),
    Column(title="limit", width=11, is_right=True),
    Column(title="used", width=30),
    Column(title="", width=5, is_right=True),
    Column(title="", width=4),
    Column(title="left", width=11, is_right=True),
    Column(title="then", width=0),
)
WIDE_FROM: Final = 110
# What the envelope says of distances is made anew so often, and only when something changed.
AGAIN_NS: Final = 5_000_000_000


class Risk(Hands, inherit_bindings=False):
    """Gauges above, the told rest below; r asks the daemon for its own word."""

    KIND = RISK
    PARTS: ClassVar[tuple[str, ...]] = ("gauges", "told")
    BINDINGS: ClassVar[list[BindingType]] = bindings(RISK)
    DEFAULT_CSS = """
    Risk #gauges { height: 10; }
    Risk #told { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.active = "told"
        self._asked_ns = 0
        self._asked_seq = -1
        self._is_asking = False
        self._checked: Told | None = None

    def body(self) -> Iterable[Widget]:
        """Yield gauges and the rest."""
        self.gauges = Grid(id="gauges", empty="no bar was taken yet: nothing is used")
        self.gauges.is_active = False
        self.told = ToldPane(id="told")
        yield self.gauges
        yield self.told

    def place_panes(self, width: int, height: int) -> None:
        """Give the gauges up to three fifths."""
        del width
        room = max(3, height - HEADER_ROWS - 1)
        self.gauges.display = self.zoomed != "told"
        self.told.display = self.zoomed != "gauges"
        most = min(2 + 18, max(3, room * 3 // 5))
        self.gauges.styles.height = room if self.zoomed else most

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw the gauges, and ask for the rest when it is due."""
        width = self.gauges.size.width
        as_of = "" if picture.worth is None else f"as of {clock(picture.worth.time_ns)}"
        old = "~" if mood.doubts(picture) else ""
        columns = WIDE if width >= WIDE_FROM else COLUMNS
        rows = [_row(one, columns[3].width, old=old) for one in ordered(picture.gauges)]
        self.gauges.fill(
            columns,
            rows,
            title=rule("Risk", width, more=f"{as_of}   {self.key('check')} check now"),
        )
        is_due = picture.seq != self._asked_seq and now_ns - self._asked_ns > AGAIN_NS
        if (is_due or self._asked_seq < 0) and not self._is_asking and picture.exists:
            self._ask_again(picture, now_ns)
        self.told.paint()

    def _ask_again(self, picture: Picture, now_ns: int) -> None:
        self._asked_ns, self._asked_seq, self._is_asking = now_ns, picture.seq, True
        viewer = self.viewer

        def job() -> None:
            told, note = _told_by(viewer.outfit.teller.risk)
            viewer.call_from_thread(self._came, told, note)

        viewer.aside(job)

    def _came(self, told: Told | None, note: str) -> None:
        self._is_asking = False
        if not self.is_mounted:
            return
        if told is None:
            self.told.tell(None, note=note)
        else:
            checked = () if self._checked is None else self._checked.sections
            self.told.update_told(Told(headline=told.headline, sections=(*checked, *told.sections)))

    def action_check(self) -> None:
        """Ask the daemon for its own word now; it only reads."""
        viewer = self.viewer
        viewer.say("checking ...")

        def job() -> None:
            told, note = _told_by(viewer.outfit.teller.check)
            viewer.call_from_thread(self._checked_now, told, note)

        viewer.aside(job)

    def _checked_now(self, told: Told | None, note: str) -> None:
        if told is not None:
            self._checked = told
            self._asked_seq = -1
        self.viewer.say(note or "checked")

    def items(self, grid: Grid) -> Sequence[object]:
        """Return the limits as they stand."""
        known = {one.name: one for one in self.viewer.picture.gauges}
        return [known[row.key] for row in grid.rows if row.key in known]

    def move(self, rows: int) -> None:
        """Move the cursor among the limits, or scroll what is told."""
        if self.grid is not None:
            self.grid.move(rows)
        else:
            self.told.scroll_rows(rows)

    def turn(self, pages: int) -> None:
        """Move or scroll by pages."""
        if self.grid is not None:
            self.grid.page(pages)
        else:
            self.told.scroll_rows(pages * max(1, self.told.size.height - 1))


def _told_by(ask: object) -> tuple[Told | None, str]:
    assert callable(ask)
    try:
        found = ask()
    except HflError as error:
        return None, str(error)
    assert isinstance(found, Told)
    return found, ""


def _row(one: Gauge, bar_width: int, *, old: str) -> Row:
    style = style_of(one)
    cells: tuple[Span | str, ...] = (
        name_of(one) + (f" {one.note}" if one.note and " " not in one.note else ""),
        old + amount(one, one.now),
        amount(one, one.limit),
        (marked_bar(one.used, bar_width), style or "title"),
        (f"{min(one.used, SHOWN_MAX):.0%}", style),
        (word_of(one), style),
        amount(one, one.left),
        one.action,
    )
    return Row(key=one.name, cells=cells)
