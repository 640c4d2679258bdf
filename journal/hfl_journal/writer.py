"""The journal's one writer.

A locked SQLite file, one durable transaction a commit, a keyed head behind it.
"""

import contextlib
import secrets
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from hfl_core.domain.errors import JournalError, TamperError
from hfl_core.domain.ids import JOURNAL_ID_LENGTH
from hfl_core.ports import Clock
from hfl_journal import files, head, keys, mounts
from hfl_journal.chain import ChainedBatch, OnPoint
from hfl_journal.lock import JournalLock
from hfl_journal.migrate import migrate
from hfl_journal.paths import JournalPaths
from hfl_journal.rows import DATABASE_ERRORS, GENESIS, Anchor
from hfl_journal.schema import (
    BUSY_TIMEOUT_MS,
    connect_writing,
    create_schema,
    read_meta,
    schema_version,
)

# How long a committed row may wait for the head (contracts.md 10 allows 50 ms).
HEAD_DELAY_NS: Final = 40_000_000
RESERVE_BYTES: Final = 4 * 1024 * 1024
_ID_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_INSERT_EVENT: Final = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_KEY: Final = "INSERT INTO event_key VALUES (?, ?)"
_INSERT_REF: Final = "INSERT INTO event_ref VALUES (?, ?)"
_INSERT_BLOB: Final = (
    "INSERT INTO blob SELECT ?1, ?2, ?3, ?4, ?5"
    " WHERE NOT EXISTS (SELECT 1 FROM blob WHERE sha = ?1)"
)


class Checkpoint(NamedTuple):
    """What a checkpoint did. is_busy: a reader or writer was in the way and it was skipped."""

    is_busy: bool
    wal_frames: int
    moved_frames: int


class JournalWriter(ChainedBatch):
    """The durable journal of one mode and account. Make it with `open`."""

    def __init__(
        self,
        *,
        paths: JournalPaths,
        lock: JournalLock,
        connection: sqlite3.Connection,
        run_id: str,
        clock: Clock,
        meta: dict[str, str],
        owns_lock: bool,
    ) -> None:
        last, wall_ns, time_ns = _last_row(connection)
        super().__init__(run_id=run_id, clock=clock, last=last, wall_ns=wall_ns)
        # The engine time of the last row when the journal was opened, 0 for an empty one.
        self.last_time_ns = time_ns
        self._owns_lock = owns_lock
        self.paths = paths
        self.mode = paths.mode
        self.account = paths.account
        self.journal_id = meta["journal_id"]
        self.is_low_on_disk = not files.reserve_space(paths.reserve, RESERVE_BYTES)
        self._lock = lock
        self._connection = connection
        self._key = keys.load_key(paths.key)
        self._report = self._compare_head()
        found = self._report.head
        self._anchored = found.at if found is not None else GENESIS
        self._verified = found.verified if found is not None else GENESIS
        self._unanchored_since_ns: int | None = None
        self._is_closed = False

    @classmethod
    def open(
        cls,
        paths: JournalPaths,
        *,
        clock: Clock,
        run_id: str,
        on_point: OnPoint | None = None,
        journal_id: str | None = None,
        lock: JournalLock | None = None,
    ) -> Self:
        """Open the journal as its only writer, creating it at its first use.

        journal_id: 6 of [a-z0-9] for a new journal, minted when None; lock: already held by the
        caller, who then releases it. Raises JournalError when another process writes it, it
        belongs to another mode or account, is newer than this program, lies on the disk of another
        machine, or is gone while its head or key is still there. How it stands to its head is in
        `head_report`.
        """
        try:
            paths.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(paths.directory, error.strerror or str(error)) from error
        mounts.refuse_other_machines(paths.directory)
        held = (lock or JournalLock(paths.lock)).acquire()
        connection: sqlite3.Connection | None = None
        try:
            _refuse_lost(paths)
            connection = _connect(paths)
            meta = _prepare(connection, paths, clock=clock, journal_id=journal_id)
            if _last_row(connection)[0] == GENESIS and not paths.key.exists():
                _finish_creation(paths, meta["journal_id"])
            writer = cls(
                paths=paths, lock=held, connection=connection, run_id=run_id, clock=clock,
                meta=meta, owns_lock=lock is None,
            )  # fmt: skip
            writer.on_point = on_point
        except BaseException as error:
            if connection is not None:
                connection.close()
            if lock is None:
                held.release()
            if isinstance(error, DATABASE_ERRORS):
                raise _unusable(paths.journal, str(error)) from error
            raise
        return writer

    @property
    def head_report(self) -> head.HeadReport:
        """Return how the journal stood to its head when it was opened or last compared."""
        return self._report

    @property
    def verified(self) -> Anchor:
        """Return where the last recorded verification ended.

        Verification at start goes on from here.
        """
        return self._verified

    @property
    def wal_bytes(self) -> int:
        """Return the size of the write-ahead log; above 64 MiB a reader is holding it."""
        try:
            return self.paths.journal.with_name(f"{self.paths.journal.name}-wal").stat().st_size
        except OSError:
            return 0

    def record_verified(self, anchor: Anchor) -> None:
        """Remember in the next head that the chain was verified up to this committed row."""
        assert anchor.seq <= self._committed.seq  # only committed rows are verified
        self._verified = anchor

    def head_due(self) -> bool:
        """Tell whether committed rows have waited long enough for their head."""
        since = self._unanchored_since_ns
        return since is not None and self._clock.monotonic_ns() - since >= HEAD_DELAY_NS

    def write_head(self) -> bool:
        """Anchor the committed rows; return whether it could be written (the disk may be full).

        Call it after the effects of the commit are handed over. Raises JournalError when the
        journal did not match its head: the evidence is never overwritten.
        """
        if not self._report.is_sound or self._key is None:
            raise TamperError(self._report.sentence)
        self._point("before_head")
        wanted = head.Head(journal_id=self.journal_id, at=self._committed, verified=self._verified)
        if not self._store_head(wanted, self._key):
            self.is_low_on_disk = True
            return False
        self._anchored = self._committed
        self._unanchored_since_ns = None
        self._report = head.HeadReport(
            state=head.HeadState.OK, sentence=f"anchored at row {wanted.at.seq}", head=wanted
        )
        self._point("after_head")
        return True

    def checkpoint_passive(self) -> Checkpoint:
        """Move what no reader needs from the log to the database, waiting for nobody."""
        return self._checkpoint("PASSIVE")

    def checkpoint_truncate(self) -> Checkpoint:
        """Move everything and shorten the log to nothing; skipped when anybody is reading."""
        return self._checkpoint("TRUNCATE")

    def close(self) -> None:
        """Write the head and give the journal back. Uncommitted rows are dropped.

        They never happened.
        """
        if self._is_closed:
            return
        self._is_closed = True
        try:
            if not self._dead and self._report.is_sound and self._committed != self._anchored:
                self.write_head()
        finally:
            if not self._dead:
                self._dead = "expected an open journal, found it closed: open it again"
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            if self._owns_lock:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _store(self) -> None:
        try:
            try:
                self._transact()
            except sqlite3.OperationalError as error:
                if not self._is_full(error) or not files.free_space(self.paths.reserve):
                    raise
                self.is_low_on_disk = True
                self._point("reserve_freed")
                self._transact()
        except sqlite3.Error as error:
            raise JournalError(
                f"expected to commit {len(self._rows)} rows to {self.paths.journal}, found "
                f"{error}: the process stops here; free disk space or repair the file, then start "
                "again"
            ) from error
        if self._unanchored_since_ns is None:
            self._unanchored_since_ns = self._clock.monotonic_ns()

    def _transact(self) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(_INSERT_EVENT, self._rows)
            if self._keys:
                connection.executemany(_INSERT_KEY, self._keys)
            if self._refs:
                connection.executemany(_INSERT_REF, self._refs)
            if self._blobs:
                connection.executemany(_INSERT_BLOB, list(self._blobs.values()))
            self._point("mid_commit")
            connection.execute("COMMIT")
        except BaseException:
            # SQLite ends the transaction by itself after some errors, a full disk among them.
            if connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise

    def _is_full(self, error: sqlite3.OperationalError) -> bool:
        return error.sqlite_errorcode == sqlite3.SQLITE_FULL

    def _store_head(self, wanted: head.Head, key: bytes) -> bool:
        for is_last in (False, True):
            try:
                head.write_head(self.paths.head, wanted, key)
            except OSError:
                if is_last or not files.free_space(self.paths.reserve):
                    return False
            else:
                return True
        return False

    def _checkpoint(self, kind: str) -> Checkpoint:
        if self._dead:
            raise JournalError(self._dead)
        self._connection.execute("PRAGMA busy_timeout=0")
        try:
            row = self._connection.execute(f"PRAGMA wal_checkpoint({kind})").fetchone()
        except sqlite3.OperationalError:
            # A full disk or a locked file: the log keeps everything, try again later.
            return Checkpoint(is_busy=True, wal_frames=-1, moved_frames=-1)
        finally:
            self._connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return Checkpoint(is_busy=bool(row[0]), wal_frames=int(row[1]), moved_frames=int(row[2]))

    def _compare_head(self) -> head.HeadReport:
        return head.check_head(
            head_path=self.paths.head,
            key=self._key,
            journal_id=self.journal_id,
            last=self._committed,
            hash_at=self._hash_at,
        )

    def _hash_at(self, seq: int) -> bytes | None:
        found = self._connection.execute("SELECT hash FROM event WHERE seq = ?", (seq,)).fetchone()
        return None if found is None else bytes(found[0])


def _refuse_lost(paths: JournalPaths) -> None:
    size = paths.journal.stat().st_size if paths.journal.exists() else 0
    for witness in (paths.key, paths.head):
        # The key is written last at creation, so a head alone beside an existing file is a
        # creation that was cut off, and is finished.
        if witness.exists() and size == 0 and (witness == paths.key or not paths.journal.exists()):
            raise TamperError(
                f"expected the journal {paths.journal}, found only its trace {witness}: put a "
                "backup back with `hfl journal restore FILE --reason TEXT`, or remove the trace "
                "to start an empty journal"
            )


def _connect(paths: JournalPaths) -> sqlite3.Connection:
    try:
        paths.journal.touch(mode=0o600, exist_ok=True)
        return connect_writing(paths.journal)
    except OSError as error:
        raise _unusable(paths.journal, error.strerror or str(error)) from error
    except DATABASE_ERRORS as error:
        raise _unusable(paths.journal, str(error)) from error


def _prepare(
    connection: sqlite3.Connection, paths: JournalPaths, *, clock: Clock, journal_id: str | None
) -> dict[str, str]:
    if schema_version(connection, paths.journal) == 0:
        minted = "".join(secrets.choice(_ID_LETTERS) for _ in range(JOURNAL_ID_LENGTH))
        create_schema(
            connection,
            {
                "journal_id": journal_id or minted,
                "mode": paths.mode,
                "account": paths.account,
                "created_ns": str(clock.wall_ns()),
            },
        )
        files.sync_directory(paths.directory)
    migrate(connection, paths.journal)
    meta = read_meta(connection)
    found = f"{meta.get('mode')}-{meta.get('account')}"
    if found != paths.name:
        raise JournalError(
            f"expected the journal of {paths.name} in {paths.journal}, found the one of {found}: "
            "put the right file there, or configure that mode and account"
        )
    return meta


def _last_row(connection: sqlite3.Connection) -> tuple[Anchor, int, int]:
    found = connection.execute(
        "SELECT seq, hash, wall_ns, time_ns FROM event ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if found is None:
        return GENESIS, 0, 0
    return Anchor(int(found[0]), bytes(found[1])), int(found[2]), int(found[3])


def _finish_creation(paths: JournalPaths, journal_id: str) -> None:
    """Write the genesis head, then the key: with the key in place a missing head is an alarm."""
    key = keys.new_key()
    genesis = head.Head(journal_id=journal_id, at=GENESIS, verified=GENESIS)
    try:
        head.write_head(paths.head, genesis, key, with_directory=True)
    except OSError as error:
        raise _unusable(paths.head, error.strerror or str(error)) from error
    keys.store_key(paths.key, key)


def _unusable(path: Path, found: str) -> JournalError:
    return JournalError(
        f"expected to read and write {path}, found: {found}; make it and its directory "
        "writable for this user, or put a backup back with `hfl journal restore FILE --reason TEXT`"
    )
