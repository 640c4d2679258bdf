"""Fast verification of a journal: chain, envelope, clocks, blobs, guards, head; a fold beside it.

This is what runs at every start, from the last verified row. `tools/verify_journal.py` shares no
code with it and checks the meaning of the rows, too.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import JournalError
from hfl_core.domain.events import Event
from hfl_journal.codec import (
    BULK_KINDS,
    decode_event,
    encode_event,
    envelope_template,
    references_of,
)
from hfl_journal.head import SOUND, HeadReport, HeadState, check_head
from hfl_journal.reader import JournalReader, unpack_blob
from hfl_journal.rows import DATABASE_ERRORS, GENESIS, Anchor, BlobRow
from hfl_journal.schema import schema_differences

FINDINGS_MAX: Final = 100
HEAD_LOOKS_MAX: Final = 3
# Small enough to stay in the processor's cache: 64 rows took 4.5 us each where 2,000 took 6.5.
CHUNK_ROWS: Final = 64
TAILS_MAX: Final = 2_048
# Texts as bytes: making a str of each of the three costs 0.3 us more, a third of a row's hash.
_ROWS: Final = (
    "SELECT seq, time_ns, wall_ns, mono_ns, boot_ns, cause_seq, version, CAST(kind AS BLOB),"
    " CAST(actor AS BLOB), CAST(run_id AS BLOB), body, prev, hash"
    " FROM event WHERE seq > ? ORDER BY seq"
)
_ANOMALY: Final = b"ClockAnomaly"
_Row = tuple[int, int, int, int, int, int, int, bytes, bytes, bytes, bytes, bytes, bytes]
# Kinds whose fields name blobs, and where.
_BLOB_FIELDS: Final = {
    "RunStarted": ("config_blob", "plan_blob"),
    "SnapshotTaken": ("blob",),
    "OpinionReceived": ("evidence",),
}
_SHA_LETTERS: Final = frozenset("0123456789abcdef")

# Called with each event in order, its engine time and its seq.
OnEvent = Callable[[Event, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not hold. code is stable; seq is 0 when it is about no row."""

    code: str
    seq: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What walking the chain showed. start, last: from behind which row to which."""

    start: Anchor
    last: Anchor
    rows: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """The whole verdict. is_full: from the genesis, with blobs and indexes."""

    chain: ChainReport
    head: HeadReport
    blobs: int
    is_full: bool
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing was found and the head is sound."""
        return not self.findings


def verify_chain(
    connection: sqlite3.Connection,
    *,
    start: Anchor = GENESIS,
    on_event: OnEvent | None = None,
) -> ChainReport:
    """Walk the rows behind an anchor: order, links, hashes, columns against envelope, clocks.

    on_event folds the decoded events on the way; it is called only while nothing was found. Raises
    sqlite3.Error for a file that cannot be read.
    """
    walk = _Walk(start)
    if start.seq:
        found = connection.execute("SELECT hash FROM event WHERE seq = ?", (start.seq,)).fetchone()
        if found is None or bytes(found[0]) != start.hash:
            walk.add("ANCHOR", start.seq, "the row verified before is gone or has another hash")
    cursor = connection.execute(_ROWS, (start.seq,))
    while chunk := cursor.fetchmany(CHUNK_ROWS):
        clean = walk.check(chunk)
        if on_event is not None and clean:
            for row in chunk:
                on_event(decode_event(row[7].decode(), row[6], row[10]), row[1], row[0])
        if len(walk.findings) >= FINDINGS_MAX:
            break
    return ChainReport(
        start=start,
        last=Anchor(walk.seq, walk.hash),
        rows=walk.rows,
        findings=tuple(walk.findings),
    )


class _Walk:
    """The state of a walk along the chain."""

    __slots__ = ("findings", "hash", "kind", "mono_ns", "rows", "run_id", "seq", "tails", "wall_ns")

    def __init__(self, start: Anchor) -> None:
        self.seq, self.hash = start
        self.rows = 0
        self.run_id = b""
        self.kind = b""
        self.mono_ns = 0
        self.wall_ns = 0
        self.tails: dict[tuple[bytes, bytes, bytes, int], bytes] = {}
        self.findings: list[Finding] = []

    def add(self, code: str, seq: int, text: str) -> None:
        self.findings.append(Finding(code=code, seq=seq, text=text))

    def check(self, chunk: list[_Row]) -> bool:
        """Check rows in one flat loop: a function call a row would cost a third of the speed."""
        sha256 = hashlib.sha256
        tails = self.tails
        seq, last, run_id, mono_ns, wall_ns = (
            self.seq, self.hash, self.run_id, self.mono_ns, self.wall_ns,
        )  # fmt: skip
        before = len(self.findings)
        previous = self.kind
        for (
            row_seq, time_ns, wall, mono, boot, cause, version, kind, actor, row_run, body, prev,
            digest,
        ) in chunk:  # fmt: skip
            seq += 1
            if row_seq != seq:
                self.add("SEQUENCE", row_seq, f"expected row {seq}, found row {row_seq}")
                seq = row_seq
            if prev != last:
                self.add("LINK", seq, "prev is not the hash of the row before")
            if sha256(prev + body).digest() != digest:
                self.add("HASH", seq, "the stored hash is not the hash of prev and body")
            tail = tails.get((kind, actor, row_run, version))
            if tail is None:
                tail = self._learn_tail(kind, actor, row_run, version)
            if not body.endswith(tail % (boot, cause, mono, seq, time_ns, wall)):
                self.add("COLUMNS", seq, "the columns are not those of the body's envelope")
            if wall < wall_ns and _ANOMALY not in (kind, previous):
                self.add("CLOCK_WALL", seq, "the wall clock steps back without a ClockAnomaly")
            if mono < mono_ns and row_run == run_id:
                self.add("CLOCK_MONO", seq, "the monotonic clock steps back within a run")
            last, run_id, mono_ns, wall_ns, previous = digest, row_run, mono, wall, kind
        self.seq, self.hash, self.run_id, self.mono_ns, self.wall_ns = (
            seq, last, run_id, mono_ns, wall_ns,
        )  # fmt: skip
        self.kind = previous
        self.rows += len(chunk)
        return len(self.findings) == before

    def _learn_tail(self, kind: bytes, actor: bytes, run_id: bytes, version: int) -> bytes:
        if len(self.tails) >= TAILS_MAX:
            self.tails.clear()
        # NULL only where somebody took the table's guards away: it fits no envelope.
        words = [(word or b"").decode() for word in (kind, run_id, actor)]
        tail = envelope_template(kind=words[0], version=version, run_id=words[1], actor=words[2])
        self.tails[kind, actor, run_id, version] = tail
        return tail


def verify_blobs(connection: sqlite3.Connection) -> tuple[int, tuple[Finding, ...]]:
    """Check every blob against its hash, and that every blob the events name is there."""
    findings: list[Finding] = []
    present: set[str] = set()
    for row in connection.execute("SELECT sha, codec, kind, body, bytes FROM blob"):
        blob = BlobRow._make(row)
        present.add(blob.sha)
        if not _is_intact(blob):
            findings.append(
                Finding(code="BLOB", seq=0, text=f"the blob {blob.sha} has other content")
            )
    marks = ",".join("?" * len(_BLOB_FIELDS))
    query = f"SELECT seq, kind, body FROM event WHERE kind IN ({marks}) ORDER BY seq"  # noqa: S608
    for seq, kind, body in connection.execute(query, tuple(_BLOB_FIELDS)):
        findings.extend(
            Finding(code="BLOB_MISSING", seq=seq, text=f"{kind} names the blob {sha}, it is gone")
            for sha in _named_blobs(kind, body)
            if sha not in present
        )
    return len(present), tuple(findings[:FINDINGS_MAX])


def verify_indexes(connection: sqlite3.Connection) -> tuple[Finding, ...]:
    """Check that the derived keys and references are exactly those of the bodies."""
    keys_stored = dict(connection.execute("SELECT key, seq FROM event_key"))
    refs_stored = set(connection.execute("SELECT ref, seq FROM event_ref"))
    wrong: set[int] = set()
    query = "SELECT seq, kind, version, body FROM event"
    for seq, kind, version, body in connection.execute(query):
        if kind in BULK_KINDS:
            continue
        encoded = encode_event(decode_event(kind, version, body))
        if encoded.key is not None and keys_stored.pop(encoded.key, None) != seq:
            wrong.add(seq)
        for ref in references_of(kind, encoded):
            if (ref, seq) in refs_stored:
                refs_stored.discard((ref, seq))
            else:
                wrong.add(seq)
    wrong.update(keys_stored.values())
    wrong.update(seq for _, seq in refs_stored)
    text = "the index tables do not say what the body says"
    return tuple(Finding(code="INDEX", seq=seq, text=text) for seq in sorted(wrong)[:FINDINGS_MAX])


def verify_journal(
    path: Path,
    *,
    head_path: Path,
    key: bytes | None,
    is_full: bool = True,
    on_event: OnEvent | None = None,
) -> VerifyReport:
    """Verify a journal file and compare it with its head.

    is_full: from the genesis, with blobs, guards and indexes; otherwise from the last verified row
    that the head remembers (all events reach on_event only in a full run). key: keys.load_key.
    Raises JournalError for a file that cannot be opened.
    """
    with JournalReader.open(path) as reader:
        report = _compare_head(reader, head_path, key)
        start = GENESIS
        if not is_full and report.head is not None and report.state in SOUND:
            start = report.head.verified
        return _verify_open(reader, report, start, is_full=is_full, on_event=on_event)


def _compare_head(reader: JournalReader, head_path: Path, key: bytes | None) -> HeadReport:
    """Compare with the head; a daemon at work may anchor rows that came after our look."""
    for _ in range(HEAD_LOOKS_MAX):
        report = check_head(
            head_path=head_path,
            key=key,
            journal_id=reader.meta.get("journal_id", ""),
            last=reader.last(),
            hash_at=reader.hash_at,
        )
        if report.state is not HeadState.BEHIND:
            break
    return report


def _verify_open(
    reader: JournalReader,
    report: HeadReport,
    start: Anchor,
    *,
    is_full: bool,
    on_event: OnEvent | None,
) -> VerifyReport:
    connection = reader.connection
    findings: list[Finding] = []
    blobs = 0
    chain = ChainReport(start=start, last=start, rows=0, findings=())
    try:
        # One snapshot for all: a daemon at work commits rows, references and blobs in between.
        connection.execute("BEGIN")
        chain = verify_chain(connection, start=start, on_event=on_event)
        findings.extend(chain.findings)
        if is_full:
            blobs, more = verify_blobs(connection)
            findings.extend(more)
            if not findings:
                findings.extend(verify_indexes(connection))
            findings.extend(
                Finding(code="SCHEMA", seq=0, text=f"{name} is missing, added or changed")
                for name in schema_differences(connection)
            )
    except (*DATABASE_ERRORS, JournalError, ValueError, KeyError) as error:
        # A row that hashes right but does not decode, or a page that SQLite cannot read.
        findings.append(Finding(code="UNREADABLE", seq=0, text=f"not readable: {error}"))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    if report.state not in SOUND:
        code = f"HEAD_{HeadState(report.state).name}"
        findings.append(Finding(code=code, seq=0, text=report.sentence))
    return VerifyReport(
        chain=chain, head=report, blobs=blobs, is_full=is_full, findings=tuple(findings)
    )


def _is_intact(blob: BlobRow) -> bool:
    try:
        unpack_blob(blob)
    except Exception:  # noqa: BLE001  # whatever a rotten blob raises, it is rotten
        return False
    return True


def _named_blobs(kind: str, body: bytes) -> list[str]:
    data = json.loads(body)["data"]
    named: list[str] = []
    for field in _BLOB_FIELDS[kind]:
        value = data.get(field, "")
        named.extend(value if isinstance(value, list) else [value])
    return [
        sha
        for sha in named
        if len(sha) == hashlib.sha256().digest_size * 2 and set(sha) <= _SHA_LETTERS
    ]
