"""What a newcomer needs to know, above the footer, until the first key: five keys and no more."""

from collections.abc import Callable
from typing import Final

from textual.events import Resize

from hfl_tui.lines import Line, line, rule
from hfl_tui.widgets.pane import Pane

FIVE: Final = (
    ("why", "the reason of the selected row, whatever it is"),
    ("show_trades", "and the other numbers: trades, orders, limits, the log"),
    ("help", "every key of a screen; enter does the selected one"),
    ("emergency", "twice: PAUSE the bot at once, even when the screen hangs"),
    ("leave", "out; the bot goes on without you"),
)
KEY_WIDTH: Final = 6
ROWS: Final = len(FIVE) + 1


class Greeting(Pane):
    """Shown once a home; any key takes it away and does what it always does."""

    DEFAULT_CSS = f"""
    Greeting {{ dock: bottom; height: {ROWS}; margin: 0 0 1 0; layer: greeting; }}
    """

    def __init__(self, told: Callable[[str], str]) -> None:
        """Ask `told` for an action's key as a person reads it."""
        super().__init__(id="greeting")
        self._told = told

    def on_resize(self, event: Resize) -> None:
        """Draw, as soon as there is a size."""
        del event
        self.paint()

    def paint(self) -> None:
        """Draw the five keys."""
        rows = [rule("Five keys", self.size.width, more="any key closes this")]
        rows += [_row(self._told(name), what) for name, what in FIVE]
        self.show(rows)


def _row(key: str, what: str) -> Line:
    return line((f"  {key:<{KEY_WIDTH}}", "key"), what)
