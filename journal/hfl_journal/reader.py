"""A read-only follower of a journal file: rows, events and blobs in short transactions."""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from hfl_core.domain.errors import JournalError, TamperError
from hfl_core.ports import JournalRow
from hfl_journal.codec import BULK_KINDS, KIND_MARK, decode_event
from hfl_journal.follow import OpenedForReading, open_for_reading
from hfl_journal.rows import DATABASE_ERRORS, EVENT_COLUMNS, GENESIS, Anchor, BlobRow, RawRow
from hfl_journal.schema import read_meta, schema_version

# One page is one read transaction: the writer's checkpoints wait for nobody longer than this.
PAGE_ROWS: Final = 1_000
BLOB_BYTES_MAX: Final = 256 * 1024 * 1024
# A row as SQLite gives it, of whatever columns were asked for.
SqlRow = tuple[Any, ...]
_SELECT: Final = f"SELECT {EVENT_COLUMNS} FROM event"  # noqa: S608  # constants only
_BY_REF: Final = (
    f"SELECT {EVENT_COLUMNS} FROM event WHERE seq IN"  # noqa: S608  # constants only
    " (SELECT seq FROM event_ref WHERE ref = ? AND seq > ? ORDER BY seq LIMIT ?) ORDER BY seq"
)


def journal_row(raw: RawRow) -> JournalRow:
    """Return a stored row with its event decoded.

    Raises JournalError when the body does not fit.
    """
    return JournalRow(
        seq=raw.seq,
        run_id=raw.run_id,
        kind=raw.kind,
        version=raw.version,
        time_ns=raw.time_ns,
        wall_ns=raw.wall_ns,
        mono_ns=raw.mono_ns,
        boot_ns=raw.boot_ns,
        cause_seq=raw.cause_seq,
        actor=raw.actor,
        event=decode_event(raw.kind, raw.version, raw.body),
        prev=raw.prev,
        hash=raw.hash,
    )


def unpack_blob(row: BlobRow) -> bytes:
    """Return a blob's content. Raises TamperError when it is not what its hash says."""
    data = row.body
    if row.codec == "zlib":
        unpacker = zlib.decompressobj()
        try:
            data = unpacker.decompress(row.body, BLOB_BYTES_MAX)
        except zlib.error:
            data = b""
    if hashlib.sha256(data).hexdigest() != row.sha or len(data) != row.bytes:
        raise TamperError(
            f"expected the blob {row.sha} to have that SHA-256, found other content: restore a "
            "backup with `hfl journal restore FILE --reason TEXT`"
        )
    return data


class JournalReader:
    """Follows one journal by `seq > last`.

    Never writes, never holds a transaction between calls.
    """

    def __init__(self, opened: OpenedForReading, path: Path) -> None:
        self.path = path
        self._opened = opened
        self._connection = opened.connection
        try:
            schema_version(self._connection, path)
            self.meta = read_meta(self._connection)
        except DATABASE_ERRORS as error:
            opened.close()
            raise self._broken(error) from error
        except JournalError:
            opened.close()
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a journal read-only, whatever its directory and log allow. Raises JournalError."""
        return cls(open_for_reading(path), path)

    @property
    def connection(self) -> sqlite3.Connection:
        """Return the read-only connection, for verification and export."""
        return self._connection

    @property
    def is_copy(self) -> bool:
        """Tell whether a private copy is read, which does not follow the journal."""
        return self._opened.is_copy

    def last(self) -> Anchor:
        """Return the last committed row's seq and hash; the genesis for an empty journal."""
        found = self._query("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1", ())
        return Anchor(int(found[0][0]), bytes(found[0][1])) if found else GENESIS

    def hash_at(self, seq: int) -> bytes | None:
        """Return the stored hash of a row, None when it is not there."""
        found = self._query("SELECT hash FROM event WHERE seq = ?", (seq,))
        return bytes(found[0][0]) if found else None

    def rows(self, after_seq: int = 0, limit: int = PAGE_ROWS) -> tuple[JournalRow, ...]:
        """Return up to limit rows behind after_seq, oldest first."""
        return tuple(map(journal_row, self.page(after_seq, limit)))

    def page(self, after_seq: int = 0, limit: int = PAGE_ROWS) -> list[RawRow]:
        """Return up to limit rows behind after_seq undecoded, oldest first, as one transaction."""
        query = f"{_SELECT} WHERE seq > ? ORDER BY seq LIMIT ?"
        return [RawRow._make(row) for row in self._query(query, (after_seq, limit))]

    def raw_rows(self, after_seq: int = 0, to_seq: int | None = None) -> Iterator[RawRow]:
        """Yield rows behind after_seq up to to_seq undecoded, a page a transaction."""
        while page := self.page(after_seq):
            for row in page:
                if to_seq is not None and row.seq > to_seq:
                    return
                yield row
            after_seq = page[-1].seq

    def row(self, seq: int) -> JournalRow | None:
        """Return one row, None when it is not there."""
        found = self._query(f"{_SELECT} WHERE seq = ?", (seq,))
        return journal_row(RawRow._make(found[0])) if found else None

    def rows_of(
        self, *kinds: str, after_seq: int = 0, limit: int | None = None
    ) -> Iterator[JournalRow]:
        """Yield the rows of these kinds behind after_seq, oldest first, at most limit."""
        left = limit
        while left is None or left > 0:
            size = PAGE_ROWS if left is None else min(PAGE_ROWS, left)
            page = self._page_of(kinds, after_seq, size)
            yield from map(journal_row, page)
            if len(page) < size:
                return
            after_seq = page[-1].seq
            left = None if left is None else left - len(page)

    def last_before(self, time_ns: int, kind: str) -> JournalRow | None:
        """Return the newest row of a kind whose engine time is not after time_ns."""
        if kind in BULK_KINDS:
            query = f"{_SELECT} WHERE kind = ? AND time_ns <= ? ORDER BY seq DESC LIMIT 1"
            found = self._query(query, (kind, time_ns))
        else:
            query = (
                f"SELECT {EVENT_COLUMNS} FROM event_ref JOIN event USING (seq)"  # noqa: S608
                " WHERE ref = ? AND time_ns <= ? ORDER BY event_ref.seq DESC LIMIT 1"
            )
            found = self._query(query, (KIND_MARK + kind, time_ns))
        return journal_row(RawRow._make(found[0])) if found else None

    def rows_about(self, ref: str, after_seq: int = 0) -> tuple[JournalRow, ...]:
        """Return every row about one client order id or request id, oldest first."""
        found = self._query(_BY_REF, (ref, after_seq, -1))
        return tuple(journal_row(RawRow._make(row)) for row in found)

    def blob(self, sha: str) -> bytes:
        """Return a blob's content, checked against its hash.

        Raises JournalError when it is not there, TamperError when the content is not its hash's.
        """
        found = self._query("SELECT sha, codec, kind, body, bytes FROM blob WHERE sha = ?", (sha,))
        if not found:
            raise JournalError(
                f"expected the blob {sha} in {self.path}, found none: it was never stored, or "
                "somebody removed it (hfl journal verify)"
            )
        return unpack_blob(BlobRow._make(found[0]))

    def copy_into(self, target: Path) -> None:
        """Write a compact copy of the whole journal to a new file. Raises sqlite3.Error."""
        # The file is open read-only; query_only alone would take the copy for a write.
        self._connection.execute("PRAGMA query_only=OFF")
        try:
            self._connection.execute("VACUUM INTO ?", (str(target),))
        finally:
            self._connection.execute("PRAGMA query_only=ON")

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _page_of(self, kinds: Sequence[str], after_seq: int, limit: int) -> list[RawRow]:
        bulk = [kind for kind in kinds if kind in BULK_KINDS]
        marks = [KIND_MARK + kind for kind in kinds if kind not in BULK_KINDS]
        if bulk:
            places = ",".join("?" * len(kinds))
            query = f"{_SELECT} WHERE kind IN ({places}) AND seq > ? ORDER BY seq LIMIT ?"
            return [RawRow._make(row) for row in self._query(query, (*kinds, after_seq, limit))]
        rows: list[RawRow] = []
        for mark in marks:
            rows.extend(RawRow._make(row) for row in self._query(_BY_REF, (mark, after_seq, limit)))
        return sorted(rows)[:limit]

    def _query(self, query: str, values: tuple[str | int, ...]) -> list[SqlRow]:
        try:
            return self._connection.execute(query, values).fetchall()
        except DATABASE_ERRORS as error:
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> JournalError:
        return JournalError(
            f"expected to read {self.path}, found: {error}; verify it (hfl journal verify), or "
            "restore a backup (hfl journal restore FILE --reason TEXT)"
        )
