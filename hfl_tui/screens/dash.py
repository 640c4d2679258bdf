"""The dashboard: positions, limits, the last decision and what happened, on one screen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from hfl_tui.actions import DASH
from hfl_tui.exports import Table
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
    bindings,
    separated,
)
from hfl_tui.screens.hands import Hands
from hfl_tui.widgets.grid import Grid
from hfl_tui.widgets.livechart import LiveChart
from hfl_tui.widgets.pane import Pane

TWO_COLUMNS_FROM: Final = 80
WIDE_FROM: Final = 120
LEFT_NARROW: Final = 50
LEFT_WIDE: Final = 92
POSITIONS_STACKED: Final = 6
CHART_FROM: Final = 36
CHART_ROWS: Final = 12
EMPTY_TEXT: Final = {
    EMPTY: "No journal yet. In another shell: hfl run  (or hfl demo). It shows up here by itself.",
    LOADING: "reading the journal ...",
}


class Dash(Hands, inherit_bindings=False):
    """The first screen."""

    KIND = DASH
    PARTS: ClassVar[tuple[str, ...]] = (
        "positions", "gauges", "orders", "decision", "activity",
    )  # fmt: skip
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
        self.chart = LiveChart(id="chart")
        self.left = Vertical(self.chart, self.orders, id="left")
        self.lower = Horizontal(self.left, self.decision, id="lower")
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
        # The chart goes first when space is short.
        has_chart = width >= WIDE_FROM and height >= CHART_FROM
        self.chart.display = has_chart
        self.chart.styles.height = CHART_ROWS
        lower += (CHART_ROWS - 8) * has_chart
        self.lower.display = lower > 0
        self.positions.display = not is_tiny
        self.activity.display = not is_tiny
        self.upper.display = True
        self.upper.styles.height = room if is_tiny else upper
        self.lower.styles.height = lower
        self.upper.styles.layout = "horizontal" if is_two or is_tiny else "vertical"
        self.positions.styles.width = self.left.styles.width = left if is_two else "1fr"
        is_stacked = not (is_two or is_tiny)
        self.positions.styles.height = min(POSITIONS_STACKED, upper) if is_stacked else "1fr"
        self.gauges.styles.height = max(1, upper - POSITIONS_STACKED) if is_stacked else "1fr"
        self.orders.styles.height = self.decision.styles.height = "1fr"
        self.gauges.display = self.orders.display = self.decision.display = True
        self.left.display = True
        if self.zoomed and not is_tiny:
            self._place_one(room)

    def _place_one(self, room: int) -> None:
        """Give one pane the whole screen."""
        alone = self.query_one(f"#{self.zoomed}")
        for name in self.PARTS:
            self.query_one(f"#{name}").display = name == self.zoomed
        self.chart.display = False
        self.left.display = alone.parent is self.left
        self.left.styles.width = "1fr"
        for row in (self.upper, self.lower):
            row.display = row in alone.ancestors
            row.styles.height = room
        alone.styles.width = alone.styles.height = "1fr"

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw all panes."""
        if self.upper.display:
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
        self._paint_gauges(picture, mood)

    def _paint_gauges(self, picture: Picture, mood: Mood) -> None:
        width, height = self.gauges.size.width, self.gauges.size.height
        is_right = self.positions.display and self.gauges.region.x > 0
        inner = width - 1 if is_right else width
        found = gauge_lines(picture, width=inner, height=height - 1, is_old=mood.doubts(picture))
        found += [BLANK] * (height - 1 - len(found))
        title = rule(
            "Risk used of limit",
            width,
            start="┬" if is_right else "─",
            style=self.title_style("gauges"),
        )
        self.gauges.show(separated(found, first=title) if is_right else [title, *found])

    def _paint_lower(self, picture: Picture) -> None:
        if self.chart.display:
            self._paint_chart(picture)
        width = self.orders.size.width
        live = picture.live_orders
        title = rule(f"Orders {len(live)} working", width, more=f"{self.key('show_orders')} all")
        self.orders.fill(ORDERS_SHORT, order_rows(live), title=title)
        width = self.decision.size.width
        is_right = self.orders.display
        found = decision_lines(picture.decision, width=width - 2)
        found += [BLANK, *desk_lines(picture.desks, width=width - 2)]
        room = max(0, self.decision.size.height - 1)
        rows = [line(*row) for row in found[:room]]
        rows += [BLANK] * (room - len(rows))
        title = rule(
            "Last decision",
            width,
            more=f"{self.key('why')} why",
            start="┼" if is_right else "─",
            style=self.title_style("decision"),
        )
        self.decision.show(separated(rows, first=title) if is_right else [title, *rows])

    def _paint_chart(self, picture: Picture) -> None:
        """Draw the chart of the position under the cursor, else of what was decided last."""
        viewer, decision = self.viewer, picture.decision
        selected = next(
            (one.symbol for one in picture.held if str(one.trade) == self.positions.selected), ""
        )
        wanted = selected or ("" if decision is None else decision.symbol)
        self.chart.follow(picture, wanted, lane=viewer.lane, rewinder=viewer.outfit.rewinder)
        self.chart.paint_chart(picture.held, key=self.key("cycle"))

    # --- actions ----------------------------------------------------------------------------------

    def action_cycle(self) -> None:
        """Show the next instrument's bars."""
        self.chart.cycle()
        self.paint()

    def ask(self) -> str:
        """Ask for the position's trade, the order, the happening, else the last decision."""
        picture, grid = self.viewer.picture, self.grid
        if grid is not None and grid.selected:
            if grid is not self.activity:
                return grid.selected
            found = {str(one.seq): one.ask for one in picture.happenings}.get(grid.selected, "")
            if found:
                return found
        last = picture.decision
        return f"row {last.seq} {last.symbol}" if last is not None else ""

    def moment(self) -> str:
        """Return the happening's own row, else what is asked."""
        grid = self.grid
        return f"row {grid.selected}" if grid is self.activity and grid.selected else self.ask()

    def action_open_row(self) -> None:
        """Open the reason of the row; of the limits, their own screen."""
        if self.active == "gauges":
            self.action_show_risk()
        else:
            self.action_why()

    def items(self, grid: Grid) -> Sequence[object]:
        """Return positions, orders or happenings as they stand."""
        picture = self.viewer.picture
        known: Mapping[str, object] = {str(one.trade): one for one in picture.held}
        if grid is self.orders:
            known = {one.client_id: one for one in picture.live_orders}
        elif grid is self.activity:
            known = {str(one.seq): one for one in picture.happenings}
        return [known[row.key] for row in grid.rows if row.key in known]

    def name_of_row(self, grid: Grid) -> str:
        """Return a position's trade as `hfl explain` takes it."""
        return f"T-{grid.selected}" if grid is self.positions else grid.selected

    def exported(self) -> Table | None:
        """Return the active table; of the limits and the decision, their values."""
        picture = self.viewer.picture
        pane = self.part
        if self.grid is not None or not isinstance(pane, Pane):
            return super().exported()
        last = () if picture.decision is None else (picture.decision,)
        items = picture.gauges if pane is self.gauges else last
        return Table(name=f"{DASH}-{pane.id}", items=items, text=pane.text.splitlines())

    def move(self, rows: int) -> None:
        """Move the active table's cursor."""
        if self.grid is not None:
            self.grid.move(rows)

    def turn(self, pages: int) -> None:
        """Move it by pages."""
        if self.grid is not None:
            self.grid.page(pages)

    def on_grid_picked(self, event: Grid.Picked) -> None:
        """Open what was clicked twice."""
        event.stop()
        self.action_open_row()
