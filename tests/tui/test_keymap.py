"""A person's own keys: what can be used works everywhere, the rest is told in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.keys import _character_to_key

from hfl_tui.actions import ACTIONS, BY_NAME, EMERGENCY, EVERYWHERE, bindings_of
from hfl_tui.keymap import BUILT_IN, keymap
from hfl_tui.keys import CHARACTERS, PLACED, RESERVED, named, shown
from hfl_tui.lines import text_of
from hfl_tui.panels.footer import footer
from tests.tui.kit import NotedStopper, face, press, text
from tests.tui.test_themes import with_looks

KEYS = st.sampled_from(
    [*CHARACTERS, *PLACED, *RESERVED, "ctrl+l", "ctrl+e", "ctrl+u", "f5", "alt+w", ""]
)
TYPED = st.dictionaries(
    st.sampled_from([*BY_NAME, "nothing", "show-log"]),
    st.lists(KEYS, max_size=3).map(tuple),
    max_size=12,
)


def test_names_of_keys_are_those_the_terminal_library_uses():
    assert all(_character_to_key(written) == name for name, written in CHARACTERS.items())


@pytest.mark.parametrize(
    ("written", "name"),
    [("^L", "ctrl+l"), ("ctrl+L", "ctrl+l"), ("/", "slash"), ("slash", "slash"), ("G", "G"),
     ("PgUp", "pageup"), ("S-tab", "shift+tab"), ("esc", "escape"), (" ; ", "semicolon"),
     ("F5", ""), ("alt+w", ""), ("ctrl+5", ""), ("", ""), ("ww", ""), ("ctrl+shift+a", ""),
     ("é", "")],
)  # fmt: skip
def test_keys_are_written_as_shown_or_by_name(written, name):
    assert named(written) == name
    if name:
        assert named(shown(name)) == name


def test_every_built_in_key_is_read_back_from_how_it_is_shown():
    for action in ACTIONS:
        for key in (*action.keys, *action.aliases):
            assert named(shown(key)) == key == named(key)


@given(TYPED)
def test_whatever_is_typed_no_screen_gets_one_key_twice_and_the_stop_keys_stay(typed):
    found = keymap(typed)

    for screen in (*EVERYWHERE, EMERGENCY):
        keys = [
            key
            for action in ACTIONS
            if screen in action.screens
            for key in (*found.keys(action), *action.aliases)
        ]
        assert len(keys) == len(set(keys))
    for action in ACTIONS:
        if action.danger:
            assert found.keys(action) == action.keys
        assert not set(found.keys(action)) & (set(RESERVED) - set(action.keys))
    for key in ("ctrl+x", "p", "f", "k", "escape", "q", "r"):
        assert found.meant(EMERGENCY, key) is None
    assert all(found.meant(screen, "ctrl+x") is None for screen in EVERYWHERE)
    for told in found.refused:
        assert told.startswith("expected ")
        assert ", found " in told
        assert ": " in told.partition(", found ")[2]
    assert set(found.own) <= set(BY_NAME)


@given(TYPED)
def test_a_key_means_what_the_table_and_the_keymap_say_together(typed):
    found = keymap(typed)
    for screen in EVERYWHERE:
        built_in = {key: action.name for key, action in bindings_of(screen)}
        for key in {*CHARACTERS, *PLACED, *built_in}:
            meant = found.meant(screen, key)
            does = built_in.get(key, "") if meant is None else meant
            expected = [
                action.name
                for action in ACTIONS
                if screen in action.screens and key in (*found.keys(action), *action.aliases)
            ]
            assert does == (expected[0] if expected else "")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"whyy": ("W",)}, ("expected names of actions under [keys] in screen.toml, found 'whyy': "
                           "perhaps why")),
        ({"zzzz": ("W",)}, "found 'zzzz': ? lists what there is"),
        ({"why": ("ctrl+b",)}, "found ctrl+b, which is for tmux: choose another"),
        ({"why": ("^X",)}, "found ^X, which is for the emergency stop: choose another"),
        ({"why": ("F5",)}, ("expected keys.why in screen.toml as a key that every terminal sends, "
                           "found 'F5': choose another")),
        ({"why": ()}, "expected keys.why in screen.toml with at least one key, found none"),
        ({"emergency": ("E",)}, ("expected keys.emergency in screen.toml to stay as it is, found "
                                "'E': what stops the bot has one key")),
        ({"kill": ("K",)}, "expected keys.kill in screen.toml to stay as it is"),
        ({"resume": ("U",)}, "expected keys.resume in screen.toml to stay as it is"),
        ({"why": ("t",)}, ("expected keys.why in screen.toml to be free on Dash, found t, which is "
                          "Times: choose another")),
        ({"follow": ("v",), "find": ("f",)}, ""),
        ({"why": ("t",), "zone": ("w",)}, ""),
        ({"zone": ("ctrl+p",)}, "found ctrl+p, which is for docker"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_sentence_and_what_can_is_used(typed, told):
    found = keymap({**typed, "acknowledge": ("A",)})

    assert len(found.refused) == bool(told)
    assert not told or told in found.refused[0]
    assert found.keys(BY_NAME["acknowledge"]) == ("A",)
    if not told:
        assert {name: keys for name, keys in found.own.items() if name in typed} == typed


def test_the_later_of_two_that_want_one_key_gives_way():
    found = keymap({"why": ("W",), "zone": ("W",)})

    assert found.own == {"why": ("W",)}
    assert "keys.zone" in found.refused[0]


def test_the_footer_shows_own_keys():
    own = keymap({"why": ("Y", "w"), "show_log": ("ctrl+e",)})

    assert "Y why" in text_of(footer("dash", width=140, keymap=own))
    assert "^E Log" in text_of(footer("dash", width=140, keymap=own))
    assert "w why" in text_of(footer("dash", width=140, keymap=BUILT_IN))


def test_own_keys_do_it_and_the_old_ones_no_more(tmp_path):
    async def story(pilot, viewer):
        await press(pilot, "3")
        assert face(viewer) == "dash"
        await press(pilot, "O")
        assert face(viewer) == "orders"
        await press(pilot, "w")
        assert face(viewer) == "orders"
        await press(pilot, "W")
        assert face(viewer) == "why"
        await press(pilot, "ctrl+e")
        assert face(viewer) == "orders"
        await press(pilot, "?")
        assert "W " in text(viewer)
        await press(pilot, "ctrl+e", ":", *"why")
        assert "W " in text(viewer)
        await press(pilot, "escape", "O")
        assert face(viewer) == "orders"

    typed = {"show_orders": ("O",), "why": ("W",), "back": ("ctrl+e",)}
    with_looks(tmp_path, story, keys=typed)


def test_the_stop_works_whatever_the_keymap_says(tmp_path):
    async def story(pilot, viewer):
        assert "keys.emergency" in text(viewer)
        await press(pilot, "ctrl+x")
        assert face(viewer) == "Panel"
        await press(pilot, "escape")
        assert face(viewer) == "dash"
        await press(pilot, "ctrl+x", "ctrl+x")
        stopper = viewer.outfit.stopper
        assert isinstance(stopper, NotedStopper)
        assert stopper.verbs == ["pause"]

    typed = {"emergency": ("E",), "why": ("ctrl+x",), "back": ("b",), "pause": ("P",)}
    with_looks(tmp_path, story, keys=typed)


def test_notes_tell_every_remark_whole(tmp_path):
    async def story(pilot, viewer):
        assert "(1 of 3; :notes tells all)" in text(viewer)
        await press(pilot, ":", *"notes", "enter")
        shown = " ".join(text(viewer).split())
        assert "the file is odd" in shown
        assert "perhaps why" in shown
        assert "tmux" in shown
        await press(pilot, "j", "pagedown", "escape")
        assert face(viewer) == "dash"

    typed = {"whyy": ("W",), "zone": ("ctrl+b",)}
    with_looks(tmp_path, story, keys=typed, remarks=("the file is odd",), size=(140, 40))


def test_without_remarks_notes_say_so(tmp_path):
    async def story(pilot, viewer):
        assert ":notes" not in text(viewer)
        await press(pilot, ":", *"notes", "enter")
        assert "everything in it is used" in text(viewer)

    with_looks(tmp_path, story)
