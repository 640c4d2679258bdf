"""A journal in memory with the writer's very semantics: for simulation, backtests and benches.

Nothing survives.
"""

import hashlib
import zlib
from collections.abc import Iterator
from typing import Final

from hfl_core.domain.errors import JournalError
from hfl_core.ports import Clock, JournalRow
from hfl_journal.chain import ChainedBatch, EventTuple
from hfl_journal.reader import journal_row
from hfl_journal.rows import BlobRow, RawRow

DEFAULT_JOURNAL_ID: Final = "memory"


class MemoryJournal(ChainedBatch):
    """Append, chain and commit as the writer does; committed rows can be read back."""

    def __init__(
        self,
        *,
        run_id: str,
        clock: Clock,
        mode: str = "backtest",
        account: str = "memory",
        journal_id: str = DEFAULT_JOURNAL_ID,
    ) -> None:
        super().__init__(run_id=run_id, clock=clock)
        self.mode = mode
        self.account = account
        self.journal_id = journal_id
        self._stored: list[EventTuple] = []
        self._stored_keys: dict[str, int] = {}
        self._stored_blobs: dict[str, BlobRow] = {}

    @property
    def committed_rows(self) -> int:
        """How many rows are committed."""
        return len(self._stored)

    def raw_rows(self, after_seq: int = 0) -> Iterator[RawRow]:
        """Yield the committed rows behind after_seq, undecoded."""
        for row in self._stored[after_seq:]:
            yield RawRow._make(row)

    def rows(self, after_seq: int = 0, limit: int | None = None) -> tuple[JournalRow, ...]:
        """Return committed rows behind after_seq, oldest first."""
        stop = None if limit is None else after_seq + limit
        return tuple(journal_row(RawRow._make(row)) for row in self._stored[after_seq:stop])

    def blob(self, sha: str) -> bytes:
        """Return a committed blob. Raises JournalError when it is not there."""
        row = self._stored_blobs.get(sha)
        if row is None:
            raise JournalError(f"expected the blob {sha}, found none: it was never put")
        data = zlib.decompress(row.body) if row.codec == "zlib" else row.body
        assert hashlib.sha256(data).hexdigest() == sha  # content-addressed
        return data

    def _store(self) -> None:
        for key, seq in self._keys:
            if self._stored_keys.setdefault(key, seq) != seq:
                raise JournalError(
                    f"expected {key} once, found it in rows {self._stored_keys[key]} and {seq}: "
                    "the engine journaled the same thing twice"
                )
        self._point("mid_commit")
        self._stored.extend(self._rows)
        self._stored_blobs.update(self._blobs)
