"""The replica: the book's fold over the journal file, read-only, as far as the journal goes.

It starts from the newest snapshot and follows. One thread owns it; what leaves is a picture.
"""

import json
from collections import deque
from decimal import Decimal
from pathlib import Path
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.engine.book import Book
from hfl_core.ports import JournalRow
from hfl_journal.reader import JournalReader
from hfl_tui.link.happenings import happening
from hfl_tui.link.picture import Decision, Happening
from hfl_tui.link.watched import Watched

# One poll folds at most so much, so that a long stretch shows its progress.
ROWS_PER_POLL: Final = 4_000
PAGE_ROWS: Final = 1_000
# What stood in front of the snapshot is worth showing, too.
LOOK_BACK_ROWS: Final = 400
# Further behind than this, the newest snapshot is nearer than the rows between.
LAG_ROWS_MAX: Final = 4_000
HAPPENINGS_KEPT: Final = 400
SYMBOLS_MAX: Final = 1_024
COPY_POLLS_MAX: Final = 10
LATEST_NS: Final = (1 << 62) - 1
# What restoring a book that another version wrote may raise.
STRANGE: Final = (KeyError, TypeError, ValueError, AttributeError)


class Replica:
    """The fold and what a screen keeps beside it. Every method may raise JournalError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: JournalReader | None = None
        self._inode = 0
        self._polls = 0
        self._forget()

    def _forget(self) -> None:
        self.book = Book()
        self.seq = 0
        self.last_seq = 0
        self.time_ns = 0
        self.row_wall_ns = 0
        self.run_ended = ""
        self.state_since_ns = 0
        self.scans_wall_ns = 0
        self.decision: Decision | None = None
        self.happenings: deque[Happening] = deque(maxlen=HAPPENINGS_KEPT)
        self.watched = Watched()
        self._symbols: dict[str, str] = {}

    @property
    def is_copy(self) -> bool:
        """Tell whether a private copy is read, which must be made anew to follow."""
        return self._reader is not None and self._reader.is_copy

    @property
    def loaded(self) -> Decimal:
        """Return the share of the journal's rows that is folded in."""
        return Decimal(self.seq) / self.last_seq if self.last_seq else Decimal(1)

    def poll(self) -> bool:
        """Fold in what is new, a bounded stretch; return whether the journal's end was reached.

        Raises JournalError when the journal is missing or cannot be read.
        """
        reader = self._opened()
        self.last_seq = reader.last().seq
        if self.last_seq - self.seq > LAG_ROWS_MAX:
            self._start_near_the_end(reader)
        folded = 0
        while folded < ROWS_PER_POLL:
            page = reader.rows(self.seq, PAGE_ROWS)
            for row in page:
                self._fold(row)
            folded += len(page)
            if len(page) < PAGE_ROWS:
                break
        self.last_seq = max(self.last_seq, self.seq)
        return self.seq >= self.last_seq

    def close(self) -> None:
        """Close the file; the next poll opens it anew."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # --- opening ----------------------------------------------------------------------------------

    def _opened(self) -> JournalReader:
        """Return the reader of the journal that is there now: a restored one is another file."""
        try:
            inode = self._path.stat().st_ino
        except OSError:
            inode = 0
        self._polls += 1
        if self._reader is not None and inode == self._inode:
            if not self.is_copy or self._polls % COPY_POLLS_MAX:
                return self._reader
            self.close()
            self._reader = JournalReader.open(self._path)
            return self._reader
        self.close()
        self._forget()
        self._reader = JournalReader.open(self._path)
        self._inode = inode
        return self._reader

    def _start_near_the_end(self, reader: JournalReader) -> None:
        """Take the newest snapshot's book over, where it is nearer than where the fold stands."""
        row = reader.last_before(LATEST_NS, "SnapshotTaken")
        if row is None or row.seq <= self.seq or not isinstance(row.event, ev.SnapshotTaken):
            return
        # It knows the whole engine, which a short journal's fold does not need.
        from hfl_core.engine.state import restore_book

        book = Book()
        try:
            restore_book(book, json.loads(reader.blob(row.event.blob))["book"])
        except STRANGE:
            # Another version's state: the rows say the same, only slower.
            return
        self._forget()
        self.book, self.seq, self.last_seq = book, row.seq, reader.last().seq
        self.time_ns, self.row_wall_ns = row.time_ns, row.wall_ns
        self._symbols = {key: order.symbol for key, order in book.orders.items()}
        self._look_back(reader)

    def _look_back(self, reader: JournalReader) -> None:
        """Show what happened right in front of the snapshot, and which decision came last."""
        since = max(0, self.seq - LOOK_BACK_ROWS)
        for row in reader.rows(since, self.seq - since):
            self._watch(row)
        if self.decision is None:
            newest = reader.last_before(LATEST_NS, "SignalEmitted")
            if newest is not None and newest.seq <= since:
                for row in reader.rows(newest.seq - 1, LOOK_BACK_ROWS):
                    if row.seq <= self.seq:
                        self._note_decision(row)
        self._look_for_stops(reader)
        ended = reader.last_before(LATEST_NS, "RunEnded")
        started = reader.last_before(LATEST_NS, "RunStarted")
        if ended is not None and isinstance(ended.event, ev.RunEnded):
            is_last = started is None or ended.seq > started.seq
            self.run_ended = ended.event.reason if is_last else ""

    def _look_for_stops(self, reader: JournalReader) -> None:
        """Find the rows that put the stops in force, however far back they stand."""
        missing = self.book.latches.keys() - self.watched.latches.keys()
        if missing:
            for row in reader.rows_of("StopLatched", "LatchFound", "LimitTripped"):
                if getattr(row.event, "latch_id", "") in missing:
                    self.watched.watch(row, self.book.orders)

    # --- folding ----------------------------------------------------------------------------------

    def _fold(self, row: JournalRow) -> None:
        self.book.apply(row.event, row.time_ns)
        self.seq, self.time_ns, self.row_wall_ns = row.seq, row.time_ns, row.wall_ns
        self._watch(row)

    def _watch(self, row: JournalRow) -> None:
        """Keep what the book does not: when, what came last, what is worth a line."""
        event = row.event
        if isinstance(event, ev.OrderIntended):
            self._symbols[event.client_id] = event.symbol
        elif isinstance(event, ev.RunStarted):
            self.run_ended = ""
        elif isinstance(event, ev.RunEnded):
            self.run_ended = event.reason
        elif isinstance(event, ev.ScansCoalesced):
            self.scans_wall_ns = row.wall_ns
        elif isinstance(event, ev.Transitioned) and event.source != event.target:
            self.state_since_ns = row.time_ns
        self.watched.watch(row, self.book.orders)
        self._note_decision(row)
        found = happening(row, self._symbols)
        if found is not None:
            self.happenings.append(found)
        if len(self._symbols) > SYMBOLS_MAX:
            self._symbols = {key: order.symbol for key, order in self.book.orders.items()}

    def _note_decision(self, row: JournalRow) -> None:
        event = row.event
        if isinstance(event, ev.SignalEmitted):
            self.decision = Decision(
                seq=row.seq,
                time_ns=row.time_ns,
                symbol=event.symbol,
                direction=event.direction,
                setup=event.setup,
                rationale=event.rationale,
                blended=event.blended,
                views=event.weights,
            )
        elif isinstance(event, ev.RiskAssessed) and event.rules:
            decision = self.decision
            if decision is not None and decision.symbol == event.symbol:
                self.decision = judged(decision, event)


def judged(decision: Decision, event: ev.RiskAssessed) -> Decision:
    """Return a decision with what the gate said of it."""
    passed = sum(rule.outcome.value != "refuse" for rule in event.rules)
    return Decision(
        seq=decision.seq,
        time_ns=decision.time_ns,
        symbol=decision.symbol,
        direction=decision.direction,
        setup=decision.setup,
        rationale=decision.rationale,
        blended=decision.blended,
        views=decision.views,
        verdict=event.reason or ("approved" if event.allowed else "refused"),
        is_allowed=event.allowed,
        quantity=event.quantity,
        passed=passed,
        asked=len(event.rules),
    )
