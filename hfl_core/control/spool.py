"""The panic spool.

What happened without the engine, line by line and fsynced, adopted at the next start as external
events.

Writing never raises: a panic acts without its spool and says so. Standard library only.
"""

# Paths are text: every file here is opened by flags and descriptors.
# ruff: noqa: PTH103, PTH104, PTH116, PTH120, PTH123

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

BYTES_MAX: Final = 16 * 1024 * 1024
ADOPTED_SUFFIX: Final = ".adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolEntry:
    """One thing that was done: fits ExternalActed(actor, what, detail).

    number counts from 1 within a panic.
    """

    request_id: str
    number: int
    wall_ns: int
    actor: str
    what: str
    detail: str


class Spool:
    """The writing side of one panic, appended behind earlier ones that nobody adopted yet.

    trouble: why it is not written.
    """

    def __init__(self, path: str, *, request_id: str, actor: str) -> None:
        self.trouble = ""
        self._request_id = request_id
        self._actor = actor
        self._number = 0
        self._handle = -1
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            # A torn last line of an earlier panic must not swallow our first one.
            self._handle = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
            if os.fstat(self._handle).st_size:
                os.write(self._handle, b"\n")
            directory = os.open(os.path.dirname(path), os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as error:
            self.trouble = f"the spool {path} cannot be written: {error.strerror or error}"

    def add(self, what: str, detail: Mapping[str, object]) -> None:
        """Write one line durably, or remember the trouble."""
        self._number += 1
        if self._handle < 0:
            return
        line = json.dumps(
            {
                "request_id": self._request_id,
                "number": self._number,
                "wall_ns": time.time_ns(),  # noqa: TID251 - there is no runtime here
                "actor": self._actor,
                "what": what,
                "detail": json.dumps(detail, sort_keys=True, separators=(",", ":"), default=str),
            }
        )
        try:
            os.write(self._handle, line.encode() + b"\n")
            os.fsync(self._handle)
        except OSError as error:
            self.trouble = self.trouble or f"the spool is incomplete: {error.strerror or error}"

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def read(path: str) -> tuple[SpoolEntry, ...]:
    """Return what is to be adopted, in the order in which it was written.

    Nothing when there is no spool.

    Lines that are torn or not ours become an entry `unreadable`, never nothing. Raises OSError.
    """
    try:
        with open(path, "rb") as file:
            lines = file.read(BYTES_MAX).split(b"\n")
    except FileNotFoundError:
        return ()
    return tuple(_entry(line) for line in lines if line.strip())


def set_adopted(path: str) -> None:
    """Move the spool away, durably, once its entries are committed in the journal.

    Raises OSError.
    """
    last = os.stat(path).st_mtime_ns
    target = f"{path}{ADOPTED_SUFFIX}-{last}"
    os.rename(path, target)
    directory = os.open(os.path.dirname(path), os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _entry(line: bytes) -> SpoolEntry:
    try:
        fields = json.loads(line)
        return SpoolEntry(
            request_id=str(fields["request_id"]),
            number=int(fields["number"]),
            wall_ns=int(fields["wall_ns"]),
            actor=str(fields["actor"]),
            what=str(fields["what"]),
            detail=str(fields["detail"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        text = line[:200].decode("ascii", "backslashreplace")
        return SpoolEntry(
            request_id="", number=0, wall_ns=0, actor="spool", what="unreadable", detail=text
        )
