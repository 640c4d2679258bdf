"""A real terminal for the real command: a pseudo-terminal, its bytes, and pyte that draws them."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pyte

from tests.hfl.bot import MAIN

# As long as a busy machine may need; never a claim.
WAIT_S = 90.0
ENTRY = MAIN.replace("main()", "main(['tui'])")
# What a terminal must have been sent when a full-screen program has left it in order.
RESTORED = (
    b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?1004l",
    b"\x1b[<u", b"\x1b[?7h",
)  # fmt: skip


@dataclass
class Terminal:
    """Use as a context: the command that runs in it ends with it."""

    home: Path
    columns: int = 80
    rows: int = 24
    program: str = ENTRY
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self):
        self.master, self.slave = pty.openpty()
        size = struct.pack("HHHH", self.rows, self.columns, 0, 0)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size)
        self.modes = termios.tcgetattr(self.slave)
        self.screen = pyte.Screen(self.columns, self.rows)
        self.stream = pyte.ByteStream(self.screen)
        self.received = bytearray()
        self._reads = threading.Event()
        self._reads.set()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self.began_s = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.program],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            env={
                **os.environ,
                "HFL_HOME": str(self.home),
                "TERM": "xterm-256color",
                "COLUMNS": str(self.columns),
                "LINES": str(self.rows),
                "PYTHONDONTWRITEBYTECODE": "1",
                **self.environment,
            },
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self._ending.set()
        self._reads.set()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(WAIT_S)
        os.close(self.slave)
        self._thread.join(WAIT_S)
        os.close(self.master)

    def _read(self):
        while True:
            self._reads.wait()
            try:
                chunk = os.read(self.master, 65_536)
            except OSError:
                return
            if not chunk:
                return
            with self._lock:
                self.received += chunk
                self.stream.feed(chunk)

    def stall(self):
        """Stop reading, as a terminal does whose link is gone."""
        self._reads.clear()

    def go_on(self):
        """Read again."""
        self._reads.set()

    def type(self, text):
        os.write(self.master, text.encode())

    def signal(self, number):
        self.process.send_signal(number)

    @property
    def text(self):
        with self._lock:
            return "\n".join(self.screen.display)

    @property
    def byte_count(self):
        with self._lock:
            return len(self.received)

    def bytes(self):
        with self._lock:
            return bytes(self.received)

    def until(self, happened, *, seconds=WAIT_S):
        ends = time.monotonic() + seconds
        while not (found := happened()):
            assert time.monotonic() < ends, self.text
            time.sleep(0.005)
        return found

    def until_text(self, *wanted):
        """Wait until the screen shows all of these."""
        return self.until(lambda: all(each in self.text for each in wanted))

    def ended(self):
        """Wait for the end and return the exit code; everything written by then is read."""
        code = self.process.wait(WAIT_S)
        size = -1
        while size != self.byte_count:
            size = self.byte_count
            time.sleep(0.1)
        return code

    def is_clean(self):
        """Tell whether the terminal is as it was: every mode that was switched on is off."""
        sent = self.bytes()
        missing = [mode for mode in RESTORED if mode not in sent]
        assert not missing, (missing, self.text)
        shown = sent.rindex(b"\x1b[?1049h")
        assert all(sent.rindex(mode) > shown for mode in RESTORED)
        assert termios.tcgetattr(self.slave) == self.modes
        return True


ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
