"""Orders: live ones first, then those that ended last, with what became of them."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from hfl_tui.actions import ORDERS
from hfl_tui.lines import rule
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.panels.positions import order_table
from hfl_tui.screens.face import bindings
from hfl_tui.screens.listing import Listing
from hfl_tui.widgets.grid import Grid


class Orders(Listing, inherit_bindings=False):
    """All orders the book knows: every live one, and the last that ended."""

    KIND = ORDERS
    BINDINGS: ClassVar[list[BindingType]] = bindings(ORDERS)

    def body(self) -> Iterable[Widget]:
        """Yield the table."""
        self.table = Grid(id="table", empty="no order yet")
        yield self.table

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw the table."""
        del mood, now_ns
        width = self.table.size.width
        columns, rows = order_table(picture.orders, width)
        kept = self.kept(rows)
        live = len(picture.live_orders)
        ended = len(picture.orders) - live
        more = f"{ended} ended shown   * works{self.filter_told}"
        self.table.fill(columns, kept, title=rule(f"Orders {live} working", width, more=more))

    def items(self, grid: Grid) -> Sequence[object]:
        """Return the orders as they stand."""
        known = {one.client_id: one for one in self.viewer.picture.orders}
        return [known[row.key] for row in grid.rows if row.key in known]

    def ask(self) -> str:
        """Ask for the selected order."""
        return self.table.selected
