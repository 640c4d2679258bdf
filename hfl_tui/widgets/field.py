"""A line of typed text: nothing preset, no paste, and Enter alone is just an empty answer."""

from textual.events import Key, Paste
from textual.message import Message
from textual.screen import ModalScreen

from hfl_tui.lines import Line, fit, line
from hfl_tui.widgets.pane import Pane

LENGTH_MAX = 200


class Field(Pane):
    """Takes printable keys, backspace and enter; a paste is refused and said so.

    Its screen hands the keys on: what is typed before anything could have the focus counts, too.
    """

    class Typed(Message):
        """Enter was pressed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Changed(Message):
        """A key changed the text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, label: str, *, value: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.label = label
        self.value = value
        self.note = ""
        # Inside a box the field is one of its lines.
        self.is_boxed = False

    def paint(self) -> None:
        """Draw label, text and a cursor that does not blink."""
        found: Line = line((f" {self.label} ", "dim"), (self.value, "bold"), ("_", "key"))
        if self.note:
            found = (*found, (f"  {self.note}", "warn"))
        if self.is_boxed:
            inner = max(1, self.size.width - 2)
            found = line(("┃", "bad"), *fit(found, inner), ("┃", "bad"))
        self.show([found])

    def clear_text(self, *, note: str = "") -> None:
        """Empty it and say why."""
        self.value, self.note = "", note
        self.paint()

    def take(self, event: Key) -> bool:
        """Take a key; return False for one that means nothing here."""
        if event.key == "enter":
            self.post_message(self.Typed(self.value))
            return True
        if event.key in {"backspace", "ctrl+h"}:
            self.value = self.value[:-1]
        elif event.key == "ctrl+u":
            self.value = ""
        elif event.is_printable and event.character and len(self.value) < LENGTH_MAX:
            self.value += event.character
        else:
            return False
        self.note = ""
        self.paint()
        self.post_message(self.Changed(self.value))
        return True

    def refuse(self, event: Paste) -> None:
        """Refuse a paste: what this asks for is meant to be typed."""
        event.stop()
        self.note = "paste is not taken: type it"
        self.paint()


class Typing(ModalScreen[None], inherit_bindings=False):
    """A screen over another one, with one field that gets every key the bindings do not want.

    Keys that come before it is there are kept for it.
    """

    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self._ahead: list[Key] = []
        self.is_ready = False

    @property
    def field(self) -> Field:
        """Return the field."""
        return self.query_one(Field)

    def take(self, event: Key) -> bool:
        """Take a key, now or when the field is there; return False for one without use."""
        if not self.is_ready:
            self._ahead.append(event)
            return True
        return self.field.take(event)

    def begin(self) -> None:
        """Take what was typed ahead: to be called when the field is there."""
        self.is_ready = True
        for event in self._ahead:
            self.field.take(event)
        self._ahead.clear()

    def on_paste(self, event: Paste) -> None:
        """Hand a paste on, which is refused."""
        self.field.refuse(event)
