"""Notes: what of a person's own settings and keys is not used, and why."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from hfl_tui.actions import HELP
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture
from hfl_tui.ports import Section, Told
from hfl_tui.screens.face import Face, bindings
from hfl_tui.widgets.told import ToldPane


class Notes(Face, inherit_bindings=False):
    """Every remark, whole."""

    KIND = HELP
    BINDINGS: ClassVar[list[BindingType]] = bindings(HELP)
    DEFAULT_CSS = """
    Notes #told { height: 1fr; }
    """

    def body(self) -> Iterable[Widget]:
        """Yield the sentences."""
        self.told = ToldPane(id="told")
        yield self.told

    def paint_body(self, picture: Picture, mood: Mood, now_ns: int) -> None:
        """Draw them."""
        del picture, mood, now_ns
        found = self.viewer.remarks or ("everything in it is used",)
        section = Section(title=f"Notes on screen.toml   {self.key('back')} back", rows=found)
        self.told.update_told(Told(headline="Notes", sections=(section,)))

    def move(self, rows: int) -> None:
        """Scroll by rows."""
        self.told.scroll_rows(rows)

    def turn(self, pages: int) -> None:
        """Scroll by pages."""
        self.told.scroll_rows(pages * max(1, self.told.size.height - 1))
