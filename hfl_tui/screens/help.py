"""Help: what the keys do on a screen; enter does the selected row."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget

from hfl_tui.actions import BY_NAME, HELP, SCREENS, Action, actions_of
from hfl_tui.keymap import BUILT_IN, Keymap
from hfl_tui.lines import Span, rule
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.screens.face import Face, bindings
from hfl_tui.table import Column, Row
from hfl_tui.widgets.grid import Grid

COLUMNS: Final = (
    Column(title="key", width=10),
    Column(title="", width=13),
    Column(title="enter does it", width=0),
)


def help_rows(actions: Iterable[Action], keymap: Keymap = BUILT_IN) -> list[Row]:
    """Return one row an action; what leads to a change of money state says so in words."""
    rows = []
    for action in actions:
        danger: Span = ("asks first: ", "warn") if action.danger else ("", "")
        what = danger[0] + action.what
        key: Span = (keymap.told(action) or f":{action.word}", "key")
        rows.append(Row(key=action.name, cells=(key, action.title, what)))
    return rows


class Help(Face, inherit_bindings=False):
    """The action table of one screen."""

    KIND = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(HELP),
        Binding("enter", "open_row", "Do it", show=False),
    ]
    DEFAULT_CSS = """
    Help Grid { height: 1fr; }
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def body(self) -> Iterable[Widget]:
        """Yield the table."""
        self.table = Grid(id="table")
        yield self.table

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw the table."""
        del picture, mood, now_ns
        width = self.table.size.width
        name = SCREENS.get(self._kind, self._kind)
        title = rule(f"Help: {name}", width, more=f"enter does it   {self.key('back')} back")
        self.table.fill(COLUMNS, help_rows(actions_of(self._kind), self.viewer.keymap), title=title)

    def action_open_row(self) -> None:
        """Leave, and do what the row says where help was asked for."""
        name = self.table.selected
        viewer = self.viewer
        self.viewer.pop_screen()
        if name in BY_NAME and name != "help":
            viewer.call_after_refresh(lambda: viewer.do(name))

    def move(self, rows: int) -> None:
        """Move the cursor."""
        self.table.move(rows)

    def turn(self, pages: int) -> None:
        """Move it by pages."""
        self.table.page(pages)

    def on_grid_picked(self, event: Grid.Picked) -> None:
        """Do what was clicked twice."""
        event.stop()
        self.action_open_row()
