"""The footer's pane: a click on it says where."""

from textual.events import Click
from textual.message import Message

from hfl_tui.widgets.pane import Pane


class Foot(Pane):
    """Shows the keys; what is clicked is done as its key would."""

    class Pressed(Message):
        """The row was clicked. x: in which column."""

        def __init__(self, x: int) -> None:
            super().__init__()
            self.x = x

    def on_click(self, event: Click) -> None:
        """Say where it was clicked."""
        event.stop()
        self.post_message(self.Pressed(event.x))
