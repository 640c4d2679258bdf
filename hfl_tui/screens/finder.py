"""The filter of a table, typed below it; what is kept changes with every key."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hfl_tui.widgets.field import Field, Typing


class Finder(Typing, inherit_bindings=False):
    """One field at the foot of the screen; enter keeps the filter, esc takes it away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "no filter", show=False)]
    DEFAULT_CSS = """
    Finder { background: transparent; align: left bottom; }
    Finder Field { height: 1; dock: bottom; }
    """

    def __init__(self, value: str, keep: Callable[[str], None]) -> None:
        super().__init__()
        self._value = value
        self._keep = keep

    def compose(self) -> ComposeResult:
        """Yield the field."""
        yield Field("/", value=self._value)

    def on_mount(self) -> None:
        """Draw the field."""
        self.begin()
        self.call_after_refresh(self.field.paint)

    def on_field_changed(self, event: Field.Changed) -> None:
        """Keep what holds the text so far."""
        self._keep(event.text)

    def on_field_typed(self, event: Field.Typed) -> None:
        """Keep it."""
        self._keep(event.text)
        self.dismiss(None)

    def action_give_up(self) -> None:
        """Keep everything again."""
        self._keep("")
        self.dismiss(None)
