"""One instrument's rows on their way into the merge, read ahead to the next accepted bar.

The track owns the instrument's gate and, when asked, hashes the rows the merge has consumed.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from hfl_core.domain.bars import BarRow
from hfl_data.quality import Defects, Gate
from hfl_data.rows import TIME_FIRST_NS, RawRow, Source, packed
from hfl_data.sessions import close_ns, months_of

RUN_ROWS_MAX: Final = 10_000
NEVER_NS: Final = 2**63 - 1


class Place(NamedTuple):
    """Where a track stands: raw rows consumed, bars among them, the last one's open time."""

    rows: int
    accepted: int
    last_ns: int


ORIGIN: Final = Place(0, 0, TIME_FIRST_NS - 1)


class Run(NamedTuple):
    """Consecutive refused rows with the same reasons."""

    reasons: Defects
    rows: int
    first: RawRow
    last: RawRow


class Track:
    """One instrument's stream.

    is_hashed: for a pass over the data that only counts and hashes: bars are skimmed, not made;
    on_hashed: is given the bytes of the consumed rows, in order, as they go into the hash.
    head: the next accepted bar, None at the end; head_ns: its close, `NEVER_NS` at the end; rows:
    how many raw rows the merge has consumed.
    """

    __slots__ = (
        "_before_ns",
        "_chunk",
        "_chunk_row",
        "_chunks",
        "_frame",
        "_gate",
        "_hash",
        "_hashed",
        "_judge",
        "_next",
        "_on_hashed",
        "_step",
        "accepted",
        "head",
        "head_ns",
        "rows",
        "source",
    )

    def __init__(
        self,
        index: int,
        source: Source,
        place: Place,
        *,
        is_hashed: bool,
        on_hashed: Callable[[bytes], None] | None = None,
    ) -> None:
        self.source = source
        self._frame = source.frame
        self._step = 0 if months_of(source.frame) else source.frame.nanoseconds
        self._gate = Gate(index, source.instrument, source.frame)
        self._gate.last_ns = place.last_ns
        self._judge = self._gate.skim if is_hashed else self._gate.judge
        self._before_ns = place.last_ns
        self._chunks = source.rows(place.rows)
        self._chunk: list[RawRow] = []
        self._chunk_row = place.rows
        self._next = 0
        self._hash = hashlib.sha256() if is_hashed else None
        self._hashed = 0
        self._on_hashed = on_hashed
        self.rows = place.rows
        self.accepted = place.accepted
        self.head: BarRow | None = None
        self.head_ns = NEVER_NS

    @property
    def place(self) -> Place:
        """Return where the merge stands in this track."""
        return Place(self.rows, self.accepted, self._before_ns)

    def digest(self) -> bytes:
        """Return SHA-256 of the rows consumed so far; only for a hashed track begun at row 0."""
        if self._hash is None:
            raise ValueError("expected a hashed track, found one without a hash")
        self._feed_hash(self.rows - self._chunk_row)
        return self._hash.digest()

    def take(self) -> BarRow:
        """Consume the head and return it."""
        head = self.head
        if head is None:
            raise ValueError("expected a head, found the end of the track")
        self.rows += 1
        self.accepted += 1
        self._before_ns = self._gate.last_ns
        return head

    def step(self) -> bool:
        """Make the next row the head if it is accepted; else change nothing: call `advance`."""
        if self._next < len(self._chunk):
            row = self._chunk[self._next]
            verdict = self._judge(row)
            if isinstance(verdict, BarRow):
                self._set_head(row, verdict)
                return True
        return False

    def advance(self, cut: int) -> Iterator[Run]:
        """Read on to the next head; yield what was refused on the way.

        Runs are consumed as they are yielded; they end when the reasons change, after every
        `RUN_ROWS_MAX` rows counted from the run's start, and behind `cut` refused rows.
        """
        judge = self._judge
        reasons: Defects = ()
        first = last = (0, 0.0, 0.0, 0.0, 0.0, 0.0)
        length = count = seen = 0
        while self._next < len(self._chunk) or self._fill():
            row = self._chunk[self._next]
            verdict = judge(row)
            if isinstance(verdict, BarRow):
                if count:
                    yield self._consumed(Run(reasons, count, first, last))
                self._set_head(row, verdict)
                return
            if count and (verdict != reasons or length % RUN_ROWS_MAX == 0 or seen == cut):
                yield self._consumed(Run(reasons, count, first, last))
                count = 0
            if verdict != reasons:
                reasons, length = verdict, 0
            if not count:
                first = row
            last = row
            count, length, seen = count + 1, length + 1, seen + 1
            self._next += 1
        if count:
            yield self._consumed(Run(reasons, count, first, last))
        self.head, self.head_ns = None, NEVER_NS

    def _set_head(self, row: RawRow, bar: BarRow) -> None:
        self.head = bar
        self.head_ns = row[0] + self._step if self._step else close_ns(row[0], self._frame)
        self._next += 1

    def _consumed(self, run: Run) -> Run:
        self.rows += run.rows
        return run

    def _fill(self) -> bool:
        if self._hash is not None:
            self._feed_hash(len(self._chunk))
        self._chunk_row += len(self._chunk)
        self._chunk = next(self._chunks, [])
        self._next = self._hashed = 0
        return bool(self._chunk)

    def _feed_hash(self, until: int) -> None:
        if self._hash is not None and until > self._hashed:
            rows = packed(self._chunk[self._hashed : until])
            self._hash.update(rows)
            if self._on_hashed is not None:
                self._on_hashed(rows)
            self._hashed = until
