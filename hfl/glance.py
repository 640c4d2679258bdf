"""A quick look into a journal: rows as plain JSON values, found by reference.

Without the domain's classes.

For the verbs that must answer at once: importing the events alone costs more than their whole
budget. Rows are read as they are stored, so nothing here may be used to decide or to trade.
"""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from hfl_core.domain.errors import JournalError

KIND_MARK: Final = "@"
# The first page is short: most questions are about a short stretch.
PAGE_ROWS_FIRST: Final = 32
# A page of verdicts with all their rules takes 20 kB a row once it is unpacked.
PAGE_ROWS: Final = 200
# A step's rows follow its input closely: an input has never led to more than this.
STEP_ROWS_MAX: Final = 2_000
APPLICATION_ID: Final = 0x68666C6A
COLUMNS: Final = "seq, run_id, kind, time_ns, wall_ns, cause_seq, actor, body, hash"
_BY_SEQ: Final = f"SELECT {COLUMNS} FROM event WHERE seq = ?"  # noqa: S608  # constants only

# The fields of one event, as stored.
Data = dict[str, Any]


class Row(NamedTuple):
    """One row with its event's fields as plain JSON values."""

    seq: int
    run_id: str
    kind: str
    time_ns: int
    wall_ns: int
    cause_seq: int
    actor: str
    data: Data
    hash: str


class Glance:
    """A journal opened read-only. Every method raises JournalError when the file cannot be read."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, close: Callable[[], None]
    ) -> None:
        self.path = path
        self._connection = connection
        self._close = close

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open as contracts.md 11 says; the common case without what the others need."""
        if not path.exists():
            raise JournalError(
                f"expected the journal {path}, found none: start "
                "the bot with `hfl run` or `hfl demo`, "
                "or name another home with --home DIR"
            )
        try:
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
            )
            for pragma in ("query_only=ON", "trusted_schema=OFF", "mmap_size=0"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            close = connection.close
            application = connection.execute("PRAGMA application_id").fetchone()[0]
        except sqlite3.Error:
            from hfl_journal.follow import open_for_reading

            opened = open_for_reading(path)
            connection, close = opened.connection, opened.close
            application = connection.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID:
            close()
            raise JournalError(
                f"expected a journal of this program in {path}, found "
                "another SQLite database: name the right file"
            )
        return cls(connection, path, close)

    def last_seq(self) -> int:
        """Return the newest row's number, 0 for an empty journal."""
        found = self._query("SELECT max(seq) FROM event")
        return int(found[0][0] or 0)

    def row(self, seq: int) -> Row | None:
        """Return one row."""
        return next(self._rows(_BY_SEQ, seq), None)

    def newest(self, kind: str, before: int | None = None) -> Row | None:
        """Return the newest row of a kind, in front of a row number if one is given."""
        bound = (1 << 62) if before is None else before
        if kind == "Transitioned":
            query = (
                f"SELECT {COLUMNS} FROM event WHERE kind = 'Transitioned' "  # noqa: S608  # constants only
                "AND seq < ? ORDER BY seq DESC LIMIT 1"
            )
            return next(self._rows(query, bound), None)
        query = "SELECT seq FROM event_ref WHERE ref = ? AND seq < ? ORDER BY seq DESC LIMIT 1"
        found = self._query(query, KIND_MARK + kind, bound)
        return self.row(int(found[0][0])) if found else None

    def following(self, kind: str, seq: int) -> Row | None:
        """Return the first row of a kind at or behind a row number."""
        query = "SELECT seq FROM event_ref WHERE ref = ? AND seq >= ? ORDER BY seq LIMIT 1"
        found = self._query(query, KIND_MARK + kind, seq)
        return self.row(int(found[0][0])) if found else None

    def about(self, ref: str) -> list[Row]:
        """Return every row about one client order id or request id, oldest first."""
        query = (
            f"SELECT {COLUMNS} FROM event WHERE seq IN (SELECT seq "  # noqa: S608  # constants only
            "FROM event_ref WHERE ref = ?) ORDER BY seq"
        )
        return list(self._rows(query, ref))

    def of(self, kinds: Sequence[str], *, after: int = 0, to: int | None = None) -> Iterator[Row]:
        """Yield the rows of these kinds behind a row number, oldest first."""
        from heapq import merge

        bound = (1 << 62) if to is None else to
        return merge(*(self._of(kind, after, bound) for kind in kinds))

    def _of(self, kind: str, after: int, to: int) -> Iterator[Row]:
        query = (
            f"SELECT {COLUMNS} FROM event WHERE seq IN (SELECT seq FROM event_ref"  # noqa: S608  # constants only
            " WHERE ref = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?) ORDER BY seq"
        )
        size = PAGE_ROWS_FIRST
        while True:
            page = list(self._rows(query, KIND_MARK + kind, after, to, size))
            yield from page
            if len(page) < size:
                return
            after, size = page[-1].seq, PAGE_ROWS

    def step(self, seq: int) -> list[Row]:
        """Return an input's row and all that the engine made of it, in order."""
        query = f"SELECT {COLUMNS} FROM event WHERE seq >= ? ORDER BY seq LIMIT {STEP_ROWS_MAX}"  # noqa: S608  # constants only
        found: list[Row] = []
        for row in self._rows(query, seq):
            if found and row.cause_seq != seq:
                break
            found.append(row)
        return found

    def seqs(self, kind: str) -> list[int]:
        """Return the row numbers of a kind, oldest first."""
        query = "SELECT seq FROM event_ref WHERE ref = ? ORDER BY seq"
        return [int(seq) for (seq,) in self._query(query, KIND_MARK + kind)]

    def count(self, kind: str) -> int:
        """Return how many rows of a kind there are."""
        return int(
            self._query("SELECT count(*) FROM event_ref WHERE ref = ?", KIND_MARK + kind)[0][0]
        )

    def orders_like(self, prefix: str, limit: int = 5) -> list[str]:
        """Return client order ids that begin so, in order."""
        query = "SELECT key FROM event_key WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"
        found = self._query(query, f"intent:{prefix}", f"intent:{prefix}~", limit)
        return [str(key).removeprefix("intent:") for (key,) in found]

    def blob(self, sha: str) -> bytes:
        """Return a blob's content. Raises JournalError when it is missing or another."""
        found = self._query("SELECT codec, body FROM blob WHERE sha = ?", sha)
        if not found:
            raise JournalError(f"expected the blob {sha}, found none: run `hfl journal verify`")
        codec, body = found[0]
        from hashlib import sha256

        try:
            data = bytes(zlib.decompress(body) if codec == "zlib" else body)
        except zlib.error:
            data = b""
        if sha256(data).hexdigest() != sha:
            raise JournalError(
                f"expected the blob {sha}, found other content: run `hfl journal verify`"
            )
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _rows(self, query: str, *values: str | int) -> Iterator[Row]:
        for seq, run_id, kind, time_ns, wall_ns, cause, actor, body, digest in self._query(
            query, *values
        ):
            try:
                data = json.loads(body)["data"]
            except (ValueError, KeyError, TypeError) as error:
                raise JournalError(
                    f"expected row {seq} as it was written, found "
                    "something else: run `hfl journal verify`"
                ) from error
            yield Row(seq, run_id, kind, time_ns, wall_ns, cause, actor, data, bytes(digest).hex())

    def _query(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except (sqlite3.Error, UnicodeError) as error:
            raise JournalError(
                f"expected to read {self.path}, found: {error}; verify it (hfl journal verify), or "
                "restore a backup (hfl journal restore FILE --reason TEXT)"
            ) from error
