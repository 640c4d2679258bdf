"""What every screen has: two header rows, a footer, and the actions that work everywhere."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.screen import Screen
from textual.widget import Widget

from hfl_tui.actions import OVERLAYS, REPLAY, bindings_of
from hfl_tui.lines import Line, line
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.panels.footer import footer, places
from hfl_tui.panels.halt import halt_told
from hfl_tui.panels.header import header
from hfl_tui.widgets.foot import Foot
from hfl_tui.widgets.pane import Pane

if TYPE_CHECKING:
    from hfl_tui.app import Viewer

# Below this, only the header, the loss limits and the stop are shown.
TINY_WIDTH: Final = 60
TINY_HEIGHT: Final = 16
HEADER_ROWS: Final = 2


def bindings(kind: str) -> list[BindingType]:
    """Return a screen's bindings, from the action table."""
    return [
        Binding(key, action.name, action.title, show=False, priority=action.is_priority)
        for key, action in bindings_of(kind)
        if not action.is_priority
    ]


class Face(Screen[None], inherit_bindings=False):
    """A screen; KIND is its name in the action table."""

    KIND = ""
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Face { layout: vertical; overflow: hidden; }
    Face #header { height: 2; }
    Face #footer { height: 1; dock: bottom; }
    """

    @property
    def viewer(self) -> "Viewer":
        """Return the application."""
        return cast("Viewer", self.app)

    def compose(self) -> ComposeResult:
        """Put header, body and footer together."""
        yield self.header
        yield from self.body()
        yield self.footer

    def body(self) -> Iterable[Widget]:
        """Yield what is between header and footer."""
        return ()

    def __init__(self) -> None:
        super().__init__()
        # Pictures come from another thread: before the panes are there, and when they are gone.
        self.is_ready = False
        self.header, self.footer = Pane(id="header"), Foot(id="footer")

    def on_mount(self) -> None:
        """Arrange for the first time."""
        self.is_ready = True
        self.place_panes(self.app.size.width, self.app.size.height)

    def on_resize(self, event: Resize) -> None:
        """Arrange and draw again."""
        self.place_panes(event.size.width, event.size.height)
        self.call_after_refresh(self.paint)

    def on_screen_resume(self) -> None:
        """Draw what happened meanwhile."""
        self.call_after_refresh(self.paint)

    def place_panes(self, width: int, height: int) -> None:
        """Give every widget its size."""

    def paint(self) -> None:
        """Draw the newest picture; what did not change is not written."""
        viewer = self.viewer
        if not self.is_ready or not self.query("#header"):
            # Pictures come until the very end, when the panes have gone already.
            return
        picture, mood, now_ns = viewer.picture, viewer.mood, viewer.now_ns
        width = self.size.width
        rows = self.header_rows(picture, mood, now_ns=now_ns, width=width)
        if viewer.hint:
            rows[1] = line((f" {viewer.hint}", "banner"))
        self.header.show(rows)
        self.footer.show([footer(self.KIND, width=width, keymap=viewer.keymap)])
        self.paint_body(picture, mood, now_ns)

    def header_rows(self, picture: Picture, mood: Mood, *, now_ns: int, width: int) -> list[Line]:
        """Return the two rows on top; over the past they go on to say that it is the past."""
        if self.KIND in OVERLAYS and self.viewer.kind == REPLAY:
            past = self.viewer.face(REPLAY)
            return past.header_rows(picture, mood, now_ns=now_ns, width=width)
        return header(picture, mood, now_ns=now_ns, width=width, news=self.viewer.news.told)

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw what is between header and footer."""

    def on_foot_pressed(self, event: Foot.Pressed) -> None:
        """Do what was clicked in the footer."""
        event.stop()
        for action, start, end in places(
            self.KIND, width=self.size.width, keymap=self.viewer.keymap
        ):
            if start <= event.x < end:
                self.viewer.do(action.name)

    def key(self, name: str) -> str:
        """Return the key of an action as a person reads it."""
        return self.viewer.keymap.first(name)

    # --- actions that work everywhere -------------------------------------------------------------

    def action_show_dash(self) -> None:
        """Go to the dashboard."""
        self.viewer.show("dash")

    def action_show_trades(self) -> None:
        """Go to the trades."""
        self.viewer.show("trades")

    def action_show_orders(self) -> None:
        """Go to the orders."""
        self.viewer.show("orders")

    def action_show_risk(self) -> None:
        """Go to the limits."""
        self.viewer.show("risk")

    def action_show_replay(self) -> None:
        """Go to the past."""
        self.viewer.show("replay")

    def action_show_log(self) -> None:
        """Go to the log."""
        self.viewer.show("log")

    def action_alerts(self) -> None:
        """Go to the log, only what needs a look."""
        self.viewer.show_alerts()

    def action_acknowledge(self) -> None:
        """Mark the alerts as seen."""
        self.viewer.acknowledge()

    def action_zone(self) -> None:
        """Change between times of day and how long ago."""
        self.viewer.is_relative = not self.viewer.is_relative
        self.paint()

    def action_palette(self) -> None:
        """Type what to do."""
        self.viewer.open_palette(self.KIND)

    def action_help(self) -> None:
        """Show what the keys do here."""
        self.viewer.open_help(self.KIND)

    def action_theme(self, name: str = "") -> None:
        """Change the theme; without a name it is asked for."""
        if name:
            self.viewer.wear(name)
        else:
            self.viewer.open_palette(self.KIND, "theme ")

    def action_notes(self) -> None:
        """Tell what of the person's settings is not used."""
        self.viewer.open_notes()

    def action_redraw(self) -> None:
        """Draw everything again."""
        self.refresh(layout=True)
        for pane in self.query(Pane):
            pane.refresh()

    def action_hint(self) -> None:
        """Say how to leave and how to stop."""
        leave = self.key("leave")
        self.viewer.say(f"{leave} leaves the viewer, the bot goes on; ^X is emergency")

    def action_why_halt(self) -> None:
        """Tell why the bot is stopped, from what is on the screen: no journal need be read."""
        self.viewer.open_told(halt_told(self.viewer.picture, self.viewer.mood))

    def action_resume(self) -> None:
        """Lift stops, typed."""
        self.viewer.open_resume()

    def action_back(self) -> None:
        """Leave an overlay or a screen for what is below; the dashboard stays."""
        self.viewer.leave(self, is_for_good=False)

    def action_leave(self) -> None:
        """Go back likewise; from the dashboard the viewer ends."""
        self.viewer.leave(self, is_for_good=True)

    # --- what a table offers ----------------------------------------------------------------------

    def ask(self) -> str:
        """Return what the teller is asked for the selected row, empty for nothing."""
        return ""

    def moment(self) -> str:
        """Return what a moment is found by for the selected row, empty for nothing."""
        return self.ask()

    def action_replay_here(self) -> None:
        """Look at the moment of the selected row."""
        from hfl_tui.screens.replay import open_at

        open_at(self.viewer, self.moment())

    def action_why(self) -> None:
        """Tell why, of the selected row."""
        self.viewer.open_why(self.ask())

    def action_open_row(self) -> None:
        """Open the selected row: here that is its reason."""
        self.action_why()

    def move(self, rows: int) -> None:
        """Move the cursor or the view by rows."""

    def turn(self, pages: int) -> None:
        """Move by pages."""

    def action_row_down(self) -> None:
        """Go down a row."""
        self.move(1)

    def action_row_up(self) -> None:
        """Go up a row."""
        self.move(-1)

    def action_page_down(self) -> None:
        """Go down a page."""
        self.turn(1)

    def action_page_up(self) -> None:
        """Go up a page."""
        self.turn(-1)

    def action_top(self) -> None:
        """Go to the first row."""
        self.move(-(1 << 30))

    def action_bottom(self) -> None:
        """Go to the last row."""
        self.move(1 << 30)


def separated(found: list[Line], *, first: Line) -> list[Line]:
    """Return a right-hand pane's lines behind the line that parts it from the left one."""
    return [first, *(line(("│", "rule"), *row) for row in found)]
