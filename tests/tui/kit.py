"""A viewer on a real journal for Pilot tests: the front door's own teller, stops that are noted."""

import asyncio
import dataclasses
import shutil
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hfl.screen.outfit import outfit
from hfl.whereabouts import Whereabouts, find
from hfl_core.domain.errors import ControlError
from hfl_tui.app import Viewer
from hfl_tui.ports import Forgetful, Outfit, Stop
from hfl_tui.screens.face import Face

WAIT_S = 30.0
SIZES = ((60, 20), (80, 24), (140, 40))


@dataclass(slots=True)
class NotedStopper:
    """Makes stops that only say what a real one would do, and notes what was asked of it."""

    verbs: list[str] = field(default_factory=list)
    latched: list[str] = field(default_factory=list)
    lifted: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    refusal: str = ""
    steps: tuple[str, ...] = ("acknowledged",)

    def prepare(self, verb):
        self.verbs.append(verb)

        def latch():
            self.latched.append(verb)
            return f"latch file of {verb} written"

        def climb(say):
            for step in self.steps:
                say(step, 1.0, f"{verb}: {step}")
            return 0

        return Stop(verb=verb, request_id=f"id{len(self.verbs)}", latch=latch, climb=climb)

    def lift(self, latch_ids, reason):
        if self.refusal:
            raise ControlError(self.refusal)
        self.lifted.append((latch_ids, reason))
        return f"resumed {len(latch_ids)}"


def whereabouts(home: Path) -> Whereabouts:
    return find(str(home), None)


def outfit_of(home: Path, stopper: NotedStopper) -> Outfit:
    real = outfit(whereabouts(home))
    return dataclasses.replace(real, stopper=stopper, memory=Forgetful())


def text(viewer: Viewer) -> str:
    """Return the whole screen on top as text."""
    from tests.tui.snapshot import text_of_screen

    return "\n".join(text_of_screen(viewer.screen))


def face(viewer: Viewer) -> str:
    """Return the kind of the main screen or overlay on top, else its class."""
    screen = viewer.screen
    return screen.KIND if isinstance(screen, Face) else type(screen).__name__


async def until(pilot, happened, *, what=""):
    """Wait until something is true of the viewer, letting it work meanwhile."""
    ends_s = time.monotonic() + WAIT_S
    while not (found := happened()):
        assert time.monotonic() < ends_s, what or text(pilot.app)
        await pilot.pause(0.02)
    return found


@asynccontextmanager
async def opened(home, *, size=(80, 24), stopper=None):
    """Open the viewer on a home and wait until its journal is shown."""
    viewer = Viewer(outfit_of(home, stopper or NotedStopper()))
    async with viewer.run_test(size=size) as pilot:
        await until(pilot, lambda: viewer.picture.loaded >= 1 or viewer.picture.trouble)
        await until(pilot, lambda: viewer.screen.is_mounted and viewer.screen.size.width)
        await pilot.pause()
        yield pilot


def drive(story):
    """Run an async story to its end in a loop of its own."""
    asyncio.run(asyncio.wait_for(story, WAIT_S * 8))


def copy_of(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


def session(made, story, *, size=(80, 24), stopper=None):
    """Run one story with an open viewer."""

    async def run():
        async with opened(made.folder, size=size, stopper=stopper) as pilot:
            await story(pilot, pilot.app)

    drive(run())


async def press(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()
