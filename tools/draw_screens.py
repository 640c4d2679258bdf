"""Draw the pictures of the README: a short run over the simulated feed, seen on the screen itself.

Run `make pictures`, or `python -m tools.draw_screens [FOLDER [HOME]]`: into docs/pictures, of a
home made for it, unless others are named.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.hfl.journals import SteppingClock, make_journal

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
# name: size, theme, keys to it, what must be seen before it is drawn.
SHOTS = {
    "dash": ((140, 40), "dark", (), "Last decision"),
    "why": ((110, 36), "blue-orange", ("2", "j", "enter"), "Verdict"),
    "risk": ((110, 36), "light", ("4",), "Day loss"),
}
WAIT_S = 60.0
BARS = 690


async def shot(home: Path, name: str) -> str:
    """Return one picture as SVG."""
    from hfl.screen.outfit import outfit
    from hfl.whereabouts import find
    from hfl_tui.app import Viewer
    from hfl_tui.exports import as_svg
    from hfl_tui.ports import Looks

    size, theme, keys, wanted = SHOTS[name]
    # A minute after the run, so that ages are those of somebody who looks at once.
    looked_ns = SteppingClock().now_ns + 60 * 10**9
    viewer = Viewer(outfit(find(str(home), None), Looks(theme=theme)), clock=lambda: looked_ns)
    async with viewer.run_test(size=size) as pilot:
        ends_s = time.monotonic() + WAIT_S
        while viewer.picture.loaded < 1:
            await pilot.pause(0.1)
        # The first key of a new home only closes the greeting.
        await pilot.press("escape", *keys)
        while wanted not in viewer.export_screenshot().replace("&#160;", " "):
            assert time.monotonic() < ends_s, f"{name}: nothing holds {wanted}"
            await pilot.pause(0.1)
        viewer._unsay()  # noqa: SLF001 - what was said of a key is not part of the picture
        await pilot.pause(0.5)
        drawn = viewer.export_screenshot(title=f"hfl tui: {name}")
    return as_svg(drawn)


def main() -> int:
    """Write the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        if len(sys.argv) > 2:
            home = Path(sys.argv[2])
        else:
            home = make_journal(Path(made) / "home", bars=BARS).folder
        for name in SHOTS:
            (folder / f"{name}.svg").write_text(asyncio.run(shot(home, name)))
            print(folder / f"{name}.svg")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
