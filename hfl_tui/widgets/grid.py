"""A table of fixed columns with a cursor, drawn line by line: only changed cells are written."""

from collections.abc import Sequence

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from hfl_tui.lines import EMPTY, Line, line
from hfl_tui.table import (
    Column,
    LazyRows,
    Order,
    Row,
    head_line,
    place_of,
    plain_text,
    row_line,
    sortable,
    sorted_rows,
    texts,
    title_at,
    worth_of,
)
from hfl_tui.widgets.pane import Pane


class Grid(Pane):
    """Rows under a head; the cursor keeps to its row by key, whatever comes in above it."""

    class Picked(Message):
        """A row was opened with the mouse."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Sorted(Message):
        """Somebody sorted with the mouse. told: what to say of it."""

        def __init__(self, told: str) -> None:
            super().__init__()
            self.told = told

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.columns: tuple[Column, ...] = ()
        self.rows: Sequence[Row] = ()
        self.title: Line = EMPTY
        self.foot: list[Line] = []
        self.empty = empty
        self.is_active = True
        self.is_sortable = True
        self.order: Order | None = None
        self._natural: Sequence[Row] = ()
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
        self._natural = rows if isinstance(rows, LazyRows) else tuple(rows)
        self.rows = self._natural
        if self.order is not None:
            self.rows = sorted_rows(self._natural, columns, self.order)
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
        found.append(head_line(self.columns, width, self.order))
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
        self.fill(self.columns, self._natural, title=self.title, foot=self.foot)

    # --- order and search -------------------------------------------------------------------------

    def sort_next(self) -> str:
        """Sort by the next column, behind the last one as the rows came; return what to say."""
        titles = sortable(self.columns)
        at = titles.index(self.order.title) if self.order and self.order.title in titles else -1
        if at + 1 >= len(titles):
            self.order = None
        else:
            self._order_by(titles[at + 1])
        return self._ordered()

    def sort_round(self) -> str:
        """Turn the order round; return what to say."""
        if self.order is not None:
            self.order = Order(title=self.order.title, is_falling=not self.order.is_falling)
        return self._ordered()

    def sort_by(self, title: str) -> str:
        """Sort by a column, the other way round when it is already; return what to say."""
        if self.order is not None and self.order.title == title:
            return self.sort_round()
        self._order_by(title)
        return self._ordered()

    def _order_by(self, title: str) -> None:
        """Numbers begin with the largest, words with a."""
        place = next(at for at, column in enumerate(self.columns) if column.title == title)
        cells = (texts(row) for row in self._natural)
        worths = [worth_of(found[place]) for found in cells if place < len(found)]
        known = [worth for worth in worths if worth is not None]
        self.order = Order(title=title, is_falling=bool(known) and known[0][0] == 0)

    def _ordered(self) -> str:
        self.fill(self.columns, self._natural, title=self.title, foot=self.foot)
        if self.order is None:
            return "as they come"
        told = "falling" if self.order.is_falling else "rising"
        return f"by {self.order.title}, {told}"

    def seek(self, text: str, step: int) -> bool:
        """Put the cursor on the next row that holds a text, round the end; False for none.

        step: 1 on, -1 back, 0 on from the row it is on.
        """
        wanted, count = text.casefold(), len(self.rows)
        start = self._at + step
        for offset in range(count):
            place = (start + (offset if step >= 0 else -offset)) % count
            if wanted in plain_text(self.rows[place]).casefold():
                self.move(place - self._at)
                return True
        return False

    # --- mouse ------------------------------------------------------------------------------------

    def on_click(self, event: Click) -> None:
        """Select what was clicked, open it when it is; the head sorts by its column."""
        above = 1 if self.title else 0
        place = self._top + event.y - above - 1
        if event.y == above:
            title = title_at(self.columns, event.x, self.size.width)
            if title and self.is_sortable:
                self.post_message(self.Sorted(self.sort_by(title)))
        elif 0 <= place < len(self.rows) and event.y > above:
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
