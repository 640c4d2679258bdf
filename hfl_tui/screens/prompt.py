"""A question with one typed line below it; enter hands it over, esc leaves, nothing is preset."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hfl_tui.lines import line, rule
from hfl_tui.widgets.field import Field, Typing
from hfl_tui.widgets.pane import Pane


class Prompt(Typing, inherit_bindings=False):
    """take: gets what was typed; returns a sentence when it cannot be so, and asks again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "leave", show=False)]
    DEFAULT_CSS = """
    Prompt { background: transparent; align: left bottom; }
    Prompt #asks { height: 2; }
    Prompt Field { height: 1; }
    """

    def __init__(self, title: str, hint: str, take: Callable[[str], str]) -> None:
        super().__init__()
        self._title, self._hint, self._take = title, hint, take

    def compose(self) -> ComposeResult:
        """Yield question and field."""
        yield Pane(id="asks")
        yield Field(">")

    def on_mount(self) -> None:
        """Draw both."""
        self.begin()
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        """Draw question and field."""
        if self.is_ready:
            self._ask(self._hint, "dim")
            self.field.paint()

    def _ask(self, text: str, style: str) -> None:
        pane = self.query_one("#asks", Pane)
        title = rule(self._title, pane.size.width, more="enter   esc leaves")
        pane.show([title, line((f" {text}", style))])

    def on_field_typed(self, event: Field.Typed) -> None:
        """Hand it over; what cannot be so is said in one sentence."""
        self._hint = self._take(event.text)
        if self._hint:
            self._ask(self._hint, "warn")
        else:
            self.dismiss(None)

    def action_give_up(self) -> None:
        """Leave; nothing was asked."""
        self.dismiss(None)
