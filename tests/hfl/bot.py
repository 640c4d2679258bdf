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
from pathlib import Path

from hfl.home import Home, home_paths
from hfl.remote import snapshot
from hfl.standing import standing_of
from hfl_core.brokers.paper import Broker
from hfl_core.domain import events as ev
from hfl_journal.keys import load_key
from hfl_journal.reader import JournalReader
from hfl_journal.verify import verify_journal

# A bar a twentieth of a second: fast enough for a test, slow enough to type between two of them.
PACED = ("--feed", "simulated", "--bars", "5000", "--speed", "72000")
SHORT = ("--feed", "simulated", "--bars", "120", "--speed", "max", "--until-end", "--no-api")
WAIT_S = 30.0
MAIN = "from hfl.cli import main; raise SystemExit(main())"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float

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

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hfl-bot-"))
        return self

    def __exit__(self, kind, error, trace):
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(WAIT_S)
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

    def hfl(self, *words, timeout=60.0, text="", program=MAIN, **environment):
        """Type a command and wait for its end."""
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            env={**self.environment, **environment},
            cwd=self.folder,
            input=text.encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        seconds = time.monotonic() - began
        return Said(
            code=done.returncode,
            out=done.stdout.decode(),
            err=done.stderr.decode(),
            seconds=seconds,
        )

    def start(self, *words, waits=True):
        """Start `hfl run` and return its process, by default when the emergency socket answers."""
        log = (self.folder / f"run{len(self.started)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "run", *(words or PACED)],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        log.close()
        self.started.append(process)
        if waits:
            self.until(lambda: process.poll() is not None or self.standing() is not None)
            assert process.poll() is None, self.log()
            self.until(lambda: self.standing().state)
        return process

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

    def verify(self):
        """Return the findings of a whole verification; empty is clean."""
        where = self.home.journal
        report = verify_journal(where.journal, head_path=where.head, key=load_key(where.key))
        return report.findings

    def assert_no_bar_twice(self):
        """Ranges of cursors follow each other without overlap: nothing is doubled."""
        at = 0
        for row in self.rows("ScansCoalesced", "BarsRejected"):
            if isinstance(row, ev.ScansCoalesced):
                assert row.cursor_from >= at
                at = row.cursor_to
