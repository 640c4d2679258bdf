"""Every action of the table, on every screen it is offered on, by each of its keys: it does it.

Generated from the table: an action without a deed in deeds.py fails here. What is offered on the
replay screen alone is held in test_replay.py.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from hfl_tui.actions import (
    ACTIONS,
    BY_NAME,
    DASH,
    EMERGENCY,
    HELP,
    REPLAY,
    SCREENS,
    WHY,
    actions_of,
)
from hfl_tui.keys import shown
from tests.style import tree
from tests.tui.deeds import DEEDS
from tests.tui.kit import face, press, session, text, until

WAYS = {DASH: ("1",), "trades": ("2",), "orders": ("3",), "risk": ("4",), "log": ("6",),
        HELP: ("1", "?"), EMERGENCY: ("1", "ctrl+x")}  # fmt: skip
# What has a test file of its own for what it does, there by every screen.
ELSEWHERE = {
    "find": "hands", "find_next": "hands", "find_last": "hands", "sort": "hands",
    "sort_round": "hands", "copy": "hands", "export": "hands", "zoom": "panes", "jump": "panes",
    "theme": "themes", "notes": "keymap", "cycle": "dash_chart",
}  # fmt: skip
# What is typed behind a word, and what leaves the viewer and so comes last.
LAST = ("leave",)


@dataclass(frozen=True)
class Do:
    """One way to do an action: a key, or its word in the palette."""

    pilot: Any
    action: str
    key: str

    async def __call__(self):
        if self.key:
            await press(self.pilot, self.key)
            return
        await press(self.pilot, "colon", *self.action.replace("_", "-"), "enter")


async def onto(pilot, viewer, screen, base):
    """Go to a screen as if the viewer had just been opened."""
    viewer.show(DASH)
    stopper = viewer.outfit.stopper
    stopper.verbs.clear()
    stopper.latched.clear()
    stopper.lifted.clear()
    viewer.siren.wait(5)
    viewer.siren._trail = viewer.siren._pressed_s = None
    viewer.is_relative, viewer.hint = False, ""
    log = viewer.face("log")
    log.only_alerts, log.is_following, log.filter = False, True, ""
    viewer.take(base)
    if screen == WHY:
        viewer.open_why(str(viewer.outfit.teller.trades(0).trades[1].number))
    else:
        await press(pilot, *WAYS[screen])
    if screen in SCREENS and hasattr(viewer.screen, "filter"):
        viewer.screen.filter = ""
        if getattr(viewer.screen, "shows_skips", False):
            await press(pilot, "v")
        await press(pilot, "g")
    wanted = "Panel" if screen == EMERGENCY else screen
    await until(pilot, lambda: face(viewer) == wanted and text(viewer).strip())


@pytest.mark.parametrize("screen", [*WAYS, WHY])
def test_every_action_does_what_it_says_by_each_of_its_keys(made, screen):
    done = []

    async def story(pilot, viewer):
        viewer.follower.stop()
        base = viewer.picture
        listed = [one for one in actions_of(screen) if one.name not in ELSEWHERE]
        offered = sorted(listed, key=lambda action: action.name in LAST)
        for action in offered:
            for key in (*action.keys, *action.aliases) or ("",):
                await onto(pilot, viewer, screen, base)
                try:
                    await DEEDS[action.name](pilot, viewer, screen, Do(pilot, action.name, key))
                except AssertionError as error:
                    shown = f"{action.name} by {key or 'its word'} on {screen}: {error}"
                    raise AssertionError(f"{shown}\n{text(viewer)}") from error
                done.append(action.name)

    session(made, story)
    assert set(done) == {action.name for action in actions_of(screen)} - ELSEWHERE.keys()


def test_every_action_has_a_deed_and_every_deed_its_action():
    offered = {action.name for action in ACTIONS if set(action.screens) - {REPLAY}}

    assert set(DEEDS) | ELSEWHERE.keys() == offered
    for name, part in ELSEWHERE.items():
        source = (tree.ROOT / "tests" / "tui" / f"test_{part}.py").read_text()
        keys = list(BY_NAME[name].keys) or [BY_NAME[name].word]
        assert any(f'"{key}"' in source or f'"{shown(key)}"' in source or f":{key}" in source
                   or f'*"{key}' in source for key in keys), name  # fmt: skip
    assert {*WAYS, WHY, REPLAY} == {screen for action in ACTIONS for screen in action.screens}
