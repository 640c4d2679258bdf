"""What the screens with one table share: cursor, paging and a filter typed after a slash."""

from collections.abc import Sequence

from hfl_tui.screens.face import Face
from hfl_tui.table import Row
from hfl_tui.widgets.grid import Grid


class Listing(Face, inherit_bindings=False):
    """One table that fills the screen; a filter keeps the rows that hold its text."""

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
        return [row for row in rows if wanted in text_of(row).casefold()]

    def set_filter(self, text: str) -> None:
        """Keep only rows with this text; empty keeps all."""
        self.filter = text.strip()
        self.paint()

    def action_find(self) -> None:
        """Type what rows shall hold."""
        from hfl_tui.screens.finder import Finder

        self.viewer.push_screen(Finder(self.filter, self.set_filter))

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


def text_of(row: Row) -> str:
    """Return a row's cells as one text."""
    return " ".join(cell if isinstance(cell, str) else cell[0] for cell in row.cells)
