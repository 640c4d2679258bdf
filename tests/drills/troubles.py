"""What can be wrong with a daemon while it is stopped, switched on and off from outside."""

import contextlib
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.drills.harness import Drill

LOCK_WAIT_S = 180.0
POLL_S = 0.01
# How long a call is awaited that will hang.
HANG_AWAITED_S = 2.0


@contextlib.contextmanager
def troubled(drill: "Drill") -> Iterator[None]:
    """Switch the drill's trouble on, and off again."""
    with _TROUBLES[drill.trouble](drill):
        yield


@contextlib.contextmanager
def _switch(drill: "Drill", name: str, text: str = "") -> Iterator[None]:
    file = drill.folder / name
    file.write_text(text)
    try:
        yield
    finally:
        file.unlink()


@contextlib.contextmanager
def _hung_broker(drill: "Drill") -> Iterator[None]:
    """Hang every call, and go on once one hangs if one comes soon."""
    before = len(drill.asked_latch())
    with _switch(drill, "hang-broker"):
        ends_s = time.monotonic() + HANG_AWAITED_S
        while len(drill.asked_latch()) == before and time.monotonic() < ends_s:
            time.sleep(POLL_S)
        yield


@contextlib.contextmanager
def _locked_database(drill: "Drill") -> Iterator[None]:
    """Hold the journal's write lock, as a stuck backup would."""
    connection = sqlite3.connect(
        drill.home.journal.journal, isolation_level=None, timeout=LOCK_WAIT_S
    )
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


@contextlib.contextmanager
def _full_disk(drill: "Drill") -> Iterator[None]:
    """Let no file of the daemon grow any more, nor shrink and grow again."""
    free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(drill.daemon.pid, resource.RLIMIT_FSIZE, (0, free[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(drill.daemon.pid, resource.RLIMIT_FSIZE, free)


@contextlib.contextmanager
def _dead_socket(drill: "Drill") -> Iterator[None]:
    """Take the emergency socket's file away."""
    path = Path(drill.home.paths.emergency_socket)
    aside = path.with_suffix(".aside")
    with contextlib.suppress(FileNotFoundError):
        path.rename(aside)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            aside.rename(path)


@contextlib.contextmanager
def _stopped_process(drill: "Drill") -> Iterator[None]:
    drill.daemon.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            drill.daemon.send_signal(signal.SIGCONT)


_TROUBLES: dict[str, Callable[["Drill"], contextlib.AbstractContextManager[None]]] = {
    "none": lambda drill: contextlib.nullcontext(),
    "hung_broker": _hung_broker,
    "hung_step": lambda drill: _switch(drill, "hang-step"),
    "locked_database": _locked_database,
    "full_disk": _full_disk,
    "dead_socket": _dead_socket,
    "stopped_process": _stopped_process,
    "stepped_clock": lambda drill: _switch(
        drill, "step-clock", str(drill.chance.choice((-3600, -5, 5, 3600)))
    ),
}
TROUBLES = tuple(_TROUBLES)
