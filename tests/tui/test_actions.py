"""One table: keys, footer, help, palette and the README agree with it, and nothing else exists."""

import re

import pytest
from textual.binding import Binding
from textual.screen import Screen

from hfl_tui import actions
from hfl_tui.actions import (
    ACTIONS,
    BY_NAME,
    EMERGENCY,
    HELP,
    LIVE,
    REPLAY,
    SCREENS,
    WHY,
    actions_of,
)
from hfl_tui.app import Viewer, _make
from hfl_tui.emergency.panel import Panel
from hfl_tui.keys import RESERVED, shown
from hfl_tui.lines import text_of, width_of
from hfl_tui.panels.footer import footer
from hfl_tui.screens.help import Help, help_rows
from hfl_tui.screens.palette import KEYS_ONLY, fitting
from hfl_tui.screens.why import Why
from tests.style import tree

CLASSES: dict[str, type[Screen[None]]] = {kind: type(_make(kind)) for kind in SCREENS} | {
    WHY: Why,
    HELP: Help,
    EMERGENCY: Panel,
}
# Where each action is pressed or typed.
PILOTS = (
    "viewer", "emergency", "replay", "stops_told", "themes", "keymap", "hands", "panes",
)  # fmt: skip
# Reserved, and yet heard: silently, or for what they are reserved for.
SILENT = {"ctrl+p", "ctrl+c", "ctrl+x"}


def bound(kind):
    return [each for each in CLASSES[kind].BINDINGS if isinstance(each, Binding)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_screen_binds_exactly_the_keys_of_the_table(kind):
    own = {(each.key, each.action) for each in bound(kind)} - {("enter", "open_row")}
    table = {
        (key, action.name)
        for action in actions_of(kind)
        if not action.is_priority
        for key in (*action.keys, *action.aliases)
    } - {("enter", "open_row")}

    assert own == table
    assert len({key for key, _ in own}) == len(own)


def test_the_stop_key_is_bound_with_priority_on_the_application():
    stops = [each for each in Viewer.BINDINGS if isinstance(each, Binding) and each.priority]

    assert [(each.key, each.action) for each in stops] == [("ctrl+x", "emergency")]
    assert [action.name for action in ACTIONS if action.is_priority] == ["emergency"]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_action_of_a_screen_is_a_method_there(kind):
    for action in actions_of(kind):
        owner = Viewer if action.is_priority else CLASSES[kind]
        assert callable(getattr(owner, f"action_{action.name}", None)), action.name


def test_no_reserved_key_is_used_and_no_bare_letter_is_dangerous():
    for action in ACTIONS:
        keys = {*action.keys, *action.aliases}
        assert not keys & (set(RESERVED) - SILENT), action.name
        assert not any(re.fullmatch(r"f\d+", key) for key in keys), action.name
        if action.danger and action.screens != (EMERGENCY,):
            assert all("+" in key for key in keys), action.name


def test_bare_space_and_p_do_nothing_on_the_main_screens():
    for kind in (*LIVE, WHY, HELP):
        assert not {each.key for each in bound(kind)} & {"space", "p"}
    assert "p" not in {each.key for each in bound(REPLAY)}


def test_what_is_about_now_has_no_place_in_the_past():
    names = {action.name for action in actions_of(REPLAY)}

    assert not names & {"acknowledge", "alerts", "check", "resume", "skips", "zone"}
    assert {action.name for action in actions_of(REPLAY) if action.danger} == {"emergency"}


@pytest.mark.parametrize("kind", SCREENS)
@pytest.mark.parametrize("width", [20, 40, 60, 80, 140])
def test_the_footer_fits_and_the_stop_is_always_its_end(kind, width):
    found = footer(kind, width=width)

    assert width_of(found) == width
    assert text_of(found).endswith("^X EMERG")


@pytest.mark.parametrize("kind", SCREENS)
def test_the_footer_shows_only_what_the_table_says(kind):
    told = text_of(footer(kind, width=200))
    for action in actions_of(kind):
        if action.footer:
            assert f"{shown(action.keys[0])} {action.footer}" in told


@pytest.mark.parametrize("kind", [*SCREENS, WHY])
def test_help_lists_every_action_of_the_screen_in_order(kind):
    rows = help_rows(actions_of(kind))

    assert [row.key for row in rows] == [action.name for action in actions_of(kind)]


@pytest.mark.parametrize("kind", SCREENS)
def test_the_palette_finds_every_action_by_its_word(kind):
    for action in actions_of(kind):
        if action.name not in KEYS_ONLY:
            word = action.word.removeprefix("show-")
            assert fitting(kind, f":{word}")[0] is action


def test_the_readme_holds_the_table_of_keys():
    text = (tree.ROOT / "README.md").read_text()
    found = re.search(r"<!-- keymap: begin -->\n\n(.*?)\n<!-- keymap: end -->", text, re.DOTALL)

    assert found is not None
    assert found.group(1) == actions.keymap_table()


def test_every_action_is_pressed_or_typed_by_a_test():
    folder = tree.ROOT / "tests" / "tui"
    source = "".join((folder / f"test_{part}.py").read_text() for part in PILOTS)
    for action in ACTIONS:
        keys = [f'"{each}"' for key in action.keys for each in (key, shown(key))]
        typed = [f'*"{action.word}"']
        assert any(each in source for each in (*keys, *typed)), action.name


def test_names_are_unique():
    assert len(BY_NAME) == len(ACTIONS)
