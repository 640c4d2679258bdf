"""What the screens with one table share: cursor, paging and a filter typed after a slash."""

from collections.abc import Sequence
from typing import ClassVar

from hfl_tui.screens.hands import Hands
from hfl_tui.table import Row, plain_text
from hfl_tui.widgets.grid import Grid


class Listing(Hands, inherit_bindings=False):
    """One table that fills the screen; a filter keeps the rows that hold its text."""

    PARTS: ClassVar[tuple[str, ...]] = ("table",)
    table: Grid
    DEFAULT_CSS = """
    Listing Grid { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.filter = ""

    @property
    def filter_told(self) -> str:
        """Return what the title says of the filter."""
        return f"   /{self.filter}" if self.filter else ""

    def kept(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that the filter keeps."""
        wanted = self.filter.casefold()
        return [row for row in rows if wanted in plain_text(row).casefold()]

    def set_filter(self, text: str) -> None:
        """Keep only rows with this text; empty keeps all."""
        self.filter = text.strip()
        self.paint()

    def look_for(self, text: str) -> None:
        """Keep only what holds the text, and remember it."""
        self.sought = text.strip() or self.sought
        self.set_filter(text)

    def action_find(self) -> None:
        """Type what rows shall hold."""
        from hfl_tui.screens.finder import Finder

        self.viewer.push_screen(Finder(self.filter, self.look_for))

    def move(self, rows: int) -> None:
        """Move the cursor."""
        self.table.move(rows)

    def turn(self, pages: int) -> None:
        """Move it by pages."""
        self.table.page(pages)

    def on_grid_picked(self, event: Grid.Picked) -> None:
        """Open what was clicked twice."""
        event.stop()
        self.action_open_row()
