"""The book at any row of a journal, read-only: folded from the nearest snapshot in front of it.

One thread owns it. What was folded last is kept: a step on costs one row, a step back a few.
"""

import json
import sqlite3
from bisect import bisect_right
from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError
from hfl_core.engine.book import Book
from hfl_core.engine.saved import State
from hfl_core.engine.state import book_state, restore_book
from hfl_core.ports import JournalRow
from hfl_journal.reader import JournalReader
from hfl_tui.link.picture import Decision
from hfl_tui.link.replica import STRANGE, judged

PAGE_ROWS: Final = 256
# A copy of the book every so many rows: how far a step back has to fold at most.
COPY_ROWS: Final = 128
COPIES_MAX: Final = 24
ROWS_KEPT: Final = 8_192
# The newest decision is looked for so far back.
DECISION_ROWS: Final = 64


class _Copy(NamedTuple):
    """The book right behind a row, and what else is kept of it."""

    state: State
    run_ended: str


class Past:
    """Every method may raise JournalError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: JournalReader | None = None
        self._inode = 0
        self._forget()

    def _forget(self) -> None:
        self.book = Book()
        self.seq = 0
        self.run_ended = ""
        self.last_seq = 0
        self._rows: OrderedDict[int, JournalRow] = OrderedDict()
        self._copies: OrderedDict[int, _Copy] = OrderedDict()
        self._starts: list[int] = []
        self._starts_to = 0

    @property
    def reader(self) -> JournalReader:
        """Return the journal that is there now: a restored one is another file."""
        inode = self._path.stat().st_ino if self._path.exists() else 0
        if self._reader is not None and inode == self._inode:
            return self._reader
        self.close()
        self._forget()
        self._reader = JournalReader.open(self._path)
        self._inode = inode
        return self._reader

    def close(self) -> None:
        """Close the file; the next question opens it anew."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def look(self) -> int:
        """Return the newest row's number."""
        reader = self.reader
        self.last_seq = reader.last().seq
        return self.last_seq

    def go(self, seq: int) -> JournalRow:
        """Fold the book to right behind a row and return the row."""
        last = self.look()
        if not 1 <= seq <= last:
            raise JournalError(f"expected a row from 1 to {last}, found {seq}: go to one")
        start = self._nearest(seq)
        for at in range(start + 1, seq + 1):
            row = self.row(at)
            self.book.apply(row.event, row.time_ns)
            self.seq = at
            if isinstance(row.event, ev.RunEnded):
                self.run_ended = row.event.reason
            elif isinstance(row.event, ev.RunStarted):
                self.run_ended = ""
            if at % COPY_ROWS == 0:
                self._keep(at)
        return self.row(seq)

    def row(self, seq: int) -> JournalRow:
        """Return one row; its neighbours are read along."""
        found = self._rows.get(seq)
        if found is not None:
            return found
        start = (seq - 1) // PAGE_ROWS * PAGE_ROWS
        for row in self.reader.rows(start, PAGE_ROWS):
            self._rows[row.seq] = row
        while len(self._rows) > ROWS_KEPT:
            self._rows.popitem(last=False)
        if seq not in self._rows:
            raise JournalError(f"expected row {seq}, found none: run `hfl journal verify`")
        return self._rows[seq]

    def ask(self, query: str, *values: str | int) -> list[int]:
        """Ask the index for one number a row, 0 for none. Raises JournalError."""
        try:
            found = self.reader.connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise JournalError(
                f"expected to read {self._path}, found: {error}; verify it (hfl journal verify)"
            ) from error
        return [int(number or 0) for (number,) in found]

    # --- where a fold begins ----------------------------------------------------------------------

    def _nearest(self, seq: int) -> int:
        """Put the book to the nearest row not behind this one, and return that row's number."""
        copies = [at for at in self._copies if at <= seq]
        copy = max(copies, default=0)
        snapshots = self._snapshots()
        place = bisect_right(snapshots, seq)
        snapshot = snapshots[place - 1] if place else 0
        best = max(copy, snapshot)
        if best <= self.seq <= seq:
            return self.seq
        if copy and copy >= snapshot:
            self._put(self._copies[copy], copy)
            return copy
        while place:
            if self._restore(snapshots[place - 1]):
                return snapshots[place - 1]
            # Another version's state: an older one, else all rows, say the same.
            place -= 1
        self.book, self.seq, self.run_ended = Book(), 0, ""
        return 0

    def _snapshots(self) -> list[int]:
        """Return the rows of all snapshots, oldest first."""
        if self._starts_to < self.last_seq:
            query = "SELECT seq FROM event_ref WHERE ref = ? AND seq > ? ORDER BY seq"
            self._starts.extend(self.ask(query, "@SnapshotTaken", self._starts_to))
            self._starts_to = self.last_seq
        return self._starts

    def _restore(self, seq: int) -> bool:
        event = self.row(seq).event
        assert isinstance(event, ev.SnapshotTaken)
        book = Book()
        try:
            restore_book(book, json.loads(self.reader.blob(event.blob))["book"])
        except STRANGE:
            return False
        self.book, self.seq = book, seq
        self.run_ended = self._ended_before(seq)
        self._keep(seq)
        return True

    def _ended_before(self, seq: int) -> str:
        query = "SELECT max(seq) FROM event_ref WHERE ref = ? AND seq <= ?"
        ended, started = (self.ask(query, ref, seq)[0] for ref in ("@RunEnded", "@RunStarted"))
        event = self.row(ended).event if ended > started else None
        return event.reason if isinstance(event, ev.RunEnded) else ""

    def _keep(self, seq: int) -> None:
        self._copies[seq] = _Copy(book_state(self.book), self.run_ended)
        self._copies.move_to_end(seq)
        while len(self._copies) > COPIES_MAX:
            self._copies.popitem(last=False)

    def _put(self, copy: _Copy, seq: int) -> None:
        book = Book()
        restore_book(book, copy.state)
        self.book, self.seq, self.run_ended = book, seq, copy.run_ended

    # --- beside the book --------------------------------------------------------------------------

    def decision(self, seq: int) -> Decision | None:
        """Return the newest decision known behind a row, with its verdict if that was there."""
        query = "SELECT max(seq) FROM event_ref WHERE ref = '@SignalEmitted' AND seq <= ?"
        found = self.ask(query, seq)[0]
        if not found:
            return None
        row = self.row(found)
        event = row.event
        assert isinstance(event, ev.SignalEmitted)
        decision = Decision(
            seq=row.seq,
            time_ns=row.time_ns,
            symbol=event.symbol,
            direction=event.direction,
            setup=event.setup,
            rationale=event.rationale,
            blended=event.blended,
            views=event.weights,
        )
        for at in range(row.seq + 1, min(seq, row.seq + DECISION_ROWS) + 1):
            after = self.row(at).event
            if isinstance(after, ev.RiskAssessed) and after.decision == event.decision:
                return judged(decision, after)
        return decision
