"""Measure stop: from a shell to latched, and from a kill on the socket to its acknowledgement.

Run as `python benchmarks/stop.py [--rounds N]`. Medians and p99 in milliseconds, next to what the
same machine needs for a bare interpreter in the same run, interleaved.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from hfl_core.control import client
from hfl_core.control.desk import Desk, Snapshot, SnapshotBox
from hfl_core.control.emergency import EmergencyListener
from hfl_core.gateway.latch import CallKind, MemoryLatch, prepare, read, set_stop

SHELL_AIM_MS = 60.0
ACKNOWLEDGE_AIM_MS = 50.0
RISK_CHECK_AIM_MS = 100.0
# What the installed `hfl` script does.
HFL = "import sys; from hfl.cli import main; sys.exit(main())"


class Daemon:
    """A daemon whose engine does nothing and whose gateway has a broker call that hangs."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.latch = MemoryLatch(directory)
        self.box = SnapshotBox()
        self.box.put(b'{"positions":[]}', now_s=time.monotonic())

    def engage(self, level: str, request_id: str) -> tuple[str, ...]:
        """Engage the memory latch."""
        self.latch.engage(level, request_id)
        return self.latch.acknowledge()

    def write_stop(self, level: str, request_id: str, *, reason: str, actor: str) -> str:
        """Write the latch file."""
        return set_stop(self.directory, level, request_id, reason=reason, actor=actor).detail

    def latched(self) -> tuple[str, tuple[str, ...]]:
        """Return the memory latch."""
        state = self.latch.state()
        return state.level, state.ids

    def submit_command(
        self, request_id: str, verb: str, *, actor: str, arguments: Mapping[str, str]
    ) -> None:
        """Take nothing: the engine hangs as well."""

    def snapshot(self) -> Snapshot | None:
        """Return the last snapshot."""
        return self.box.get()

    def metrics(self) -> Mapping[str, float]:
        """Return nothing."""
        return {}


def main() -> int:
    """Measure, print a table and one JSON line; return 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hfl-") as folder:
        rows = shell(Path(folder), asked.rounds) + sockets(Path(folder), asked.calls)
    rows += begin_call(asked.calls)
    width = max(len(name) for name, *_ in rows)
    print(f"{'':{width}}   p50 ms   p99 ms   aim ms")
    is_met = True
    for name, p50, p99, aim, judged in rows:
        is_missed = aim is not None and (p50 if judged == "p50" else p99) > aim
        is_met = is_met and not is_missed
        wanted = f"{judged} {aim:g}{' MISSED' if is_missed else ''}" if aim is not None else ""
        print(f"{name:{width}} {p50:8.2f} {p99:8.2f}   {wanted}")
    print(json.dumps({name: {"p50_ms": p50, "p99_ms": p99} for name, p50, p99, *_ in rows}))
    return 0 if is_met else 1


Row = tuple[str, float, float, float | None, str]


def shell(folder: Path, rounds: int) -> list[Row]:
    """Time whole processes, interleaved: a bare interpreter, kill and pause without a daemon."""
    home = folder / "home"
    prepare(str(home / "run" / "latch"))
    environ = {"HFL_HOME": str(home), "PATH": os.environ.get("PATH", "")}
    commands = {
        "bare python": ["-c", "pass"],
        "hfl kill, shell to exit": ["-c", HFL, "kill"],
        "hfl pause, shell to exit": ["-c", HFL, "pause"],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, words in commands.items():
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, *words], env=environ, stdout=subprocess.DEVNULL, check=True
            )
            took[name].append((time.perf_counter() - started) * 1000)
    stops = len(read(str(home / "run" / "latch")).ids)
    if stops != 2 * (rounds + 1):
        raise SystemExit(f"expected {2 * (rounds + 1)} stops, found {stops}")
    # The first round compiles and fills the page cache.
    return [_row(name, took[name][1:], _shell_aim(name), "p50") for name in commands]


def _shell_aim(name: str) -> float | None:
    return None if name == "bare python" else SHELL_AIM_MS


def sockets(folder: Path, calls: int) -> list[Row]:
    """Time kills over the socket while broker calls hang and threads try to begin more."""
    directory = str(folder / "latch")
    prepare(directory)
    daemon = Daemon(directory)
    path = str(folder / "s" / "e.sock")
    listener = EmergencyListener(path, Desk(daemon))
    listener.start()
    is_over = threading.Event()
    for number in range(4):
        # A broker call that never returns.
        daemon.latch.begin_call(f"hung{number}", CallKind.ENTRY)
        threading.Thread(target=is_over.wait, daemon=True).start()
    busy = threading.Thread(target=_begin_until, args=(daemon.latch, is_over), daemon=True)
    busy.start()

    def kill_with_file(number: int) -> None:
        # As the command line does: the file first, then the call.
        set_stop(directory, "kill", f"f{number}", reason="r", actor="a")
        _ask(path, "kill", f"f{number}")
        (Path(directory) / f"kill-f{number}").unlink()
        daemon.latch.release((f"f{number}",))

    def kill_on_socket(number: int) -> None:
        _ask(path, "kill", f"s{number}")

    def tidy_up(number: int) -> None:
        (Path(directory) / f"kill-s{number}").unlink()
        daemon.latch.release((f"s{number}",))

    rows = [
        _row("latch file and acknowledgement, call hangs", _times(kill_with_file, calls), None, ""),
        _row(
            "acknowledgement alone, call hangs",
            _times(kill_on_socket, calls, after=tidy_up),
            ACKNOWLEDGE_AIM_MS,
            "p99",
        ),
        _row(
            "risk-check, call hangs",
            _times(lambda n: _ask(path, "risk_check", f"c{n}"), calls),
            RISK_CHECK_AIM_MS,
            "p99",
        ),
    ]
    is_over.set()
    busy.join(5)
    listener.stop()
    return rows


def begin_call(calls: int) -> list[Row]:
    """Time what the latch costs the gateway for one order: read the directory, check, register."""
    with tempfile.TemporaryDirectory(prefix="hfl-") as folder:
        prepare(folder)
        latch = MemoryLatch(folder)

        def once(number: int) -> None:
            latch.begin_call(f"c{number}", CallKind.ENTRY)
            latch.end_call(f"c{number}")

        return [_row("begin_call and end_call of one order", _times(once, calls), None, "")]


def _ask(path: str, verb: str, request_id: str) -> None:
    reply = client.call(path, {"verb": verb, "request_id": request_id}, timeout_s=5.0)
    if not reply.is_ok or (verb == "kill" and len(reply.calls_begun) < 4):
        raise SystemExit(f"expected an acknowledgement with the hung calls, found {reply.text}")


def _begin_until(latch: MemoryLatch, is_over: threading.Event) -> None:
    # 1,000 attempts a second: more than any gateway makes.
    while not is_over.wait(0.001):
        if latch.begin_call("busy", CallKind.ENTRY) is None:
            latch.end_call("busy")


def _times(
    act: Callable[[int], None], calls: int, after: Callable[[int], None] | None = None
) -> list[float]:
    took = []
    for number in range(calls):
        started = time.perf_counter()
        act(number)
        took.append((time.perf_counter() - started) * 1000)
        if after is not None:
            after(number)
    return took


def _row(name: str, took: list[float], aim: float | None, judged: str) -> Row:
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return name, round(statistics.median(ordered), 3), round(p99, 3), aim, judged


if __name__ == "__main__":
    sys.exit(main())
