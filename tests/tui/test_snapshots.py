"""Each screen as text at three sizes, against what stands beside this file.

A change of a screen shows as a difference to be looked at. `HFL_SNAPSHOTS=write` writes them anew.
"""

import dataclasses
import os
from pathlib import Path

import pytest

from hfl_tui.app import Viewer
from hfl_tui.screens.log import Log
from tests.tui.kit import SIZES, drive, press, text, until
from tests.tui.pictures import NOW, board, stop
from tests.tui.sample import PICTURE, sample_outfit

FOLDER = Path(__file__).parent / "snapshots"
QUIET_LOOKS = 20
IS_WRITING = os.environ.get("HFL_SNAPSHOTS") == "write"
# name -> (keys to it, keys back to the dashboard)
SCREENS = {
    "dash": ((), ()),
    "trades": (("2",), ("1",)),
    "skips": (("2", "v"), ("v", "1")),
    "orders": (("3",), ("1",)),
    "risk": (("4",), ("1",)),
    "log": (("6",), ("1",)),
    "why": (("w",), ("escape",)),
    "help": (("?",), ("escape",)),
    "palette": ((":",), ("escape",)),
    "emergency": (("ctrl+x",), ("escape",)),
    "kill": (("ctrl+x", "k"), ("escape",)),
    "close-all": (("ctrl+x", "f"), ("escape",)),
}
# What takes a moment to come.
SHOWN = {"trades": "T-42", "skips": "SOL-USDT", "risk": "Verdict", "why": "Verdict"}
STATES = {
    "paused": {"stops": (stop("a"),)},
    "hung": {"board": board(beat_s=192), "row_wall_ns": 0, "is_answering": True},
    "stale": {"board": board(moved_s=41)},
    "disconnected": {"is_running": False, "pid": 0},
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_screen_is_as_it_was_looked_at(tmp_path, monkeypatch, size):
    monkeypatch.setattr(Log, "_read_back", lambda self: None)
    found = {}

    async def story():
        viewer = Viewer(sample_outfit(tmp_path), clock=lambda: NOW, follows=False)
        async with viewer.run_test(size=size) as pilot:
            viewer.take(PICTURE)
            for name, (there, back) in SCREENS.items():
                await press(pilot, *there)
                if name in SHOWN:
                    await until(pilot, lambda word=SHOWN[name]: word in text(viewer))
                found[name] = await settled(pilot, name, size)
                await press(pilot, *back)
            for name, changes in STATES.items():
                viewer.take(dataclasses.replace(PICTURE, **changes))
                found[name] = await settled(pilot, name, size)

    drive(story())
    differing = [name for name, shown in found.items() if not is_as_kept(name, size, shown)]
    assert differing == []


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
