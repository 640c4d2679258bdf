"""The dashboard: positions, limits, the last decision and what happened, on one screen."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from hfl_tui.actions import DASH
from hfl_tui.lines import EMPTY as BLANK
from hfl_tui.lines import line, rule
from hfl_tui.link.mood import EMPTY, LOADING, Mood
from hfl_tui.link.picture import Picture
from hfl_tui.panels.activity import LONG_FROM, SHORT, activity_rows
from hfl_tui.panels.decision import decision_lines
from hfl_tui.panels.desks import desk_lines
from hfl_tui.panels.gauges import gauge_lines
from hfl_tui.panels.positions import (
    ORDERS_SHORT,
    columns_for,
    legend,
    order_rows,
    position_rows,
    positions_title,
)
from hfl_tui.screens.face import (
    HEADER_ROWS,
    TINY_HEIGHT,
    TINY_WIDTH,
    Face,
    bindings,
    separated,
)
from hfl_tui.widgets.grid import Grid
from hfl_tui.widgets.pane import Pane

TWO_COLUMNS_FROM: Final = 80
WIDE_FROM: Final = 120
LEFT_NARROW: Final = 50
LEFT_WIDE: Final = 92
POSITIONS_STACKED: Final = 6
EMPTY_TEXT: Final = {
    EMPTY: "No journal yet. In another shell: hfl run  (or hfl demo). It shows up here by itself.",
    LOADING: "reading the journal ...",
}


class Dash(Face, inherit_bindings=False):
    """The first screen."""

    KIND = DASH
    BINDINGS: ClassVar[list[BindingType]] = bindings(DASH)
    DEFAULT_CSS = """
    Dash #activity { height: 1fr; }
    """

    def body(self) -> Iterable[Widget]:
        """Yield the panes."""
        self.positions = Grid(id="positions", empty="no position is open")
        self.gauges = Pane(id="gauges")
        self.orders = Grid(id="orders", empty="no order works")
        self.decision = Pane(id="decision")
        self.activity = Grid(id="activity", empty="nothing has happened yet")
        self.upper = Horizontal(self.positions, self.gauges, id="upper")
        self.lower = Horizontal(self.orders, self.decision, id="lower")
        self.activity.is_active = self.orders.is_active = False
        yield self.upper
        yield self.lower
        yield self.activity

    def place_panes(self, width: int, height: int) -> None:
        """Place the panes: one column below 80, only the limits when tiny."""
        is_tiny = width < TINY_WIDTH or height < TINY_HEIGHT
        is_two = width >= TWO_COLUMNS_FROM
        left = LEFT_WIDE if width >= WIDE_FROM else LEFT_NARROW
        room = max(0, height - HEADER_ROWS - 1)
        upper = min(room, 8 if height < 30 and is_two else 11)
        lower = (
            0 if is_tiny or not is_two else min(max(0, room - upper - 3), 8 if height < 30 else 13)
        )
        self.lower.display = lower > 0
        self.positions.display = not is_tiny
        self.activity.display = not is_tiny
        self.upper.styles.height = room if is_tiny else upper
        self.lower.styles.height = lower
        self.upper.styles.layout = "horizontal" if is_two or is_tiny else "vertical"
        self.positions.styles.width = self.orders.styles.width = left if is_two else "1fr"
        is_stacked = not (is_two or is_tiny)
        self.positions.styles.height = min(POSITIONS_STACKED, upper) if is_stacked else "1fr"
        self.gauges.styles.height = max(1, upper - POSITIONS_STACKED) if is_stacked else "1fr"
        self.orders.styles.height = self.decision.styles.height = "1fr"

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw all panes."""
        self._paint_upper(picture, mood, now_ns)
        if self.lower.display:
            self._paint_lower(picture)
        width = self.activity.size.width
        rows = activity_rows(
            reversed(picture.happenings),
            now_ns=now_ns,
            is_long=False,
            is_relative=self.viewer.is_relative,
        )
        self.activity.empty = EMPTY_TEXT.get(mood.kind, "nothing has happened yet")
        more = "newest first"
        if width >= LONG_FROM:
            more += f"   {self.key('show_log')} all   {self.key('why')} why"
        self.activity.fill(SHORT, rows, title=rule("Activity", width, more=more))

    def _paint_upper(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        width = self.positions.size.width
        if self.positions.display and width:
            rows = position_rows(
                picture,
                now_ns=now_ns,
                width=width,
                is_old=mood.is_old,
                old_symbols=mood.old_symbols,
            )
            self.positions.fill(
                columns_for(width),
                rows,
                title=positions_title(picture, width),
                foot=legend(picture),
            )
        width, height = self.gauges.size.width, self.gauges.size.height
        is_right = self.upper.display and self.positions.display and self.gauges.region.x > 0
        inner = width - 1 if is_right else width
        found = gauge_lines(picture, width=inner, height=height - 1, is_old=mood.doubts(picture))
        found += [BLANK] * (height - 1 - len(found))
        title = rule("Risk used of limit", width, start="┬" if is_right else "─")
        self.gauges.show(separated(found, first=title) if is_right else [title, *found])

    def _paint_lower(self, picture: Picture) -> None:
        width = self.orders.size.width
        live = picture.live_orders
        title = rule(f"Orders {len(live)} working", width, more=f"{self.key('show_orders')} all")
        self.orders.fill(ORDERS_SHORT, order_rows(live), title=title)
        width = self.decision.size.width
        found = decision_lines(picture.decision, width=width - 2)
        found += [BLANK, *desk_lines(picture.desks, width=width - 2)]
        room = max(0, self.decision.size.height - 1)
        rows = [line(*row) for row in found[:room]]
        rows += [BLANK] * (room - len(rows))
        title = rule("Last decision", width, more=f"{self.key('why')} why", start="┼")
        self.decision.show(separated(rows, first=title))

    # --- actions ----------------------------------------------------------------------------------

    @property
    def _active(self) -> Grid:
        return self.activity if self.activity.is_active else self.positions

    def action_next_part(self) -> None:
        """Give the cursor to the other table."""
        is_activity = not self.activity.is_active
        self.activity.is_active, self.positions.is_active = is_activity, not is_activity
        self.activity.paint()
        self.positions.paint()

    def action_last_part(self) -> None:
        """Give the cursor to the other table: there are two."""
        self.action_next_part()

    def ask(self) -> str:
        """Ask for the position's trade, the happening, else the last decision."""
        picture = self.viewer.picture
        selected = self._active.selected
        if self._active is self.activity and selected:
            found = {str(one.seq): one.ask for one in picture.happenings}.get(selected, "")
            if found:
                return found
        elif selected:
            return selected
        last = picture.decision
        return f"row {last.seq} {last.symbol}" if last is not None else ""

    def moment(self) -> str:
        """Return the happening's own row, else what is asked."""
        selected = self._active.selected
        if self._active is self.activity and selected:
            return f"row {selected}"
        return self.ask()

    def move(self, rows: int) -> None:
        """Move the active table's cursor."""
        self._active.move(rows)

    def turn(self, pages: int) -> None:
        """Move it by pages."""
        self._active.page(pages)

    def on_grid_picked(self, event: Grid.Picked) -> None:
        """Open what was clicked twice."""
        event.stop()
        self.action_open_row()
