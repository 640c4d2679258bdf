"""Each screen at three sizes in four themes, against what stands beside this file.

Two files a screen and size: its text, and which style every character has (a letter each, see
LETTERS). Themes change neither; what they make of a style is written in `skins.py` alone, and here
every character of every theme is held to it. So a change of a screen shows once, as a difference
that can be read, and not once a theme. `HFL_SNAPSHOTS=write` writes them anew.
"""

import asyncio
import dataclasses
import os
from pathlib import Path

import pytest
from rich.style import Style

from hfl_tui.app import Viewer
from hfl_tui.lines import STYLES
from hfl_tui.screens.log import Log
from hfl_tui.skins import ANSI_DARK, DARK, LIGHT, MONO, SKINS
from hfl_tui.widgets.pane import Look, style_of
from tests.tui import story as story_of
from tests.tui.kit import SIZES, press, text, until
from tests.tui.pictures import NOW, board, limit_stop, stop
from tests.tui.sample import PICTURE, sample_outfit

FOLDER = Path(__file__).parent / "snapshots"
QUIET_LOOKS = 8
# Twenty screens in four themes, on a machine whose cores are busy.
MATRIX_S = 900
IS_WRITING = os.environ.get("HFL_SNAPSHOTS") == "write"
# name -> (keys to it, keys back to the dashboard)
SCREENS = {
    "dash": ((), ()),
    "trades": (("2",), ("1",)),
    "skips": (("2", "v"), ("v", "1")),
    "orders": (("3",), ("1",)),
    "risk": (("4",), ("1",)),
    "replay": (("5", "end", "[", "[", "[", "["), ("1",)),
    "replay-revealed": (("5", "end", "[", "u"), ("1",)),
    "replay-difference": (("5", "x"), ("escape", "1")),
    "replay-go-to": (("5", "g", "-", "3"), ("escape", "1")),
    "replay-emergency": (("5", "ctrl+x"), ("escape", "1")),
    "log": (("6",), ("1",)),
    "why": (("w",), ("escape",)),
    "help": (("?",), ("escape",)),
    "palette": ((":",), ("escape",)),
    "emergency": (("ctrl+x",), ("escape",)),
    "kill": (("ctrl+x", "k"), ("escape",)),
    "close-all": (("ctrl+x", "f"), ("escape",)),
    "jump": ((";",), ("escape",)),
    "zoom": ((";", "s", "z"), ("z", ";", "a")),
    "notes": ((":", *"notes", "enter"), ("escape",)),
}
# What takes a moment to come.
SHOWN = {
    "trades": ("T-42",),
    "skips": ("SOL-USDT",),
    "risk": ("Verdict",),
    "why": ("Verdict",),
    "replay": ("row 8", "DIFFERENT"),
    "replay-revealed": ("row 11", "DIFFERENT", "T-42 BTC"),
    "replay-difference": ("replayed 3",),
}
STATES = {
    "paused": {"stops": (stop("a"),)},
    "hung": {"board": board(beat_s=192), "row_wall_ns": 0, "is_answering": True},
    "stale": {"board": board(moved_s=41)},
    "disconnected": {"is_running": False, "pid": 0},
    "halted": {"stops": (limit_stop(),)},
    "unreadable": {"trouble": "expected a journal, found a poem: restore a backup"},
}


THEMES = (DARK, LIGHT, ANSI_DARK, MONO)
LETTERS = {
    "": " ", "bold": "b", "dim": "d", "rule": "-", "title": "t", "good": "g", "bad": "r",
    "warn": "w", "key": "k", "cursor": "c", "alarm": "A", "caution": "C", "calm": "O",
    "banner": "B",
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_screen_is_as_it_was_looked_at_in_every_theme(tmp_path, monkeypatch, size):
    monkeypatch.setattr(Log, "_read_on", lambda self: None)
    kept = {}
    differing = []

    async def story():
        viewer = Viewer(
            sample_outfit(tmp_path, journal=story_of.write(tmp_path)),
            clock=lambda: NOW,
            follows=False,
        )
        async with viewer.run_test(size=size) as pilot:
            for theme in THEMES:
                viewer.dress(Look(theme))
                async for name in shown_one_by_one(pilot):
                    if theme == DARK:
                        shown = await settled(pilot, name, size)
                        letters = lettered(viewer)
                        kept[name] = shown, letters
                        styles = "\n".join(row.rstrip() for row in letters)
                        if not is_as_kept(name, size, shown):
                            differing.append(name)
                        if not is_as_kept(f"{name}.style", size, styles):
                            differing.append(f"{name} styles")
                    elif told := await unlike_in(pilot, theme, *kept[name]):
                        differing.append(f"{name} {theme}: {told}")

    asyncio.run(asyncio.wait_for(story(), MATRIX_S))
    assert differing == []


async def shown_one_by_one(pilot):
    """Yield the name of each screen and state while it is shown."""
    viewer = pilot.app
    viewer.take(PICTURE)
    for name, (there, back) in SCREENS.items():
        await press(pilot, *there)
        if name in SHOWN:
            await until(pilot, lambda name=name: has_come(viewer, name))
        yield name
        await press(pilot, *back)
    for name, changes in STATES.items():
        viewer.take(dataclasses.replace(PICTURE, **changes))
        yield name


def has_come(viewer, name):
    return all(word in text(viewer) for word in SHOWN[name])


async def unlike_in(pilot, theme, shown, letters):
    """Return what a theme shows otherwise than its styles say, when it stays so."""
    for _ in range(QUIET_LOOKS):
        await pilot.pause(0.02)
        wrong = unlike(pilot.app, theme, letters)
        if text(pilot.app) == shown and not wrong:
            return ""
    return str(wrong[:3])


def cells(viewer):
    """Return every character of the screen with its style, row by row."""
    rows = viewer.screen._compositor.render_strips()
    return [
        [(letter, one.style or Style.null()) for one in strip for letter in one.text]
        for strip in rows
    ]


def looks_of(letter, style):
    """Return what can be seen of a styled character; the terminal's own colour is no colour."""

    def seen(colour):
        return None if colour is None or colour.is_default else colour.name

    ground = (seen(style.bgcolor), bool(style.reverse), bool(style.underline))
    if letter == " ":
        return ground
    return (*ground, seen(style.color), bool(style.bold), bool(style.dim))


def lettered(viewer):
    """Return the screen's styles, a letter for each character, from the theme that tells them."""
    known = {looks_of("x", style_of(name, DARK)): LETTERS[name] for name in STYLES}
    blank = {looks_of(" ", style_of(name, DARK)): LETTERS[name] for name in reversed(STYLES)}
    return [
        "".join(
            (blank if letter == " " else known)[looks_of(letter, style)] for letter, style in row
        )
        for row in cells(viewer)
    ]


def unlike(viewer, theme, letters):
    """Return the places that do not look as the theme says their style does."""
    names = {letter: name for name, letter in LETTERS.items()}
    return [
        (y, x, letter)
        for y, row in enumerate(cells(viewer))
        for x, (letter, style) in enumerate(row)
        if looks_of(letter, style) != looks_of(letter, style_of(names[letters[y][x]], theme))
    ]


def test_the_letters_tell_every_style_apart():
    assert set(LETTERS) == set(STYLES)
    assert len(set(LETTERS.values())) == len(STYLES)
    assert len({looks_of("x", style_of(name, DARK)) for name in STYLES}) == len(STYLES)
    assert set(THEMES) <= set(SKINS)


async def settled(pilot, name, size):
    """Return the screen when it is as kept, else when it has not changed for a while."""
    shown, since = "", 0
    while since < QUIET_LOOKS:
        pilot.app.paint()
        await pilot.pause(0.05)
        seen = text(pilot.app)
        if not IS_WRITING and is_as_kept(name, size, seen):
            return seen
        shown, since = seen, since + 1 if seen == shown else 0
    return shown


def is_as_kept(name, size, shown):
    file = FOLDER / f"{name}-{size[0]}x{size[1]}.txt"
    if IS_WRITING:
        FOLDER.mkdir(exist_ok=True)
        file.write_text(shown + "\n")
    return file.read_text() == shown + "\n"
