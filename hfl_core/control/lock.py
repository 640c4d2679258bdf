"""The lock that one daemon holds, and how a stop finds the process behind it.

The file holds one JSON line with the holder's pid and its start time, so that a reused pid is
never signalled (a bare pid is understood, too); the flock decides whether anybody holds it.
Standard library with few imports: `hfl kill` comes through here.
"""

from __future__ import annotations

import fcntl
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".lock"
MODES = ("paper-", "live-")
LOCK_FILES_MAX = 64
FILE_BYTES_MAX = 4096
# A stop that probes the lock holds it shared for microseconds; a starting daemon must not mistake
# that for a second daemon.
ACQUIRE_WAIT_S = 0.5
POLL_S = 0.005


class Holder:
    """A process that holds a daemon's lock.

    pid 0: somebody holds it, but the file does not say who.
    """

    __slots__ = ("path", "pid", "start")

    def __init__(self, *, path: str, pid: int, start: int) -> None:
        self.path = path
        self.pid = pid
        self.start = start

    def is_running(self) -> bool:
        """Tell whether it still lives.

        The process exists with the same start time, and the lock is held.
        """
        if self.pid and not _is_alive(self.pid, self.start):
            return False
        return not self.path or is_held(self.path)

    def signal(self, number: int) -> bool:
        """Send a signal to exactly this process; return False when it could not be sent to it."""
        if not self.pid:
            return False
        try:
            handle = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else -1
        except OSError:
            return False
        try:
            # The pidfd pins the process; only now can the start time not change under us.
            if not self.is_running():
                return False
            return _send(handle, self.pid, number)
        finally:
            if handle >= 0:
                os.close(handle)


class DaemonLock:
    """The lock as its owner has it; released when the process ends, whatever ends it."""

    __slots__ = ("_handle", "path")

    def __init__(self, path: str, handle: int) -> None:
        self.path = path
        self._handle = handle

    def release(self) -> None:
        """Give the lock back; the file stays."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def acquire(path: str, *, run_id: str = "", wait_s: float = ACQUIRE_WAIT_S) -> DaemonLock | None:
    """Take the lock and write who we are, or return None when another holds it beyond wait_s.

    Raises OSError.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(handle)
                return None
            time.sleep(POLL_S)
    pid = os.getpid()
    try:
        os.ftruncate(handle, 0)
        os.pwrite(
            handle,
            f'{{"pid":{pid},"start":{process_start(pid) or 0},"run":"{run_id}"}}\n'.encode(),
            0,
        )
        os.fsync(handle)
    except OSError:
        os.close(handle)
        raise
    return DaemonLock(path, handle)


def holders(run_dir: str) -> tuple[Holder, ...]:
    """Return every daemon of this installation that holds its lock now."""
    found = (holder(path) for path in _lock_files(run_dir))
    return tuple(one for one in found if one is not None)


def holder(path: str) -> Holder | None:
    """Return who holds this lock, or None when nobody does."""
    if not is_held(path):
        return None
    pid, start = _contents(path)
    if pid and start and process_start(pid) not in (start, None):
        pid = 0
    return Holder(path=path, pid=pid, start=start)


def is_held(path: str) -> bool:
    """Tell whether some process holds the lock (probed shared, for microseconds)."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def process_start(pid: int) -> int | None:
    """Return the start time of a process in clock ticks since boot.

    0 when it is a zombie, None when it cannot be told.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read(FILE_BYTES_MAX).rpartition(b")")[2].split()
        return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None


def _lock_files(run_dir: str) -> Iterator[str]:
    try:
        names = sorted(
            name for name in os.listdir(run_dir) if name.endswith(SUFFIX) and name.startswith(MODES)
        )
    except OSError:
        return
    for name in names[:LOCK_FILES_MAX]:
        yield os.path.join(run_dir, name)


def _contents(path: str) -> tuple[int, int]:
    try:
        with open(path, "rb") as file:
            text = file.read(FILE_BYTES_MAX).decode("ascii", "replace")
    except OSError:
        return 0, 0
    if text.lstrip().startswith("{"):
        return _number(text, '"pid":'), _number(text, '"start":')
    # A lock file may also hold the bare process id.
    return _number(text, ""), 0


def _number(text: str, key: str) -> int:
    digits = ""
    rest = text.partition(key)[2] if key else text
    for character in rest.lstrip()[:20]:
        if character not in "0123456789":
            break
        digits += character
    return int(digits or 0)


def _is_alive(pid: int, start: int) -> bool:
    found = process_start(pid)
    if found is not None:
        return found != 0 and (not start or found == start)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _send(handle: int, pid: int, number: int) -> bool:
    try:
        if handle >= 0:
            from signal import pidfd_send_signal

            pidfd_send_signal(handle, number)
        else:
            os.kill(pid, number)
    except OSError:
        return False
    return True
