"""How a reader opens a journal it must not disturb, whatever the state of its log and directory.

Tried (contracts.md 11): `mode=ro` works beside a living writer; without a log in a read-only
directory only `immutable=1` does; with a log that cannot be opened, both files are copied;
`immutable` beside a log that holds rows silently misses them.
"""

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import quote

from hfl_core.domain.errors import JournalError
from hfl_journal.rows import DATABASE_ERRORS

COPY_ATTEMPTS: Final = 5
READ_TIMEOUT_S: Final = 0.25


class OpenedForReading:
    """A read-only connection and, when the files had to be copied.

    The private directory they are in.
    """

    def __init__(self, connection: sqlite3.Connection, private: Path | None) -> None:
        self.connection = connection
        self._private = private

    @property
    def is_copy(self) -> bool:
        """Tell whether a copy is read, which no longer follows the journal."""
        return self._private is not None

    def close(self) -> None:
        """Close the connection and remove the private copy."""
        self.connection.close()
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)


def open_for_reading(path: Path) -> OpenedForReading:
    """Open a journal read-only as contracts.md 11 says. Raises JournalError."""
    if not path.is_file():
        raise JournalError(
            f"expected a journal at {path}, found none: start the bot once (hfl run), or name "
            "another mode or account"
        )
    try:
        return OpenedForReading(_connect(path, "mode=ro"), None)
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode
        has_log = _log_bytes(path) > 0
        try:
            if code == sqlite3.SQLITE_READONLY_DIRECTORY and not has_log:
                return OpenedForReading(_connect(path, "mode=ro&immutable=1"), None)
            if code & 0xFF == sqlite3.SQLITE_CANTOPEN and not has_log:
                return OpenedForReading(_connect(path, "mode=ro&immutable=1"), None)
            if has_log and code & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                return _open_copy(path)
        except DATABASE_ERRORS as second:
            raise _unreadable(path, second) from second
        raise _unreadable(path, error) from error
    except DATABASE_ERRORS as error:
        raise _unreadable(path, error) from error


def _connect(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{options}",
        uri=True,
        isolation_level=None,
        timeout=READ_TIMEOUT_S,
    )
    try:
        for pragma in ("query_only=ON", "trusted_schema=OFF", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        # The first read is what opens the log.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _open_copy(path: Path) -> OpenedForReading:
    private = Path(tempfile.mkdtemp(prefix="hfl-journal-"))
    try:
        log = path.with_name(f"{path.name}-wal")
        copy = private / path.name
        for _ in range(COPY_ATTEMPTS):
            before = _state(path), _state(log)
            shutil.copyfile(path, copy)
            if log.exists():
                shutil.copyfile(log, copy.with_name(log.name))
            if before == (_state(path), _state(log)):
                return OpenedForReading(_connect(copy, "mode=rw"), private)
        raise _restless(path)  # noqa: TRY301  # the private copy is removed below
    except OSError as error:
        shutil.rmtree(private, ignore_errors=True)
        raise _unreadable(path, error) from error
    except BaseException:
        shutil.rmtree(private, ignore_errors=True)
        raise


def _state(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0, 0)
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _log_bytes(path: Path) -> int:
    return _state(path.with_name(f"{path.name}-wal"))[1]


def _unreadable(path: Path, error: Exception) -> JournalError:
    return JournalError(
        f"expected to read the journal {path}, found: {error}; check its permissions, verify it "
        "(hfl journal verify), or restore a backup (hfl journal restore FILE --reason TEXT)"
    )


def _restless(path: Path) -> JournalError:
    return JournalError(
        f"expected {path} to keep still while it was copied, found it changing "
        f"{COPY_ATTEMPTS} times: read it as the user who runs the bot"
    )
