"""The palette: type a part of what to do; enter does the first that fits, danger asks on."""

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hfl_tui.actions import Action, actions_of
from hfl_tui.keymap import Keymap
from hfl_tui.lines import Line, line, rule
from hfl_tui.skins import SKINS
from hfl_tui.widgets.field import Field, Typing
from hfl_tui.widgets.pane import Pane

if TYPE_CHECKING:
    from hfl_tui.app import Viewer

ROWS_MAX: Final = 12
# What is said of a choice.
WHAT: Final = {skin.name: skin.what for skin in SKINS.values()} | {
    "csv": "for a spreadsheet: exact values, no formulas",
    "json": "for a program: exact values, times in full",
    "text": "as it is shown, every row",
    "svg": "the screen as a picture",
}
# Not worth a command: they are what the keys of a list are for.
KEYS_ONLY: Final = frozenset(
    {"row_down", "row_up", "page_down", "page_up", "palette", "hint", "open_row", "next_part",
     "last_part"}
)  # fmt: skip


class Entry(NamedTuple):
    """One line of the list: an action, and which of its choices."""

    action: Action
    choice: str = ""


def entries(kind: str, text: str) -> list[Entry]:
    """Return what a text fits; behind an action's own word its choices are listed."""
    head, _, rest = text.strip().lstrip(":").casefold().partition(" ")
    asked = next((one for one in actions_of(kind) if one.choices and one.word == head), None)
    if asked is not None:
        return [Entry(asked, one) for one in asked.choices if rest.strip() in one]
    return [Entry(action) for action in fitting(kind, text)]


def fitting(kind: str, text: str) -> list[Action]:
    """Return the actions of a screen that a text fits: those whose word begins so come first."""
    wanted = text.strip().lstrip(":").casefold().replace(" ", "-")
    listed = [action for action in actions_of(kind) if action.name not in KEYS_ONLY]
    begin = [one for one in listed if _words(one)[0].startswith(wanted)]
    rest = [one for one in listed if one not in begin and any(wanted in w for w in _words(one))]
    return [*begin, *rest]


def _words(action: Action) -> tuple[str, ...]:
    word = action.word.removeprefix("show-")
    return (word, action.title.casefold(), action.what.casefold().replace(" ", "-"))


class Palette(Typing, inherit_bindings=False):
    """A field above a list; up and down choose, enter does it, esc leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "leave", show=False),
        Binding("down", "choose(1)", "next", show=False),
        Binding("up", "choose(-1)", "before", show=False),
    ]
    DEFAULT_CSS = """
    Palette { align: center top; background: transparent; }
    Palette Field { width: 64; max-width: 100%; height: 1; margin-top: 2; }
    Palette #list { width: 64; max-width: 100%; height: 14; }
    """

    def __init__(self, kind: str, value: str = "") -> None:
        super().__init__()
        self._kind = kind
        self._value = value
        self._at = 0

    @property
    def viewer(self) -> "Viewer":
        """Return the application."""
        return cast("Viewer", self.app)

    def compose(self) -> ComposeResult:
        """Yield field and list."""
        yield Field(":", value=self._value)
        yield Pane(id="list")

    def on_mount(self) -> None:
        """Draw field and list."""
        self.begin()
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        """Draw what fits."""
        if not self.is_ready:
            return
        field, pane = self.field, self.query_one("#list", Pane)
        field.paint()
        found = entries(self._kind, field.value)[:ROWS_MAX]
        self._at = max(0, min(self._at, len(found) - 1))
        width = pane.size.width
        rows: list[Line] = [rule("enter does it", width, more="esc leaves")]
        for place, entry in enumerate(found):
            told = _told(entry, self.viewer.keymap)
            rows.append(line((told, "cursor" if place == self._at else "")))
        if not found:
            rows.append(line((" nothing here is called so", "dim")))
        pane.styles.height = len(rows)
        pane.show(rows)

    def on_field_changed(self, event: Field.Changed) -> None:
        """Show what fits now."""
        del event
        self._at = 0
        self.paint()

    def on_field_typed(self, event: Field.Typed) -> None:
        """Do the chosen one."""
        found = entries(self._kind, event.text)
        self.dismiss(None)
        if found and (event.text.strip() or self._at):
            action, choice = found[min(self._at, len(found) - 1)]
            words = (choice,) if choice else ()
            self.viewer.call_after_refresh(lambda: self.viewer.do(action.name, *words))

    def action_choose(self, rows: int) -> None:
        """Choose another one."""
        self._at += rows
        self.paint()

    def action_back(self) -> None:
        """Leave; nothing was done."""
        self.dismiss(None)


def _told(entry: Entry, keymap: Keymap) -> str:
    action, choice = entry
    if choice:
        return f" {action.word} {choice:<12} {WHAT.get(choice, action.what)}"
    word = action.word.removeprefix("show-")
    asks = "asks first: " if action.danger else ""
    return f" {word:<12} {keymap.told(action):<8} {asks}{action.what}"
