"""A real daemon in a home of its own and the `hfl` command beside it, for `process` tests."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from hfl.home import Home, home_paths
from hfl.remote import snapshot
from hfl.standing import standing_of
from hfl_core.brokers.paper import Broker
from hfl_core.domain import events as ev
from hfl_journal.keys import load_key
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_journal
from tests.hfl.gated import GATE, at_of, write_number

# A bar a twentieth of a second: fast enough for a test, slow enough to type between two of them.
PACED = ("--feed", "simulated", "--bars", "5000", "--speed", "72000")
SHORT = ("--feed", "simulated", "--bars", "120", "--speed", "max", "--until-end", "--no-api")
# Deadlines of what is awaited: as long as a busy machine may need, never a claim.
WAIT_S = 120.0
COMMAND_S = 240.0
BARS_MAX = 2_000
GATED = Path(__file__).with_name("gated.py")
MAIN = "from hfl.cli import main; raise SystemExit(main())"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def sentence(self):
        """Return the one line that begins with `hfl:`; fail when there is not exactly one."""
        lines = [line for line in self.err.splitlines() if line.startswith("hfl: ")]
        assert len(lines) == 1, self
        assert "Traceback" not in self.err, self
        return lines[0]


@dataclass(slots=True)
class Bot:
    """Use as a context: daemons and venues that it started end with it."""

    folder: Path = field(init=False)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started_commands: list[subprocess.Popen[bytes]] = field(default_factory=list)
    # How many bars may have closed behind the first one of the newest run whose market is held.
    allowed: int = 0

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hfl-bot-"))
        return self

    def __exit__(self, kind, error, trace):
        for process in (*self.started, *self.started_commands):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.communicate(timeout=WAIT_S)
        self.kill_venue()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def root(self):
        return self.folder / "h"

    @property
    def home(self):
        return Home(paths=home_paths(str(self.root)), mode="paper", account="main")

    @property
    def environment(self):
        return {**os.environ, "HFL_HOME": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}

    def hfl(self, *words, timeout=COMMAND_S, text="", program=MAIN, **environment):
        """Type a command and wait for its end."""
        typed = self.type(*words, program=program, **environment)
        return self.said(typed, timeout=timeout, text=text)

    def type(self, *words, program=MAIN, **environment):
        """Type a command and leave it to run; `said` waits for its end."""
        process = subprocess.Popen(
            [sys.executable, "-c", program, *words],
            env={**self.environment, **environment},
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started_commands.append(process)
        return process

    def said(self, process, *, timeout=COMMAND_S, text=""):
        """Wait for the end of a command."""
        out, err = process.communicate(text.encode(), timeout=timeout)
        return Said(code=process.returncode, out=out.decode(), err=err.decode())

    def start(self, *words, waits=True):
        """Start `hfl run` and return its process, by default when the emergency socket answers."""
        return self._start(["-c", MAIN], words or PACED, waits=waits)

    def start_still(self, *words):
        """Start `hfl run` in a market that stands still behind its first bar: see `bars`."""
        self.allowed = 0
        write_number(self._gate(len(self.started)), 0)
        return self._start(["-P", str(GATED)], words or PACED, waits=True)

    def _start(self, program, words, *, waits):
        number = len(self.started)
        with (self.folder / f"run{number}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *program, "run", *words],
                env={**self.environment, GATE: str(self._gate(number))},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.started.append(process)
        if waits:
            self.until(lambda: process.poll() is not None or self.standing() is not None)
            assert process.poll() is None, self.log()
            self.until(lambda: self.standing().state)
        return process

    def _gate(self, number=-1):
        return self.folder / f"gate{number if number >= 0 else len(self.started) - 1}"

    def bars(self, number):
        """Let so many more bars close, and wait until all of them are taken."""
        self.allow(number)
        self.until(self._is_still)

    def bars_until(self, happened):
        """Let bars close, one by one, until something is true and return it."""

        def look():
            found = happened()
            if not found:
                self.allow(1)
            return found

        return self.until(look)

    def allow(self, number):
        """Let so many more bars close, whenever they are taken."""
        self.allowed += number
        write_number(self._gate(), self.allowed)

    def _is_still(self):
        """Tell whether every bar that may close is taken, and what it led to answered."""
        at = at_of(self._gate())
        return at.exists() and int(at.read_text()) > self.allowed

    def hold(self):
        """Let bars close until a position is held, then none; return how the bot stands.

        What the bot says then is what the venue's own books say, and stays so.
        """
        self.until(self._is_still)
        while not (held := self.venue_positions()):
            assert self.allowed < BARS_MAX, "expected the simulated market to be traded"
            self.bars(5)
        said = lambda: {s: Decimal(row[0]) for s, row in self.standing().positions.items()}
        self.until(lambda: said() == held)
        return self.standing()

    def log(self, number=-1):
        index = len(self.started) - 1 if number == -1 else number
        return (self.folder / f"run{index}.log").read_text()

    def standing(self):
        found = snapshot(self.home)
        return None if found is None else standing_of(found)

    def until(self, happened, *, seconds=WAIT_S):
        """Wait until something is true and return it."""
        ends = time.monotonic() + seconds
        while not (found := happened()):
            assert time.monotonic() < ends, (self.standing(), self.log() if self.started else "")
            time.sleep(0.02)
        return found

    def trade(self):
        """Wait until a position is held."""
        return self.until(lambda: (s := self.standing()) is not None and s.positions and s)

    def resume(self, *words):
        return self.hfl("resume", "--type", "RESUME", "--reason", "looked at it", *words)

    def kill_venue(self):
        """End the paper venue's process without a word."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.root / "venue" / "main" / "venue.pid").read_text())
            if b"hfl_core.venue" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)

    def venue_positions(self):
        """Return what is held by the venue's own books: symbol to quantity."""
        broker = Broker(Path(self.home.paths.venue_socket("main")), account="main")
        account = broker.account(deadline_s=WAIT_S)
        return {str(row.symbol): row.quantity for row in account.positions if row.quantity}

    def venue_pid(self):
        return int((self.root / "venue" / "main" / "venue.pid").read_text())

    def rows(self, *kinds):
        """Return the journal's events of these kinds."""
        with JournalReader.open(self.home.journal.journal) as reader:
            return [row.event for row in reader.rows_of(*kinds)]

    def scans(self):
        return sum(row.scans for row in self.rows("ScansCoalesced"))

    def report(self):
        """Return the report of a whole verification."""
        where = self.home.journal
        return verify_journal(where.journal, head_path=where.head, key=load_key(where.key))

    def verify(self):
        """Return the findings of a whole verification; empty is clean."""
        return self.report().findings

    def assert_no_bar_twice(self):
        """Ranges of cursors follow each other without overlap: nothing is doubled."""
        at = 0
        for row in self.rows("ScansCoalesced", "BarsRejected"):
            if isinstance(row, ev.ScansCoalesced):
                assert row.cursor_from >= at
                at = row.cursor_to
