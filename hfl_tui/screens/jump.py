"""A letter on every pane; pressing it goes there."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widget import Widget

from hfl_tui.lines import line
from hfl_tui.widgets.pane import Pane

# The keys under the fingers first.
LETTERS: Final = "asdfghjkl"


class Jump(ModalScreen[None], inherit_bindings=False):
    """Lies over the screen until a letter is pressed; esc leaves."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,semicolon", "leave", "leave", show=False),
        *(
            Binding(letter, f"go({place})", letter, show=False)
            for place, letter in enumerate(LETTERS)
        ),
    ]
    DEFAULT_CSS = """
    Jump { background: transparent; }
    Jump Pane { position: absolute; width: 3; height: 1; }
    """

    def __init__(self, parts: Sequence[Widget], chosen: Callable[[str], None]) -> None:
        super().__init__()
        self._parts = list(parts)[: len(LETTERS)]
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Yield a label a pane, where its title is."""
        for place, part in enumerate(self._parts):
            label = Pane(id=f"label{place}")
            label.styles.offset = (part.region.x + 1, part.region.y)
            yield label

    def on_mount(self) -> None:
        """Draw the letters."""
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        """Draw the letters."""
        for place in range(len(self._parts)):
            label = self.query_one(f"#label{place}", Pane)
            label.show([line((f" {LETTERS[place]} ", "caution"))])

    def action_go(self, place: int) -> None:
        """Go to the pane with that letter."""
        if place < len(self._parts):
            name = self._parts[place].id or ""
            self.dismiss(None)
            self._chosen(name)

    def action_leave(self) -> None:
        """Leave; nothing changed."""
        self.dismiss(None)
