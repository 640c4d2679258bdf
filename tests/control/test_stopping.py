"""Real processes: a daemon that answers, one deaf to SIGTERM, one stopped, a dead socket."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hfl_core.control import ladder, lock, stopping

pytestmark = [pytest.mark.process, pytest.mark.timeout(60)]

# The ladder's deadlines are 1, 2 and 3 seconds (tests/control/test_ladder.py holds them exactly);
# here the room is wide, because the machine may be busy. A daemon of these lives for 60.
TOOK_S_MAX = 30.0

# A daemon by name of file: takes the lock, says so, then does what its mode asks for.
DAEMON = """
import json, os, signal, socket, sys, time
from hfl_core.control import lock
lock_path, socket_path, mode = sys.argv[1:]
held = lock.acquire(lock_path, run_id="r1")
assert held is not None
if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = None
if mode in ("polite", "acknowledges only", "mute", "refuses"):
    server = socket.socket(socket.AF_UNIX)
    server.bind(socket_path)
    server.listen()
print("up", flush=True)
while server is not None and mode != "mute":
    client = server.accept()[0]
    request = json.loads(client.makefile().readline())
    answer = {"ok": mode != "refuses", "calls_begun": ["c1"], "detail": "no"}
    client.sendall(json.dumps(answer).encode() + b"\\n")
    client.close()
    if mode == "polite":
        sys.exit(0)
time.sleep(60)
"""


class Home:
    def __init__(self, tmp_path):
        self.run = tmp_path
        self.lock = str(tmp_path / "paper-main.lock")
        self.socket = str(tmp_path / "e.sock")
        self.written = []
        self.process = None

    def start(self, mode):
        command = [sys.executable, "-c", DAEMON, self.lock, self.socket, mode]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "up\n"

    def stop(self, verb="kill", *, write=None, check=None):
        request = stopping.Request(
            verb=verb,
            request_id="r1",
            reason="test",
            actor="tester",
            run_dir=str(self.run),
            socket_path=self.socket,
            write_latch=write or self._write,
            check_venue=check,
        )
        said = []
        started_s = time.monotonic()
        outcome = stopping.carry_out(
            request, started_s=started_s, say=lambda *step: said.append(step)
        )
        assert tuple(said) == outcome.steps
        return outcome, [event for event, _, _ in outcome.steps], time.monotonic() - started_s

    def _write(self):
        self.written.append(lock.is_held(self.lock))
        return "written"


@pytest.fixture
def waits(monkeypatch):
    """Return the waits of the climb: filled when it sleeps or calls somebody."""
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


@pytest.fixture
def patient(monkeypatch):
    """A daemon that is on its way may be slow: the machine is busy."""
    for phase in ("calling", "exiting"):
        monkeypatch.setitem(ladder.LIMIT_S, phase, TOOK_S_MAX)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    yield home
    if home.process is not None:
        with contextlib.suppress(ProcessLookupError):
            home.process.kill()
        home.process.wait(30)
        home.process.stdout.close()


@pytest.mark.parametrize("verb", ladder.VERBS)
def test_without_a_daemon_it_latches_and_returns_at_once(home, waits, verb):
    outcome, events, _ = home.stop(verb)

    assert events[:2] == ["latched", "no_daemon"]
    assert outcome.exit_code == ladder.DONE
    assert home.written == [False]
    assert waits == []


@pytest.mark.parametrize("verb", ["kill", "pause"])
def test_dead_socket_file_without_a_daemon_is_no_daemon(home, waits, verb):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(home.socket)

    outcome, events, _ = home.stop(verb)

    assert events[:2] == ["latched", "no_daemon"]
    assert outcome.exit_code == ladder.DONE
    assert waits == []


def test_polite_daemon_acknowledges_and_ends_without_a_signal(home, patient):
    home.start("polite")

    outcome, events, _ = home.stop()

    assert events == ["latched", "acknowledged", "exited", "unchecked"]
    assert outcome.exit_code == ladder.DONE
    assert outcome.calls_begun == ("c1",)
    assert home.process.wait(30) == 0
    assert home.written == [True]


@pytest.mark.parametrize("mode", ["silent", "mute", "refuses"])
def test_unacknowledged_kill_terminates_after_one_second(home, mode):
    home.start(mode)

    outcome, events, took_s = home.stop()

    wanted = ["latched", "deadline", "exited", "unchecked"]
    assert [event for event in events if event != "unreachable"] == wanted
    assert outcome.exit_code == ladder.UNCONFIRMED
    assert home.process.wait(30) == -signal.SIGTERM
    assert 1.0 <= took_s < TOOK_S_MAX


def test_daemon_that_ignores_sigterm_is_killed_two_seconds_later(home):
    home.start("stubborn")

    outcome, _, took_s = home.stop()

    assert outcome.exit_code == ladder.UNCONFIRMED
    assert home.process.wait(30) == -signal.SIGKILL
    assert 3.0 <= took_s < TOOK_S_MAX


def test_stopped_daemon_is_killed(home):
    """A process under SIGSTOP keeps SIGTERM pending and its socket accepts into the backlog."""
    home.start("mute")
    os.kill(home.process.pid, signal.SIGSTOP)

    outcome, events, took_s = home.stop()

    assert events == ["latched", "deadline", "deadline", "exited", "unchecked"]
    assert outcome.exit_code == ladder.UNCONFIRMED
    assert home.process.wait(30) == -signal.SIGKILL
    assert 3.0 <= took_s < TOOK_S_MAX


def test_daemon_that_acknowledges_but_does_not_end_is_terminated_three_seconds_later(
    home, monkeypatch
):
    monkeypatch.setitem(ladder.LIMIT_S, "calling", TOOK_S_MAX)
    home.start("acknowledges only")

    outcome, events, took_s = home.stop()

    assert events == ["latched", "acknowledged", "deadline", "exited", "unchecked"]
    assert outcome.exit_code == ladder.UNCONFIRMED
    assert home.process.wait(30) == -signal.SIGTERM
    assert 3.0 <= took_s < TOOK_S_MAX


@pytest.mark.parametrize("verb", ["pause", "close_all"])
def test_unanswered_pause_leaves_the_process_alone_and_says_so(home, verb):
    home.start("mute")

    outcome, events, took_s = home.stop(verb)

    assert events == ["latched", "deadline"]
    assert outcome.exit_code == ladder.UNCONFIRMED
    assert home.process.poll() is None
    assert 1.0 <= took_s < TOOK_S_MAX


def test_answered_pause_leaves_the_process_alone(home, patient):
    home.start("acknowledges only")

    outcome, events, _ = home.stop("pause")

    assert events == ["latched", "acknowledged"]
    assert outcome.exit_code == ladder.DONE
    assert home.process.poll() is None


def full_disk():
    raise OSError(28, "No space left on device")


def test_full_disk_does_not_keep_a_kill_from_ending_the_daemon(home):
    home.start("silent")

    outcome, events, _ = home.stop(write=full_disk)

    assert events[0] == "latch_failed"
    assert outcome.exit_code == ladder.NOT_LATCHED
    assert home.process.wait(30) == -signal.SIGTERM


def test_full_disk_and_no_daemon_is_reported_as_nothing_done(home):
    outcome, _, _ = home.stop(write=full_disk)

    assert outcome.exit_code == ladder.NOTHING


def broken_venue():
    raise RuntimeError("maintenance")


@pytest.mark.parametrize(
    ("check", "code", "text"),
    [
        (lambda: 0, ladder.DONE, "confirms"),
        (lambda: 3, ladder.UNCONFIRMED, "LATCHED, 3 orders unconfirmed"),
        (broken_venue, ladder.UNCONFIRMED, "maintenance"),
    ],
)
def test_venue_that_does_not_confirm_is_never_reported_as_done(home, check, code, text):
    outcome, _, _ = home.stop(check=check)

    assert outcome.exit_code == code
    assert text in outcome.steps[-1][2]


def test_reused_pid_is_never_signalled(home):
    """The lock file names a living process that is not the one which wrote it."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        start = lock.process_start(other.pid)
        assert start
        stranger = lock.Holder(path="", pid=other.pid, start=start + 1)

        assert not stranger.is_running()
        assert not stranger.signal(signal.SIGKILL)
        assert other.poll() is None
        other.kill()


def test_starting_daemon_is_not_refused_because_a_stop_probes_its_lock(home):
    """Probing holds the lock shared for microseconds."""
    held = lock.acquire(home.lock)
    assert held is not None
    held.release()
    with Path(home.lock).open("rb") as probe:
        fcntl.flock(probe, fcntl.LOCK_SH)
        assert lock.acquire(home.lock, wait_s=0.05) is None
        fcntl.flock(probe, fcntl.LOCK_UN)
        second = lock.acquire(home.lock, wait_s=0.05)

    assert second is not None
    second.release()


def test_lock_with_a_bare_pid_is_understood(home):
    home.start("silent")
    Path(home.lock).write_text(f"{home.process.pid}\n")

    found = lock.holders(str(home.run))

    assert [one.pid for one in found] == [home.process.pid]


def test_holders_are_none_when_the_daemon_was_killed(home):
    home.start("silent")
    assert len(lock.holders(str(home.run))) == 1
    home.process.kill()
    home.process.wait(30)

    assert lock.holders(str(home.run)) == ()
