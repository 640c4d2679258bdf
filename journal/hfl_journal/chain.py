"""The writing core that every journal shares: encode, link to the chain, buffer until commit."""

import os
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from hfl_core.domain.errors import JournalError
from hfl_core.domain.events import ClockAnomaly, Event
from hfl_core.ports import Clock
from hfl_journal.codec import Plan, encode_fields, envelope_template, plan_of
from hfl_journal.rows import GENESIS, Anchor, BlobRow

# A blob below this is stored as it is: compressing it saves less than it costs.
COMPRESS_ABOVE_BYTES: Final = 512
KNOWN_BLOBS_MAX: Final = 4_096
TEMPLATES_MAX: Final = 4_096
# Who everything comes from that is not an input.
ENGINE_ACTOR: Final = "engine"

# Called with the name of each point a process can die at: append, before_commit, mid_commit,
# after_commit, before_head, after_head, reserve_freed.
OnPoint = Callable[[str], None]
EventTuple = tuple[int, str, str, int, int, int, int, int, int, str, bytes, bytes, bytes]


class ChainedBatch:
    """Append side of a journal: rows chain in memory; a child stores them in `_store` at commit."""

    def __init__(
        self, *, run_id: str, clock: Clock, last: Anchor = GENESIS, wall_ns: int = 0
    ) -> None:
        self.run_id = run_id
        self.on_point: OnPoint | None = None
        self._clock = clock
        self._seq, self._hash = last
        self._wall_ns = wall_ns
        self._wall_behind_ns = 0
        self._committed = last
        self._rows: list[EventTuple] = []
        self._keys: list[tuple[str, int]] = []
        self._refs: list[tuple[str, int]] = []
        self._blobs: dict[str, BlobRow] = {}
        self._known: set[str] = set()
        self._templates: dict[tuple[type[Event], str], tuple[Plan, bytes]] = {}
        self._dead = ""
        self._process = os.getpid()

    @property
    def seq(self) -> int:
        """Sequence number of the last appended row, committed or not."""
        return self._seq

    @property
    def head_hash(self) -> bytes:
        """Chain hash of the last appended row: 32 bytes."""
        return self._hash

    @property
    def pending(self) -> int:
        """How many appended rows are not yet committed."""
        return len(self._rows)

    @property
    def committed(self) -> Anchor:
        """Return the last durable row: its seq and hash."""
        return self._committed

    @property
    def wall_behind_ns(self) -> int:
        """How far the wall clock stood behind the last row's at the last append, 0 if it did not.

        Rows never step back by themselves: they repeat the last reading until a ClockAnomaly is
        appended, which takes the clock as it is.
        """
        return self._wall_behind_ns

    def append(self, event: Event, *, time_ns: int, cause_seq: int, actor: str) -> int:
        """Add a row to the open batch and return its seq. Nothing is durable yet.

        Raises JournalError for an event that cannot be written as canonical JSON, or a dead writer.
        """
        self._link((event,), time_ns=time_ns, cause_seq=cause_seq, actor=actor)
        return self._seq

    def append_step(
        self, event: Event, outcomes: Sequence[Event], *, time_ns: int, actor: str
    ) -> int:
        """Add an input and all that came of it, each row naming the input as its cause.

        Return the input's seq. Raises as `append` does.
        """
        self._link((event,), time_ns=time_ns, cause_seq=0, actor=actor)
        cause_seq = self._seq
        if outcomes:
            self._link(outcomes, time_ns=time_ns, cause_seq=cause_seq, actor=ENGINE_ACTOR)
        return cause_seq

    def _link(self, events: Sequence[Event], *, time_ns: int, cause_seq: int, actor: str) -> None:
        """Encode and chain rows of one cause; the clocks are read once for all of them."""
        if self._dead:
            raise JournalError(self._dead)
        clock = self._clock
        mono_ns, boot_ns, read_ns = clock.monotonic_ns(), clock.boot_ns(), clock.wall_ns()
        templates, run_id, on_point = self._templates, self.run_id, self.on_point
        refs, rows = self._refs, self._rows
        for event in events:
            cls = type(event)
            plan, template = templates.get((cls, actor)) or self._learn_template(cls, actor)
            data = encode_fields(plan, event)
            if read_ns >= self._wall_ns:
                wall_ns = self._wall_ns = read_ns
                self._wall_behind_ns = 0
            else:
                wall_ns = self._wall(read_ns, cls)
            seq, prev = self._seq + 1, self._hash
            body = template % (data, boot_ns, cause_seq, mono_ns, seq, time_ns, wall_ns)
            digest = sha256(prev + body).digest()
            rows.append(
                (seq, run_id, plan.kind, plan.version, time_ns, wall_ns, mono_ns, boot_ns,
                 cause_seq, actor, body, prev, digest)
            )  # fmt: skip
            if plan.mark is not None:
                refs.append((plan.mark, seq))
            if plan.reference is not None:
                refs.append((plan.reference(event), seq))
                if plan.unique is not None:
                    self._keys.append((plan.unique(event), seq))
            self._seq, self._hash = seq, digest
            if on_point is not None:
                on_point("append")

    def put_blob(self, data: bytes, *, kind: str) -> str:
        """Add a content-addressed blob to the open batch and return its SHA-256, hexadecimal."""
        if self._dead:
            raise JournalError(self._dead)
        sha = sha256(data).hexdigest()
        if sha in self._known or sha in self._blobs:
            return sha
        body, codec = data, "raw"
        if len(data) > COMPRESS_ABOVE_BYTES:
            packed = zlib.compress(data, 6)
            if len(packed) < len(data):
                body, codec = packed, "zlib"
        self._blobs[sha] = BlobRow(sha, codec, kind, body, len(data))
        return sha

    def commit(self) -> None:
        """Make the open batch durable as one transaction.

        Raises JournalError; then the writer is dead: nobody knows what is on the disk, every later
        call raises, the process must stop, and the next start is recovery.
        """
        if self._dead:
            raise JournalError(self._dead)
        if not self._rows and not self._blobs:
            return
        if os.getpid() != self._process:
            self._dead = (
                "expected the journal to be written by the process that opened it, found a fork "
                "of it: open a journal of your own"
            )
            raise JournalError(self._dead)
        try:
            self._point("before_commit")
            self._store()
        except BaseException as error:
            self._die(error)
            raise
        self._settle()
        self._point("after_commit")

    def _store(self) -> None:
        """Write the batch. Raises JournalError when it is not certainly durable."""
        raise NotImplementedError

    def _settle(self) -> None:
        if len(self._known) + len(self._blobs) > KNOWN_BLOBS_MAX:
            self._known.clear()
        self._known.update(self._blobs)
        self._blobs.clear()
        self._rows.clear()
        self._keys.clear()
        self._refs.clear()
        self._committed = Anchor(self._seq, self._hash)

    def _die(self, error: BaseException) -> None:
        if not self._dead:
            self._dead = (
                f"expected a living journal, found one that failed before ({error}): restart"
            )

    def _point(self, name: str) -> None:
        if self.on_point is not None:
            self.on_point(name)

    def _wall(self, wall_ns: int, cls: type[Event]) -> int:
        if wall_ns >= self._wall_ns or cls is ClockAnomaly:
            self._wall_behind_ns = 0
            self._wall_ns = wall_ns
            return wall_ns
        self._wall_behind_ns = self._wall_ns - wall_ns
        return self._wall_ns

    def _learn_template(self, cls: type[Event], actor: str) -> tuple[Plan, bytes]:
        plan = plan_of(cls)
        template = envelope_template(
            kind=plan.kind, version=plan.version, run_id=self.run_id, actor=actor
        )
        if len(self._templates) >= TEMPLATES_MAX:
            self._templates.clear()
        known = self._templates[cls, actor] = (plan, b'{"data":%b' + template)
        return known
