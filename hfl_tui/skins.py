"""Themes: what colours the style names of lines stand for, and how a theme is chosen.

Pure. No meaning is carried by a colour alone, so every theme shows the same; `mono` shows it
without a single colour. The sixteen-colour themes leave the colours to the terminal's palette.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

AUTO: Final = "auto"
DARK: Final = "dark"
LIGHT: Final = "light"
ANSI_DARK: Final = "ansi-dark"
ANSI_LIGHT: Final = "ansi-light"
BLUE_ORANGE: Final = "blue-orange"
MONO: Final = "mono"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """One theme. text, background: #rrggbb, or empty where the terminal's own are used.

    styles: style name to what Rich calls it; a name that is not there looks like plain text.
    """

    name: str
    what: str
    is_dark: bool
    text: str
    background: str
    styles: Mapping[str, str]

    @property
    def is_ansi(self) -> bool:
        """Tell whether the terminal's palette gives the colours."""
        return not self.background

    def style(self, name: str) -> str:
        """Return what Rich calls a style of this theme, its text and background filled in."""
        told = self.styles.get(name, "")
        if self.is_ansi:
            return told
        words = told.split()
        has_colour = any(word.startswith("#") for word in words)
        if not has_colour:
            told = f"{told} {self.text}".strip()
        return told if "on" in words else f"{told} on {self.background}"


_DARK_TEXT, _DARK = "#d5dce4", "#11161c"
_LIGHT_TEXT, _LIGHT = "#1c2430", "#fbfbf9"
SKINS: Final[dict[str, Skin]] = {
    skin.name: skin
    for skin in (
        Skin(
            name=DARK,
            what="light text on a dark ground",
            is_dark=True,
            text=_DARK_TEXT,
            background=_DARK,
            styles={
                "bold": "bold #ffffff",
                "dim": "#8e9bab",
                "rule": "#46525f",
                "title": "#79c3e6",
                "good": "#7fd18c",
                "bad": "#ff8d83",
                "warn": "#f0c04a",
                "key": "bold #79c3e6",
                "cursor": f"{_DARK} on #c5d3e0",
                "alarm": "bold #ffffff on #b1261d",
                "caution": "bold #1a1400 on #f0c04a",
                "calm": "bold #07200d on #7fd18c",
                "banner": f"bold {_DARK} on #a9b6c4",
            },
        ),
        Skin(
            name=LIGHT,
            what="dark text on a light ground",
            is_dark=False,
            text=_LIGHT_TEXT,
            background=_LIGHT,
            styles={
                "bold": "bold #000000",
                "dim": "#5b6673",
                "rule": "#b4bcc5",
                "title": "#0b5a8a",
                "good": "#17692b",
                "bad": "#b1261d",
                "warn": "#7a5100",
                "key": "bold #0b5a8a",
                "cursor": f"{_LIGHT} on #24415e",
                "alarm": "bold #ffffff on #b1261d",
                "caution": "bold #1a1400 on #f3c04d",
                "calm": "bold #ffffff on #17692b",
                "banner": f"bold {_LIGHT} on #4a5664",
            },
        ),
        Skin(
            name=BLUE_ORANGE,
            what="gain blue, loss orange, for every eye",
            is_dark=True,
            text=_DARK_TEXT,
            background=_DARK,
            styles={
                "bold": "bold #ffffff",
                "dim": "#8e9bab",
                "rule": "#46525f",
                "title": "#b8bfe8",
                "good": "#5ea9ff",
                "bad": "#ffa033",
                "warn": "#f5e663",
                "key": "bold #b8bfe8",
                "cursor": f"{_DARK} on #c5d3e0",
                "alarm": "bold #1a0e00 on #ffa033",
                "caution": "bold #1a1800 on #f5e663",
                "calm": "bold #00142b on #5ea9ff",
                "banner": f"bold {_DARK} on #a9b6c4",
            },
        ),
        Skin(
            name=ANSI_DARK,
            what="the terminal's own 16 colours, fewest bytes",
            is_dark=True,
            text="",
            background="",
            styles={
                "bold": "bold",
                "dim": "dim",
                "rule": "bright_black",
                "title": "cyan",
                "good": "green",
                "bad": "bright_red",
                "warn": "yellow",
                "key": "bold cyan",
                "cursor": "reverse",
                "alarm": "bold bright_white on red",
                "caution": "bold black on yellow",
                "calm": "bold black on green",
                "banner": "bold reverse",
            },
        ),
        Skin(
            name=ANSI_LIGHT,
            what="the same on a light ground",
            is_dark=False,
            text="",
            background="",
            styles={
                "bold": "bold",
                "dim": "dim",
                "rule": "white",
                "title": "blue",
                # Green and yellow on white cannot be read; the sign says gain or loss.
                "good": "blue",
                "bad": "red",
                "warn": "magenta",
                "key": "bold blue",
                "cursor": "reverse",
                "alarm": "bold bright_white on red",
                "caution": "bold black on yellow",
                "calm": "bold black on green",
                "banner": "bold reverse",
            },
        ),
        Skin(
            name=MONO,
            what="no colour at all, as NO_COLOR asks",
            is_dark=True,
            text="",
            background="",
            styles={
                "bold": "bold",
                "key": "bold",
                "title": "bold",
                "bad": "bold",
                "warn": "bold",
                "cursor": "reverse",
                "alarm": "bold reverse",
                "caution": "bold reverse",
                "calm": "reverse",
                "banner": "bold reverse",
            },
        ),
    )
}
NAMES: Final = tuple(SKINS)
_LIGHT_GROUNDS: Final = frozenset({"7", "9", "10", "11", "12", "13", "14", "15"})


def chosen(environment: Mapping[str, str], *, flag: str = "", setting: str = AUTO) -> str:
    """Return the theme to begin with: what was typed, NO_COLOR, the settings, else what fits."""
    if flag and flag != AUTO:
        return flag
    if environment.get("NO_COLOR"):
        return MONO
    wanted = flag or setting
    return automatic(environment) if wanted == AUTO else wanted


def automatic(environment: Mapping[str, str]) -> str:
    """Return the theme that fits a terminal by what it says of itself.

    Over SSH, and where 24-bit colour is not announced, it is one of sixteen colours.
    """
    ground = environment.get("COLORFGBG", "").rpartition(";")[2]
    is_light = ground in _LIGHT_GROUNDS
    is_far = bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))
    is_rich = environment.get("COLORTERM", "").casefold() in {"truecolor", "24bit"}
    if is_far or not is_rich:
        return ANSI_LIGHT if is_light else ANSI_DARK
    return LIGHT if is_light else DARK
