"""The screen in a real terminal: first picture, keys, bytes, CPU, memory, and the stop's latch.

A bare Textual application runs beside it: on a busy machine only the ratios to it hold. The long
journal is made anew for each run (a minute or two, 1.3 GB in a temporary folder).
"""

# mypy: disable-error-code=no-untyped-call
# What drives the terminal belongs to the tests, whose helpers carry no types.

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.long_journal import long_home
from benchmarks.result import Result, at_most
from hfl.home import home_paths
from hfl_config.create import create_home
from tests.hfl.bot import Bot
from tests.tui import measure
from tests.tui.terminal import WAIT_S, Terminal

GROUP: Final = "screen"
ROWS: Final = 1_000_000
ROUNDS: Final = 5
PRESSES: Final = 20
BUSY: Final = ("--feed", "simulated", "--bars", "20000", "--speed", "3600")
BUSY_BYTES: Final = {(80, 24): 5_000, (140, 40): 10_000}
SHOWN: Final = (measure.SHOWN, "day loss")
PAGE_DOWN: Final = "\x1b[6~"


def run() -> Iterator[Result]:
    """Yield every figure."""
    with tempfile.TemporaryDirectory(prefix="hfl-bench-") as folder:
        made = long_home(Path(folder), rows=ROWS)
        small = Path(folder) / "source"
        # A stop writes its latch below the folders that `hfl init` makes.
        for place in (small, *small.rglob("*")):
            place.chmod(0o700)
        create_home(home_paths(str(small)))
        yield from first_paint(small, made.folder)
        yield from keys(small, made.folder)
        yield from idle(small)
        yield latch(small)
    yield from busy()


def first_paint(small: Path, long: Path) -> Iterator[Result]:
    """Measure until the dashboard shows the journal, next to a bare application's first text."""
    cpu: dict[str, list[float]] = {"bare": [], "small": [], "long": []}
    wall: dict[str, list[float]] = {"bare": [], "small": [], "long": []}
    for _ in range(ROUNDS):
        for name, home in (("bare", small), ("small", small), ("long", long)):
            terminal = measure.bare(home) if name == "bare" else Terminal(home)
            with terminal:
                wanted = ("bare 0",) if name == "bare" else SHOWN
                found = measure.to_first_paint(terminal, *wanted)
            cpu[name].append(found[0])
            wall[name].append(found[1])
    middle = {name: statistics.median(values) for name, values in cpu.items()}
    walls = {f"{name} wall s": statistics.median(values) for name, values in wall.items()}
    yield at_most(
        GROUP, "first picture, CPU", middle["small"] / middle["bare"], 2, unit="x bare", **walls
    )
    yield at_most(
        GROUP,
        f"first picture of {ROWS:,} rows, CPU",
        middle["long"] / middle["small"],
        1.25,
        unit="x a small one",
        bare_cpu_s=middle["bare"],
    )
    yield at_most(
        GROUP, f"first picture of {ROWS:,} rows", min(wall["long"]), 1, unit="s, best", **walls
    )


def keys(small: Path, long: Path) -> Iterator[Result]:
    """Measure keys to the first byte: cursor, page, jump and filter, bare and on both journals."""
    with measure.bare(small) as terminal:
        terminal.until_text("bare 0")
        bare = _series(terminal, "j" * PRESSES)[0]
    for name, home in (("small", small), ("long", long)):
        with Terminal(home) as terminal:
            terminal.until_text(*SHOWN)
            terminal.type("6")
            terminal.until_text("follows")
            took, most, size = _series(terminal, "j" * PRESSES)
            beside = {"ms": took * 1000, "worst_ms": most * 1000, "bare_ms": bare * 1000}
            yield at_most(GROUP, f"cursor key, {name}", took / bare, 1.5, unit="x bare", **beside)
            yield at_most(GROUP, f"bytes of a cursor move, {name}", size, 800, unit="B")
            took, most, _ = _series(terminal, [PAGE_DOWN] * PRESSES)
            yield _told(f"page down in the log, {name}", took, worst_ms=most * 1000)
            if name == "long":
                yield from _far(terminal)
            yield at_most(
                GROUP, f"memory, {name}", measure.rss_mb(terminal.process.pid), 60, unit="MB"
            )


def _far(terminal: Terminal) -> Iterator[Result]:
    """Jump to the first row and back, then search while keys are pressed."""
    began = time.monotonic()
    terminal.type("G")
    terminal.until_text("from the first row")
    yield _told("G, to the first row, long", time.monotonic() - began)
    began = time.monotonic()
    terminal.type("g")
    terminal.until(lambda: "from the first row" not in terminal.text)
    yield _told("g, back to the newest, long", time.monotonic() - began)
    terminal.type("/scan\r")
    terminal.until_text("/scan")
    took, most, _ = _series(terminal, ["j"] * PRESSES)
    yield _told("a key while a filter searches, long", took, worst_ms=most * 1000)


def _series(terminal: Terminal, typed: str | list[str]) -> tuple[float, float, int]:
    """Return the middle and the worst seconds to the first byte, and the middle bytes."""
    found = [measure.key(terminal, one) for one in typed]
    times = sorted(seconds for seconds, _ in found)
    return statistics.median(times), times[-1], int(statistics.median(size for _, size in found))


def _told(name: str, seconds: float, **beside: float) -> Result:
    return Result(group=GROUP, name=name, value=seconds * 1000, unit="ms", details={**beside})


def idle(home: Path) -> Iterator[Result]:
    """Measure bytes and CPU of a screen on which nothing happens."""
    for columns, rows in BUSY_BYTES:
        with Terminal(home, columns=columns, rows=rows) as terminal:
            terminal.until_text(*SHOWN)
            time.sleep(5)
            sent, share = measure.sent(terminal, 20)
        name = f"idle, {columns}x{rows}"
        yield at_most(GROUP, f"{name}, bytes", sent, 100, unit="B/s", cpu_percent=share * 100)


def busy() -> Iterator[Result]:
    """Measure a screen beside a bot with a bar a second."""
    with Bot() as bot:
        bot.start(*BUSY)
        for (columns, rows), limit in BUSY_BYTES.items():
            with Terminal(bot.root, columns=columns, rows=rows) as terminal:
                terminal.until_text("hb ok", "day loss")
                time.sleep(3)
                sent, share = measure.sent(terminal, 20)
                memory = measure.rss_mb(terminal.process.pid)
            name = f"a bar a second, {columns}x{rows}"
            beside = {"cpu_percent": share * 100, "memory_mb": memory}
            yield at_most(GROUP, f"{name}, bytes", sent, limit, unit="B/s", **beside)


def latch(home: Path) -> Result:
    """Measure from the second press of the stop key to its file, the loop blocked all the while."""
    from tests.tui.test_terminal import BLOCKED, program

    times = []
    for _ in range(ROUNDS):
        with (
            tempfile.TemporaryDirectory(prefix="hfl-bench-") as marks,
            Terminal(home, program=program(BLOCKED, marks)) as terminal,
        ):
            terminal.until_text(measure.SHOWN)
            terminal.until((Path(marks) / "begun").exists)
            folder = home / "run" / "latch"
            before = set(folder.iterdir()) if folder.exists() else set()
            began = time.monotonic()
            terminal.type("\x18\x18")
            while (set(folder.iterdir()) if folder.exists() else set()) <= before:
                assert time.monotonic() - began < WAIT_S, terminal.text
                time.sleep(0.0002)
            times.append(time.monotonic() - began)
    worst = max(times) * 1000
    middle = statistics.median(times) * 1000
    return at_most(
        GROUP, "^X ^X to the latch file, loop blocked", middle, 100, unit="ms", worst_ms=worst
    )
