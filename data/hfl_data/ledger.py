"""A small append-only file of research: JSON lines, each chained to the one before by SHA-256.

What was tried and what was spent must outlive the process that did it, and nobody may change it
unnoticed. A changed, missing or moved line breaks the chain; a cut end does not show. A line that
was torn by a crash was never answered for, and is written over.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, Self

from hfl_core.domain.errors import DataError

Fact = str | int | float

WAIT_S: Final = 10.0
POLL_S: Final = 0.01
BYTES_MAX: Final = 64 * 1024 * 1024
START: Final = "0" * 64


class Entry(NamedTuple):
    """number: from 0; at_ns: when it was written, UTC; facts: what it says."""

    number: int
    at_ns: int
    facts: Mapping[str, Fact]


class Ledger:
    """The file, created with its folder when first written to.

    Reading takes no lock: lines are only ever added.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, oldest first; none if there is no file.

        Raises DataError where the chain is broken or the file cannot be read.
        """
        try:
            content = self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise DataError(
                f"expected to read {self.path}, found {error.strerror}: correct its permissions"
            ) from error
        return _entries(self.path, content)[0]

    @contextlib.contextmanager
    def writing(self) -> Iterator["Writer"]:
        """Hold the file against other writers for as long as the block runs.

        Raises DataError if another process holds it beyond 10 s, or it cannot be opened.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataError(
                f"expected to write {self.path}, found {error.strerror}: correct its permissions"
            ) from error
        try:
            _lock(handle, self.path)
            yield Writer.opened(self.path, handle)
        finally:
            os.close(handle)


class Writer:
    """A ledger that nobody else writes to."""

    def __init__(self, handle: int, entries: tuple[Entry, ...], last: str) -> None:
        self._handle = handle
        self._last = last
        self.entries = entries

    @classmethod
    def opened(cls, path: Path, handle: int) -> Self:
        """Read what is there and drop a torn last line."""
        size = os.fstat(handle).st_size
        if size > BYTES_MAX:
            raise DataError(f"expected {path} below {BYTES_MAX} bytes, found {size}: move it aside")
        content = os.pread(handle, size, 0)
        whole = content[: content.rfind(b"\n") + 1]
        entries, last = _entries(path, whole)
        if len(whole) != size:
            os.ftruncate(handle, len(whole))
        return cls(handle, entries, last)

    def add(self, facts: Mapping[str, Fact], *, at_ns: int) -> Entry:
        """Write one entry; it is on the disk when this returns.

        Raises DataError if the disk does not take it; then it is not there.
        """
        entry = Entry(len(self.entries), at_ns, dict(facts))
        body = _body(entry, self._last)
        line = json.dumps({**json.loads(body), "hash": _hash(body)}, sort_keys=True) + "\n"
        end = os.lseek(self._handle, 0, os.SEEK_END)
        try:
            _append(self._handle, line.encode(), end)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, end)
            raise DataError(
                f"expected to write an entry of the ledger, found {error.strerror}: make room"
            ) from error
        self._last = _hash(body)
        self.entries = (*self.entries, entry)
        return entry


def _append(handle: int, data: bytes, end: int) -> None:
    while data:
        written = os.pwrite(handle, data, end)
        end, data = end + written, data[written:]
    os.fsync(handle)


def _lock(handle: int, path: Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise DataError(
                    f"expected {path} to be free, found another process writing to it for"
                    f" {WAIT_S:g} s: let it finish"
                ) from None
            time.sleep(POLL_S)
        else:
            return


def _entries(path: Path, content: bytes) -> tuple[tuple[Entry, ...], str]:
    found: list[Entry] = []
    last = START
    lines = content.split(b"\n")[:-1]
    for number, line in enumerate(lines):
        try:
            given = json.loads(line)
            entry = Entry(given["number"], given["at_ns"], given["facts"])
            body = _body(entry, last)
            is_whole = given["prev"] == last and given["hash"] == _hash(body)
        except (ValueError, KeyError, TypeError):
            is_whole = False
        if not is_whole or entry.number != number:
            raise DataError(
                f"expected line {number + 1} of {path} as it was written, found it changed or out"
                " of place: restore the file from a copy, or move it aside and say so"
            )
        found.append(entry)
        last = _hash(body)
    return tuple(found), last


def _body(entry: Entry, previous: str) -> str:
    return json.dumps(
        {
            "number": entry.number,
            "at_ns": entry.at_ns,
            "facts": dict(entry.facts),
            "prev": previous,
        },
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
