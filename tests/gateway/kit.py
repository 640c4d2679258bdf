"""A stage for the latch: stops of a tester, and a disk that notes every call and may fail."""

import errno
import os
from pathlib import Path

from hfl_core.gateway.latch_files import StopWritten, set_stop

WHO = {"reason": "test", "actor": "tester"}


class Disk:
    """Stands for the module os, with a record of what was done to which path, and with faults.

    faults: (call, last part of the path) -> what is raised instead.
    """

    def __init__(self):
        self.faults: dict[tuple[str, str], OSError] = {}
        self.did: list[tuple[str, str]] = []
        self._open: dict[int, str] = {}

    def __getattr__(self, name):
        return getattr(os, name)

    def _note(self, call, path):
        step = (call, Path(path).name)
        self.did.append(step)
        if step in self.faults:
            raise self.faults[step]

    def open(self, path, flags, mode=0o777):
        self._note("open", path)
        handle = os.open(path, flags, mode)
        self._open[handle] = path
        return handle

    def write(self, handle, data):
        self._note("write", self._open[handle])
        return os.write(handle, data)

    def fsync(self, handle):
        self._note("fsync", self._open[handle])
        os.fsync(handle)

    def close(self, handle):
        self._note("close", self._open.pop(handle))
        os.close(handle)

    def unlink(self, path):
        self._note("unlink", path)
        Path(path).unlink()

    @property
    def left_open(self):
        return list(self._open.values())

    def order_of(self, *steps):
        """Return these steps as they happened, without the others."""
        return [step for step in self.did if step in steps]


def latched(directory: Path | str, level: str, request_id: str = "a1") -> StopWritten:
    return set_stop(str(directory), level, request_id, **WHO)


def broken(number: int = errno.EIO) -> OSError:
    return OSError(number, os.strerror(number))
