"""Stops a real, troubled daemon at random instants; the venue's own log says what came after.

A drill is one home, one venue and one daemon that trades all the time. At each instant a trouble
is switched on, then a stop is typed: pauses, each followed by a resume, and at last a kill.
Judged is, for every entry the venue took in hand after the stop: with an acknowledgement it must
stand among the calls that the acknowledgement lists as begun; without one it must have asked the
latch before the stop was written. No time of this machine is a claim, only the order of events.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from hfl.home import Home, home_paths
from hfl.quick import LEVEL
from hfl.terms import venue_options
from hfl_config.create import create_home
from hfl_config.diff import load_effective
from hfl_config.model import LOSSES
from hfl_core.control import client, stopping
from hfl_core.gateway import latch_files
from hfl_core.venue.link import EXIT_ALREADY_RUNNING
from tests.drills.troubles import troubled
from tests.process.harness import ENVIRONMENT

HERE = Path(__file__).parent
# Deadlines of what is awaited: as long as a busy machine may need, never a claim.
WAIT_S = 180.0
POLL_S = 0.01
# A hundred bars a second, for two minutes.
SPEED = 360_000.0
BARS = 12_000
# How long a random wait may be.
WAIT_S_RANDOM = 0.05


def open_limits() -> list[str]:
    """Return settings under which nothing but a stop keeps the strategy from trading."""
    text = (resources.files("hfl_config") / "defaults/profiles/unlimited.toml").read_text()
    limits = tomllib.loads(text)["risk"]["limits"]
    limits |= dict.fromkeys(LOSSES, 0.99)
    limits |= {"risk_per_trade_fraction": 0.001, "gross_exposure_fraction_max": 1000}
    return [f"risk.limits.{name}={json.dumps(value)}" for name, value in limits.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One typed stop: when it was called, latched and acknowledged (0: never), and what it said."""

    verb: str
    trouble: str
    called_ns: int
    latched_ns: int
    acknowledged_ns: int
    begun: tuple[str, ...]
    events: tuple[str, ...]
    exit_code: int


@dataclass(slots=True, kw_only=True)
class Drill:
    """One home; use as a context, so that daemon, venue and files are gone in the end."""

    trouble: str
    seed: int
    is_deaf: bool = False
    stops: list[Stop] = field(default_factory=list)
    folder: Path = field(init=False)
    chance: random.Random = field(init=False)
    daemon: subprocess.Popen[bytes] = field(init=False)
    starts: int = 0

    def __enter__(self):
        self.chance = random.Random(f"{self.trouble} {self.seed}")
        self.folder = Path(tempfile.mkdtemp(prefix="hfl-drill-"))
        create_home(self.home.paths)
        shutil.copy(HERE / "flip.py", Path(self.home.paths.strategies))
        self._start_venue()
        self.start()
        return self

    def __exit__(self, kind, error, trace):
        for process in (self.daemon,):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(WAIT_S)
        with contextlib.suppress(OSError, ValueError):
            pid = int((Path(self.home.paths.venue_dir("main")) / "venue.pid").read_text())
            if str(self.folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def home(self) -> Home:
        return Home(paths=home_paths(str(self.folder / "h")), mode="paper", account="main")

    @property
    def settings(self) -> list[str]:
        return [
            "feed.source=simulated",
            'feed.simulated.symbols=["SIM-BTC","SIM-ETH"]',
            f"feed.simulated.bars={BARS}",
            f"feed.simulated.seed={self.seed}",
            "strategy.name=flip",
            "gateway.orders_per_minute_max=250",
            "account.cash_start=100000000",
            *open_limits(),
        ]

    # --- processes --------------------------------------------------------------------------------

    def _start_venue(self) -> None:
        loaded, _ = load_effective(self.home.paths, now_ns=time.time_ns(), settings=self.settings)
        options = venue_options(self.home, loaded)
        words = [
            f"--dir={options.directory}",
            f"--socket={options.socket_path}",
            f"--account={options.account}",
            f"--currency={options.currency}",
            f"--cash={options.cash}",
            "--idle-s=600",
            "--detach",
        ]
        program = [sys.executable, "-P", str(HERE / "watched_venue.py"), str(self.venue_log)]
        done = subprocess.run([*program, *words], env=ENVIRONMENT, timeout=WAIT_S, check=False)
        assert done.returncode in {0, EXIT_ALREADY_RUNNING}, done

    def start(self) -> None:
        """Start the daemon and wait until it listens."""
        self.spawn()
        self.until(lambda: self.is_over or self.ask("status") is not None)
        assert not self.is_over, self.log

    def spawn(self) -> None:
        """Start the daemon."""
        spec = {
            "home": str(self.folder / "h"),
            "settings": self.settings,
            "speed": SPEED,
            "folder": str(self.folder),
            "is_deaf": self.is_deaf,
        }
        self.starts += 1
        with (self.folder / f"daemon{self.starts}.log").open("wb") as log:
            self.daemon = subprocess.Popen(
                [sys.executable, "-P", str(HERE / "troubled_daemon.py"), json.dumps(spec)],
                cwd=self.folder,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    @property
    def is_over(self) -> bool:
        return self.daemon.poll() is not None

    @property
    def log(self) -> str:
        return (self.folder / f"daemon{self.starts}.log").read_text()

    def until(self, look: Callable[[], bool]) -> None:
        """Wait for something that comes, however busy the machine is."""
        ends_s = time.monotonic() + WAIT_S
        while not look():
            assert time.monotonic() < ends_s, f"{self.trouble} seed {self.seed}: {self.log}"
            time.sleep(POLL_S)

    def ask(self, verb: str, **fields):
        """Ask the daemon; None when it does not answer."""
        request = {"verb": verb, "request_id": client.request_id(), **fields}
        try:
            reply = client.call(self.home.paths.emergency_socket, request, timeout_s=5.0)
        except (OSError, ValueError):
            return None
        return reply.fields

    # --- what happened ----------------------------------------------------------------------------

    @property
    def venue_log(self) -> Path:
        return self.folder / "venue-log"

    def entries(self) -> list[tuple[int, str]]:
        """Return (nanoseconds, client id) of every entry the venue took in hand, oldest first."""
        found = []
        for line in _lines(self.venue_log):
            time_ns, client_id, kind = line.split()
            if kind == "entry":
                found.append((int(time_ns), client_id))
        return found

    def asked_latch(self) -> dict[str, int]:
        """Return client id -> when the call of an entry last asked the latch."""
        lines = (line.split() for line in _lines(self.folder / "checked.log"))
        return {client_id: int(time_ns) for time_ns, client_id, kind in lines if kind == "entry"}

    # --- a stop -----------------------------------------------------------------------------------

    def wait_for_trading(self) -> None:
        """Return a random moment after some more entries came to the venue."""
        before = len(self.entries())
        wanted = before + self.chance.randint(1, 3)
        self.until(lambda: self.is_over or len(self.entries()) >= wanted)
        time.sleep(self.chance.random() * WAIT_S_RANDOM)

    def stop(self, verb: str) -> Stop:
        """Type a stop under the drill's trouble, with the ladder that `hfl kill` climbs."""
        times: dict[str, int] = {}

        def say(event: str, milliseconds: float, sentence: str) -> None:
            del milliseconds, sentence
            times.setdefault(event, time.monotonic_ns())

        request_id = client.request_id()
        latch = self.home.paths.latch

        def write_latch() -> str:
            latch_files.set_stop(latch, LEVEL[verb], request_id, reason="drill", actor="drill")
            return "written"

        with troubled(self):
            time.sleep(self.chance.random() * WAIT_S_RANDOM)
            called_ns = time.monotonic_ns()
            outcome = stopping.carry_out(
                stopping.Request(
                    verb=verb,
                    request_id=request_id,
                    reason="drill",
                    actor="drill",
                    run_dir=self.home.paths.run,
                    socket_path=self.home.paths.emergency_socket,
                    write_latch=write_latch,
                ),
                started_s=called_ns / 1e9,
                say=say,
            )
        stop = Stop(
            verb=verb,
            trouble=self.trouble,
            called_ns=called_ns,
            latched_ns=times.get("latched", 0),
            acknowledged_ns=times.get("acknowledged", 0),
            begun=outcome.calls_begun,
            events=tuple(event for event, *_ in outcome.steps),
            exit_code=outcome.exit_code,
        )
        self.stops.append(stop)
        return stop

    def late_entries(self, stop: Stop, until_ns: int) -> list[str]:
        """Return the entries that began after a stop and before another time: there is none."""
        asked = self.asked_latch()
        since_ns = stop.acknowledged_ns or stop.latched_ns
        late = {each for at_ns, each in self.entries() if since_ns < at_ns < until_ns}
        if stop.acknowledged_ns:
            return sorted(late - set(stop.begun))
        return sorted(each for each in late if asked.get(each, 1 << 62) > since_ns)

    def resume(self) -> None:
        """Lift everything as a human does, and wait until nothing is in force."""

        def lifted() -> bool:
            if self.is_over:
                return True
            answer = self.ask("risk_check")
            if answer is None:
                return False
            on_disk = latch_files.read(self.home.paths.latch)
            if answer["level"] == latch_files.NONE and not on_disk.stops:
                return True
            known = (answer["snapshot"] or {}).get("stops", {})
            if known and set(known) >= set(on_disk.ids):
                typed = {"typed": "RESUME", "latch_ids": ",".join(known)}
                self.ask("resume", reason="drill", actor="drill", arguments=typed)
            return False

        self.until(lifted)

    def run(self, pauses: int) -> list[str]:
        """Pause and resume so many times, then kill; return every entry that came too late."""
        late: list[str] = []
        for _ in range(pauses):
            self.wait_for_trading()
            if self.is_over:
                break
            stop = self.stop("pause")
            time.sleep(self.chance.random() * WAIT_S_RANDOM)
            resumed_ns = time.monotonic_ns()
            self.resume()
            late += self.late_entries(stop, resumed_ns)
        if not self.is_over:
            self.wait_for_trading()
        stop = self.stop("kill")
        self.until(lambda: self.is_over)
        return late + self.late_entries(stop, 1 << 62)

    def starts_halted(self) -> bool:
        """Start again; tell whether it halts, killed, and the venue sees no entry of it."""
        before = len(self.entries())
        self.start()
        self.until(lambda: self._state() == ("halted", "killed"))
        return len(self.entries()) == before

    def _state(self) -> tuple[str, str]:
        answer = self.ask("risk_check")
        snapshot = (answer or {}).get("snapshot") or {}
        return snapshot.get("state", ""), snapshot.get("halt_reason", "")


def _lines(path: Path) -> list[str]:
    """Return the whole lines of a log that is being written."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().rpartition("\n")[0].splitlines()
    return []
