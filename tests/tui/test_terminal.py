"""The real command in a real terminal: what it shows, that it stops the bot, and how it leaves."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from hfl.home import home_paths
from hfl_config.create import create_home
from hfl_core.gateway import latch_files
from hfl_tui.driver import SirenDriver
from tests.tui.terminal import ENDINGS, Terminal

pytestmark = pytest.mark.process

PATCHED = """
import sys, threading, time
from pathlib import Path
from hfl_tui.app import Viewer
from hfl.cli import main

real = Viewer.on_mount
def on_mount(self):
    real(self)
    self.set_timer(2.0, lambda: trouble(self))

{trouble}
Viewer.on_mount = on_mount
raise SystemExit(main(["tui"]))
"""
BLOCKED = """
def trouble(viewer):
    Path("{marks}/begun").touch()
    time.sleep(8)
    Path("{marks}/over").touch()
"""
FLOODED = """
def trouble(viewer):
    Path("{marks}/begun").touch()
    for number in range(100_000):
        viewer._driver.write("x" * 4_096)
    Path("{marks}/over").touch()
"""
BROKEN = """
def trouble(viewer):
    raise RuntimeError("a bug of ours")
"""


def program(trouble, marks=""):
    return PATCHED.format(trouble=trouble.replace("{marks}", str(marks)))


def stops(home):
    return [level for level, _ in latch_files.read(str(home / "run" / "latch")).stops]


def test_it_shows_the_last_journal_without_a_daemon_and_q_leaves(home):
    with Terminal(home) as terminal:
        terminal.until_text("NO DAEMON", "day loss", "Last decision", "^X EMERG")
        terminal.type("2")
        terminal.until_text("Trades", "why it ended", "T-")
        terminal.type("1q")

        assert terminal.ended() == 0
        assert terminal.is_clean()
        assert stops(home) == []


@pytest.mark.parametrize("number", ENDINGS)
def test_a_signal_leaves_the_terminal_as_it_was(home, number):
    with Terminal(home) as terminal:
        terminal.until_text("^X EMERG")
        terminal.signal(number)

        assert terminal.ended() == 128 + number
        assert terminal.is_clean()


def test_a_bug_is_one_sentence_in_a_clean_terminal(home):
    with Terminal(home, program=program(BROKEN)) as terminal:
        terminal.until_text("^X EMERG")

        assert terminal.ended() == 1
        assert terminal.is_clean()
        tail = terminal.bytes().decode()
        assert "hfl: expected `hfl tui` to work, found RuntimeError: a bug of ours" in tail
        assert "Traceback" not in tail


def test_control_x_twice_writes_the_latch_while_the_event_loop_is_blocked(home, tmp_path):
    with Terminal(home, program=program(BLOCKED, tmp_path)) as terminal:
        terminal.until_text("^X EMERG")
        terminal.until((tmp_path / "begun").exists)
        terminal.type("\x18\x18")
        terminal.until(lambda: stops(home))

        assert not (tmp_path / "over").exists()
        assert stops(home) == ["reduce_only"]
        terminal.until_text("EMERGENCY", "latch file")


def test_control_x_twice_writes_the_latch_while_nobody_reads_the_terminal(home, tmp_path):
    with Terminal(home, program=program(FLOODED, tmp_path)) as terminal:
        terminal.until_text("^X EMERG")
        terminal.stall()
        terminal.until((tmp_path / "begun").exists)
        terminal.type("\x18\x18")
        terminal.until(lambda: stops(home))

        assert not (tmp_path / "over").exists()
        assert stops(home) == ["reduce_only"]


def test_the_kitty_encoding_of_the_key_stops_as_well(home):
    with Terminal(home) as terminal:
        terminal.until_text("^X EMERG")
        terminal.type("\x1b[120;5u\x1b[120;5u")
        terminal.until(lambda: stops(home))
        terminal.until_text("EMERGENCY", "orders accepted since latch: 0")
        # A stop without a daemon is done at once: the next start finds it.
        terminal.until_text("no daemon is running")


def test_a_pasted_control_x_does_not_stop(home):
    with Terminal(home) as terminal:
        terminal.until_text("^X EMERG")
        terminal.type("\x1b[200~\x18\x18\x1b[201~")
        terminal.type("3")
        terminal.until_text("ended shown")

        assert stops(home) == []


def test_typing_a_whole_command_at_once_kills_nothing_by_accident(home):
    with Terminal(home) as terminal:
        terminal.until_text("^X EMERG")
        terminal.type("\x18kKIL\r")
        terminal.until_text("KILL  confirm", "nothing was done")
        terminal.type("\x1b")
        terminal.until(lambda: "confirm" not in terminal.text)
        time.sleep(2.1)

        assert stops(home) == []
        terminal.type("\x18kKILL\r")
        terminal.until(lambda: stops(home))
        assert stops(home) == ["kill"]


def test_an_idle_screen_sends_next_to_nothing(home):
    """At most 100 bytes a second, measured over ten: ages move in steps, and nothing else does."""
    with Terminal(home, columns=140, rows=40) as terminal:
        terminal.until_text("^X EMERG", "NO DAEMON")
        time.sleep(3)
        before = terminal.byte_count
        time.sleep(10)

        assert (terminal.byte_count - before) / 10 <= 100


def test_without_a_terminal_it_is_one_sentence(home, hfl_home):
    import subprocess
    import sys

    from tests.tui.terminal import ENTRY

    done = subprocess.run(
        [sys.executable, "-c", ENTRY],
        env={**os.environ, "HFL_HOME": str(home)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("hfl: expected a terminal, found none")
    assert done.stderr.count("\n") == 1


def test_an_empty_home_and_a_damaged_journal_are_clear_screens(tmp_path, home):
    empty = tmp_path / "empty"
    create_home(home_paths(str(empty)))
    with Terminal(empty) as terminal:
        terminal.until_text("NO JOURNAL", "hfl run")
    journal = home / "journal" / "paper-main.sqlite"
    journal.write_bytes(b"\x00" * 100 + journal.read_bytes()[100:5_000])
    for beside in journal.parent.glob("*-wal"):
        beside.unlink()
    with Terminal(home) as terminal:
        terminal.until_text("UNREADABLE", "^X EMERG")
        assert "Traceback" not in terminal.text
        terminal.type("q")
        assert terminal.ended() == 0


def test_the_driver_hears_keys_on_its_input_thread():
    """What the stop rests on in this version of Textual: the seam is there and is used there."""
    import inspect

    from textual.driver import Driver
    from textual.drivers.linux_driver import LinuxDriver

    source = inspect.getsource(LinuxDriver.run_input_thread)
    assert "self.process_message(" in source
    assert SirenDriver.process_message is not Driver.process_message
    assert signal.SIGTERM in ENDINGS
    assert Path(inspect.getfile(LinuxDriver)).exists()


def test_the_past_is_walked_through_in_a_real_terminal_and_nothing_is_sent_while_one_stands(home):
    with Terminal(home) as terminal:
        terminal.until_text("NO DAEMON", "Last decision")
        terminal.type("5")
        terminal.until_text("NOT LIVE", "Timeline", "hidden; u reveals", "as recorded")
        row = re.search(r"row ([\d,]+) ", terminal.text)
        assert row is not None
        last = int(row[1].replace(",", ""))
        terminal.type("[[[")
        terminal.until_text(f"row {last - 3:,} ", "as recorded")
        time.sleep(1)
        before = terminal.byte_count
        time.sleep(3)
        assert terminal.byte_count - before <= 300
        terminal.type("u")
        terminal.until_text("u hides it again")
        terminal.type("\x18")
        terminal.until_text("EMERGENCY - LIVE ENGINE")
        terminal.type("\x1b")
        terminal.until(lambda: "EMERGENCY -" not in terminal.text)
        terminal.type("Lq")

        assert terminal.ended() == 0
        assert terminal.is_clean()
        assert stops(home) == []
