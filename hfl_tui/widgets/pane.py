"""A pane: lines of styled text of which only the cells that changed are written again."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from hfl_tui.glyphs import plain
from hfl_tui.lines import EMPTY, Line, fit
from hfl_tui.skins import ANSI_DARK, SKINS

# A few screens of lines: more would be kept for nobody.
CACHE: Final = 512


@dataclass(frozen=True, slots=True)
class Look:
    """How lines are drawn: the theme's name, and whether with seven-bit characters alone."""

    theme: str = ANSI_DARK
    is_ascii: bool = False


PLAIN_LOOK: Final = Look()


@lru_cache(maxsize=256)
def style_of(name: str, theme: str = ANSI_DARK) -> Style:
    """Return a named style of a theme, made once."""
    told = SKINS[theme].style(name)
    return Style.parse(told) if told else Style.null()


@lru_cache(maxsize=CACHE)
def strip_of(found: Line, look: Look = PLAIN_LOOK) -> Strip:
    """Return a line as what Textual draws; equal neighbours are one segment already."""
    segments = [
        Segment(plain(text) if look.is_ascii else text, style_of(style, look.theme))
        for text, style in found
    ]
    return Strip(segments, sum(len(text) for text, _ in found))


@lru_cache(maxsize=CACHE)
def changed(old: Line, new: Line) -> tuple[int, int] | None:
    """Return the columns from and to which two lines differ, None when they are equal."""
    if old == new:
        return None
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return 0, max(len(before), len(after))
    differing = [place for place, pair in enumerate(zip(before, after, strict=True)) if
                 pair[0] != pair[1]]  # fmt: skip
    return (differing[0], differing[-1] + 1) if differing else None


def _cells(found: Line) -> list[tuple[str, str]]:
    return [(character, style) for text, style in found for character in text]


class Pane(Widget):
    """Shows what it is given, cut to its size."""

    DEFAULT_CSS = """
    Pane { height: auto; width: 1fr; }
    """

    def __init__(self, *, name: str | None = None, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(name=name, id=id)
        self._shown: list[Line] = []
        self._given: list[Line] = []
        self.cells_written = 0

    @property
    def text(self) -> str:
        """Return what is shown, without styles."""
        return "\n".join("".join(text for text, _ in found).rstrip() for found in self._shown)

    def show(self, lines: list[Line]) -> None:
        """Show these lines; cells that are as they were are not drawn again."""
        self._given = lines
        width, height = self.size.width, self.size.height
        if not width or not height:
            return
        fresh = [fit(found, width) for found in lines[:height]]
        fresh += [fit(EMPTY, width)] * (height - len(fresh))
        if len(fresh) != len(self._shown):
            self._shown = fresh
            self.refresh()
            return
        regions = []
        for row, (old, new) in enumerate(zip(self._shown, fresh, strict=True)):
            span = changed(old, new)
            if span is not None:
                regions.append(Region(span[0], row, span[1] - span[0], 1))
                self.cells_written += span[1] - span[0]
        self._shown = fresh
        if regions:
            self.refresh(*regions)

    def on_resize(self, event: Resize) -> None:
        """Draw everything again at the new size."""
        del event
        self._shown = []
        self.show(self._given)

    def render_line(self, y: int) -> Strip:
        """Return one row, as Textual asks for it."""
        width = self.size.width
        found = self._shown[y] if y < len(self._shown) else fit(EMPTY, width)
        return strip_of(found, getattr(self.app, "look", PLAIN_LOOK))
