"""The lock that makes a process the journal's only writer.

Held for life and released by the kernel, also on SIGKILL.
"""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from hfl_core.domain.errors import JournalError


class JournalLock:
    """An exclusive `flock` on a file that holds the owner's process id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Tell whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> Self:
        """Take the lock or raise JournalError naming the process that holds it."""
        if self._descriptor is not None:
            return self
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self.path, flags, 0o600)
        except OSError as error:
            raise JournalError(
                f"expected to lock {self.path}, found {error.strerror}: "
                "make the journal's directory writable for this user"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError as error:
            os.close(descriptor)
            holder = self.holder()
            who = f"process {holder}" if holder else "another process"
            raise JournalError(
                f"expected to be the only writer of this journal, found {who} holding "
                f"{self.path}: stop it first (hfl kill) or wait until it has ended"
            ) from error
        except OSError:
            # A full disk cannot take the process id; the lock itself holds without it.
            pass
        self._descriptor = descriptor
        return self

    def holder(self) -> int | None:
        """Return the process id written by the last holder, None when there is none."""
        with contextlib.suppress(OSError, ValueError):
            return int(self.path.read_text(encoding="ascii").strip())
        return None

    def release(self) -> None:
        """Give the lock back.

        The file stays, removing it would let two processes lock two files.
        """
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
