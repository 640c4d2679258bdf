"""What a running screen costs: CPU, memory and bytes, and a bare Textual application beside it."""

import os
import time
from pathlib import Path

from tests.tui.terminal import Terminal

TICKS_S = os.sysconf("SC_CLK_TCK")
SHOWN = "^X EMERG"
# The least that Textual can do: a text, and the same text changed by every key.
BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    presses = 0

    def compose(self):
        self.text = Static("bare 0\\n" * 20)
        yield self.text

    def on_key(self, event):
        self.presses += 1
        self.text.update(f"bare {self.presses}\\n" * 20)

Bare().run()
"""


def bare(home):
    return Terminal(home, program=BARE)


def cpu_s(pid):
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_S


def rss_mb(pid):
    """Return what of a process is in memory, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def to_first_paint(terminal, *wanted):
    """Return (CPU seconds, wall seconds) until the screen shows all of these."""
    terminal.until_text(*wanted)
    return cpu_s(terminal.process.pid), time.monotonic() - terminal.began_s


def key(terminal, keys, *, seconds=30.0):
    """Type and return (seconds to the first byte, bytes until nothing more comes)."""
    before = terminal.byte_count
    began = time.monotonic()
    terminal.type(keys)
    while terminal.byte_count == before:
        assert time.monotonic() - began < seconds, (keys, terminal.text)
        time.sleep(0.0005)
    first = time.monotonic() - began
    size = -1
    while size != terminal.byte_count:
        size = terminal.byte_count
        time.sleep(0.1)
    return first, size - before


def sent(terminal, seconds):
    """Return (bytes a second, share of a core) over a while in which nothing is typed."""
    pid = terminal.process.pid
    bytes_before, cpu_before, began = terminal.byte_count, cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return (terminal.byte_count - bytes_before) / took, (cpu_s(pid) - cpu_before) / took
