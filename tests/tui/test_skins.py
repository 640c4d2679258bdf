"""Every theme can be read: contrast by WCAG 2.2, gain and loss apart for every kind of eye."""

import re

import pytest
from rich.style import Style

from hfl_tui.glyphs import PLAIN, plain
from hfl_tui.lines import STYLES
from hfl_tui.skins import (
    ANSI_DARK,
    ANSI_LIGHT,
    BLUE_ORANGE,
    DARK,
    LIGHT,
    MONO,
    NAMES,
    SKINS,
    automatic,
    chosen,
)
from tests.style import tree

CONTRAST_MIN = 4.5
# Lines that part panes are no text: WCAG asks nothing of decoration.
DECORATION = {"rule"}
# xterm's own palette, XTerm-col.ad of its sources; ground and text of a dark and a light terminal.
XTERM = (
    "000000", "cd0000", "00cd00", "cdcd00", "0000ee", "cd00cd", "00cdcd", "e5e5e5",
    "7f7f7f", "ff0000", "00ff00", "ffff00", "5c5cff", "ff00ff", "00ffff", "ffffff",
)  # fmt: skip
GROUNDS = {ANSI_DARK: ("e5e5e5", "000000"), ANSI_LIGHT: ("000000", "ffffff")}
# VTE draws faint text at two thirds of the way from the ground to the colour.
FAINT = 2 / 3
# Machado, Oliveira, Fernandes 2009, table for severity 1.0, on linear RGB.
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
# Of CIE 1976: 2.3 is the least that is seen at all.
APART_MIN = 30.0


def rgb(text):
    return tuple(int(text[place : place + 2], 16) / 255 for place in (0, 2, 4))


def linear(part):
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(colour):
    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def drawn(theme, name):
    """Return (text, ground) of a style as a terminal shows it."""
    style = Style.parse(SKINS[theme].style(name))
    plain_text, plain_ground = GROUNDS.get(theme, ("000000", "ffffff"))

    def told(colour, default):
        if colour is None:
            return rgb(default)
        if colour.triplet is not None:
            return tuple(part / 255 for part in colour.triplet)
        return rgb(XTERM[colour.number])

    text, ground = told(style.color, plain_text), told(style.bgcolor, plain_ground)
    if style.dim:
        text = tuple(b + (a - b) * FAINT for a, b in zip(text, ground, strict=True))
    return (ground, text) if style.reverse else (text, ground)


@pytest.mark.parametrize("theme", [name for name in NAMES if name != MONO])
@pytest.mark.parametrize("name", sorted(set(STYLES) - DECORATION))
def test_text_of_every_theme_has_the_contrast_that_wcag_asks_for(theme, name):
    assert contrast(*drawn(theme, name)) >= CONTRAST_MIN


def test_contrast_is_computed_as_wcag_says():
    assert contrast(rgb("ffffff"), rgb("000000")) == pytest.approx(21)
    assert contrast(rgb("777777"), rgb("ffffff")) == pytest.approx(4.48, abs=0.005)


def seen(colour, matrix):
    found = [sum(a * b for a, b in zip(row, map(linear, colour), strict=True)) for row in matrix]
    return [min(1.0, max(0.0, part)) for part in found]


def lab(lin):
    red, green, blue = lin
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    a, b, c = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * b - 16, 500 * (a - b), 200 * (b - c)


def apart(theme, matrix):
    first, second = (lab(seen(drawn(theme, name)[0], matrix)) for name in ("good", "bad"))
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5


@pytest.mark.parametrize("kind", BLINDNESS)
def test_gain_and_loss_are_apart_for_every_eye_in_blue_and_orange(kind):
    assert apart(BLUE_ORANGE, BLINDNESS[kind]) >= APART_MIN


def test_red_and_green_are_what_a_colour_blind_eye_confuses():
    """The measure can tell: the dark theme's pair is nearer for a deuteranope than the other."""
    assert apart(DARK, BLINDNESS["deutan"]) < apart(BLUE_ORANGE, BLINDNESS["deutan"]) / 2


def test_without_colours_there_is_not_one_and_what_alarms_still_stands_out():
    mono = SKINS[MONO]
    for name in STYLES:
        style = Style.parse(mono.style(name))
        assert style.color is None
        assert style.bgcolor is None
    for name in ("alarm", "caution", "banner", "cursor"):
        assert Style.parse(mono.style(name)).reverse


def test_a_theme_says_nothing_of_styles_that_do_not_exist():
    for skin in SKINS.values():
        assert set(skin.styles) <= set(STYLES)
        assert re.fullmatch(r"[a-z-]+", skin.name)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"COLORTERM": "truecolor"}, DARK),
        ({"COLORTERM": "24bit", "COLORFGBG": "0;15"}, LIGHT),
        ({"COLORTERM": "truecolor", "COLORFGBG": "15;default;0"}, DARK),
        ({}, ANSI_DARK),
        ({"COLORFGBG": "0;7"}, ANSI_LIGHT),
        ({"COLORTERM": "truecolor", "SSH_CONNECTION": "a b c d"}, ANSI_DARK),
        ({"COLORTERM": "truecolor", "SSH_TTY": "/dev/pts/1", "COLORFGBG": "0;15"}, ANSI_LIGHT),
    ],
)
def test_the_theme_fits_what_the_terminal_says_of_itself(environment, expected):
    assert automatic(environment) == expected
    assert chosen(environment) == expected


def test_what_is_typed_goes_before_no_color_and_that_before_the_settings():
    bare = {"NO_COLOR": "1"}

    assert chosen(bare, flag=LIGHT, setting=DARK) == LIGHT
    assert chosen(bare, setting=DARK) == MONO
    assert chosen(bare, flag="auto") == MONO
    assert chosen({"NO_COLOR": ""}, setting=DARK) == DARK
    assert chosen({}, flag="auto", setting=DARK) == ANSI_DARK


def test_seven_bits_stand_for_every_glyph_one_for_one():
    assert all(len(short) == 1 and short.isascii() for short in PLAIN.values())
    assert plain("██░░ │ ─ ┼ ┏━┓") == "##.. | - + +=+"
    assert plain("é漢") == "??"


def test_everything_the_screen_draws_with_has_a_plain_stand_in():
    sources = [file for file in (tree.ROOT / "hfl_tui").rglob("*.py") if file.name != "glyphs.py"]
    drawn = {letter for file in sources for letter in file.read_text() if not letter.isascii()}

    assert len(drawn) > 10
    assert drawn <= set(PLAIN)
