"""A theme changes every screen at once and is kept; NO_COLOR and ASCII reach the last byte."""

import dataclasses
import re

import pytest
from rich.segment import Segment

from hfl.home import home_paths
from hfl_config.create import create_home
from hfl_core.domain.errors import ConfigError
from hfl_tui.app import Viewer
from hfl_tui.lines import STYLES
from hfl_tui.ports import Looks
from hfl_tui.skins import MONO, NAMES, SKINS
from tests.tui.kit import drive, press, text
from tests.tui.pictures import NOW
from tests.tui.sample import PICTURE, sample_outfit
from tests.tui.terminal import Terminal

# Select Graphic Rendition with a colour in it: 30-37, 38, 39, 40-47, 48, 49, 90-97, 100-107.
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:[;:]\d+)*m")


def with_looks(folder, story, *, size=(80, 24), **chosen):
    """Run a story with the sample picture and some choices."""

    async def run():
        outfit = dataclasses.replace(sample_outfit(folder), looks=Looks(**chosen))
        viewer = Viewer(outfit, clock=lambda: NOW, follows=False)
        async with viewer.run_test(size=size) as pilot:
            viewer.take(PICTURE)
            await pilot.pause()
            await story(pilot, viewer)

    drive(run())


def segments(viewer) -> list[Segment]:
    return [one for strip in viewer.screen._compositor.render_strips() for one in strip]


def colours(viewer):
    found = set()
    for one in segments(viewer):
        if one.style is not None:
            found |= {each for each in (one.style.color, one.style.bgcolor) if each is not None}
    return {each.name for each in found}


@pytest.mark.parametrize("name", NAMES)
def test_theme_is_typed_and_kept_and_everything_wears_it(tmp_path, name):
    kept: list[str] = []

    async def story(pilot, viewer):
        before = text(viewer)
        await press(pilot, "3", "1")
        await press(pilot, ":", *"theme", "space", *name, "enter")
        await pilot.pause()
        assert kept == [name]
        assert f"theme {name}" in text(viewer)
        skin = SKINS[name]
        allowed = {word for each in STYLES for word in skin.style(each).split()}
        if not skin.is_ansi:
            assert colours(viewer) <= {word for word in allowed if word.startswith("#")}
            assert skin.background in colours(viewer)
        viewer._unsay()
        assert text(viewer) == before
        await press(pilot, "3")
        if not skin.is_ansi:
            assert skin.background in colours(viewer)
        else:
            assert not any(each.startswith("#") for each in colours(viewer))

    with_looks(tmp_path, story, theme="dark" if name != "dark" else "light", keep=kept.append)


def test_the_palette_lists_the_themes_with_what_they_are(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, ":", *"theme")
        shown = text(viewer)
        assert all(f"theme {name}" in shown for name in NAMES)
        assert all(SKINS[name].what in shown for name in NAMES)
        await press(pilot, "down", "enter")
        assert viewer.look.theme == NAMES[1]

    with_looks(tmp_path, story)


def test_a_theme_that_cannot_be_kept_holds_and_says_so(tmp_path):
    def refuse(name):
        raise ConfigError(f"expected to keep {name}, found a full disk: it holds until you leave")

    async def story(pilot, viewer):
        await press(pilot, ":", *"theme", "space", *"light", "enter")
        assert "found a full disk" in text(viewer)
        assert viewer.look.theme == "light"

    with_looks(tmp_path, story, keep=refuse)


@pytest.mark.parametrize("keys", [(), ("3",), ("4",), ("6",), ("w",), ("ctrl+x",), (":",), ("?",)])
def test_ascii_leaves_no_character_beyond_seven_bits(tmp_path, keys):
    async def story(pilot, viewer):
        await press(pilot, *keys)
        await pilot.pause()
        shown = text(viewer)
        assert shown.isascii()
        if not keys:
            assert re.search(r"week\s+#+\.+\s+16%", shown)
            assert "- Positions 3/5" in shown
            assert "+ Last decision" in shown

    with_looks(tmp_path, story, is_ascii=True)


@pytest.mark.parametrize("keys", [(), ("4",), ("w",), ("ctrl+x",), ("ctrl+x", "k"), (":",)])
def test_mono_draws_without_one_colour(tmp_path, keys):
    async def story(pilot, viewer):
        await press(pilot, *keys)
        await pilot.pause()
        assert colours(viewer) == set()
        assert any(one.style is not None and one.style.bold for one in segments(viewer))

    with_looks(tmp_path, story, theme=MONO)


def test_a_picture_that_comes_when_the_panes_have_gone_is_not_drawn(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3")
        await viewer.screen.query_one("#header").remove()
        viewer.take(PICTURE)
        await pilot.pause()
        assert viewer.is_running
        assert viewer.failure is None

    with_looks(tmp_path, story)


@pytest.mark.process
@pytest.mark.parametrize(
    ("environment", "has_colour"), [({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)]
)
def test_no_color_sends_not_one_byte_of_colour(tmp_path, environment, has_colour):
    create_home(home_paths(str(tmp_path)))
    with Terminal(tmp_path, environment=environment) as terminal:
        terminal.until_text("NO JOURNAL", "^X EMERG")
        terminal.type("4")
        terminal.until_text("Risk")
        terminal.type("\x18")
        terminal.until_text("EMERGENCY", "PAUSE")
        terminal.type("\x1b")
        terminal.until(lambda: "PAUSE" not in terminal.text)
        terminal.type("qq")

        assert terminal.ended() == 0
        assert bool(COLOUR.search(terminal.bytes())) is has_colour


@pytest.mark.process
def test_flags_reach_the_terminal(tmp_path):
    create_home(home_paths(str(tmp_path)))
    program = Terminal.program.replace(
        "['tui']", "['tui', '--ascii', '--no-mouse', '--theme', 'light']"
    )
    with Terminal(tmp_path, program=program, environment={"COLORTERM": "truecolor"}) as terminal:
        terminal.until_text("NO JOURNAL", "^X EMERG")
        terminal.type("q")

        assert terminal.ended() == 0
        sent = terminal.bytes()
        red, green, blue = bytes.fromhex(SKINS["light"].background[1:])
        assert f"48;2;{red};{green};{blue}".encode() in sent
        assert b"\x1b[?1003h" not in sent
        assert b"\x1b[?1000h" not in sent
        assert sent.isascii()
