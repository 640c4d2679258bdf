"""A table of fixed columns with a cursor, drawn line by line: only changed cells are written."""

from collections.abc import Sequence

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from hfl_tui.lines import EMPTY, Line, line
from hfl_tui.table import Column, LazyRows, Row, head_line, place_of, row_line
from hfl_tui.widgets.pane import Pane


class Grid(Pane):
    """Rows under a head; the cursor keeps to its row by key, whatever comes in above it."""

    class Picked(Message):
        """A row was opened with the mouse."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.columns: tuple[Column, ...] = ()
        self.rows: Sequence[Row] = ()
        self.title: Line = EMPTY
        self.foot: list[Line] = []
        self.empty = empty
        self.is_active = True
        self._key = ""
        self._at = 0
        self._top = 0

    @property
    def selected(self) -> str:
        """Return the key of the row under the cursor, empty when there is none."""
        return self.rows[self._at].key if self.rows else ""

    @property
    def _room(self) -> int:
        used = (1 if self.title else 0) + 1 + len(self.foot)
        return max(1, self.size.height - used)

    def fill(
        self,
        columns: tuple[Column, ...],
        rows: Sequence[Row],
        *,
        title: Line = EMPTY,
        foot: Sequence[Line] = (),
    ) -> None:
        """Show these rows."""
        self.columns, self.title, self.foot = columns, title, list(foot)
        self.rows = rows if isinstance(rows, LazyRows) else tuple(rows)
        place = place_of(self.rows, self._key, self._at) if self._key else None
        self._at = min(self._at, max(0, len(self.rows) - 1)) if place is None else place
        if not self.is_active:
            # Nobody's cursor is here: the first row is what came last.
            self._at = self._top = 0
        self._key = self.selected
        self.paint()

    def paint(self) -> None:
        """Draw what is in view."""
        width, room = self.size.width, self._room
        self._top = max(0, min(self._top, self._at, len(self.rows) - room))
        self._top = max(self._top, self._at - room + 1)
        found = [self.title] if self.title else []
        found.append(head_line(self.columns, width))
        for place in range(self._top, min(len(self.rows), self._top + room)):
            is_selected = self.is_active and place == self._at
            found.append(row_line(self.rows[place], self.columns, width, is_selected=is_selected))
        if not self.rows and self.empty:
            found.append(line((f" {self.empty}", "dim")))
        self.show([*found, *self.foot])

    def move(self, rows: int) -> None:
        """Move the cursor by rows; it stays inside."""
        if self.rows:
            self._at = max(0, min(len(self.rows) - 1, self._at + rows))
            self._key = self.selected
            self.paint()

    @property
    def is_near_end(self) -> bool:
        """Tell whether the cursor is within a page of the last row."""
        return self._at + self._room >= len(self.rows)

    @property
    def is_near_start(self) -> bool:
        """Tell whether the cursor is within a page of the first row."""
        return self._at < self._room

    def to_first(self) -> None:
        """Put the cursor on the first row."""
        if self._at:
            self.move(-self._at)

    def page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.move(pages * max(1, self._room - 1))

    def select(self, key: str) -> None:
        """Put the cursor on a row, if it is there."""
        self._key = key
        self.fill(self.columns, self.rows, title=self.title, foot=self.foot)

    def on_click(self, event: Click) -> None:
        """Select the row that was clicked; a second click opens it."""
        place = self._top + event.y - (1 if self.title else 0) - 1
        if 0 <= place < len(self.rows):
            if place == self._at:
                self.post_message(self.Picked(self.selected))
            self.move(place - self._at)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Move on."""
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Move back."""
        event.stop()
        self.move(-3)
