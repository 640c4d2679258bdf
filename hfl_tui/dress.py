"""Makes Textual wear a theme: its grounds, and a filter that leaves no colour to NO_COLOR."""

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter as Filter
from textual.filter import Monochrome, NoColor
from textual.theme import Theme

from hfl_tui.skins import MONO, SKINS, Skin

if TYPE_CHECKING:
    from hfl_tui.app import Viewer

PREFIX: Final = "hfl-"


class Bare(Filter):
    """Takes every colour out of what is drawn, so that not one byte of it is sent."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without colours; bold, underline and reverse stay."""
        del background
        return [
            Segment(text, None if style is None else style.without_color, control)
            for text, style, control in segments
        ]


def prepare(app: App[None]) -> None:
    """Make the themes known, and put one filter of ours in the place of Textual's for NO_COLOR."""
    for skin in SKINS.values():
        if not skin.is_ansi:
            app.register_theme(_theme(skin))
    filters = [one for one in app._filters if not isinstance(one, Monochrome | NoColor)]  # noqa: SLF001
    app._filters = [*filters, Bare(enabled=False)]  # noqa: SLF001 - no other way in Textual 8


def wear(viewer: "Viewer", name: str) -> None:
    """Change how everything looks, also what is not on top."""
    skin = SKINS[name]
    for one in viewer._filters:  # noqa: SLF001 - as above
        if isinstance(one, Bare):
            one.enabled = name == MONO
    grounds = "ansi-dark" if skin.is_dark else "ansi-light"
    viewer.theme = grounds if skin.is_ansi else PREFIX + name


def _theme(skin: Skin) -> Theme:
    return Theme(
        name=PREFIX + skin.name,
        primary=skin.text,
        foreground=skin.text,
        background=skin.background,
        surface=skin.background,
        panel=skin.background,
        dark=skin.is_dark,
    )
