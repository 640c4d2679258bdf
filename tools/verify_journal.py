#!/usr/bin/env python3
"""Verify a HedgeFund-Lite journal independently: no code shared with the bot, standard library.

    python tools/verify_journal.py JOURNAL [--head HEAD] [--key KEY] [--no-head] [--json]

It reads a journal (SQLite), its head (`<name>.head.json` beside it) and the head's key (64
hexadecimal digits), and checks every row, every blob and the meaning of orders. Without --key or
--no-head it says so as a finding: a chain alone cannot show a cut tail or a rewritten history.

Exit codes: 0 nothing found (rows behind the head may be "not yet anchored"); 1 findings; 2 the
journal, the head or the key cannot be read at all, or wrong usage.

What a head cannot show: rows that were never anchored, and an old journal put back together with
its old head. The broker is the witness for those: it knows client order ids that the journal does
not.

The format, in short. hash = SHA-256(prev + body); the first prev is 32 zero bytes. body is the JSON
{"data": {...}, "env": {...}}, keys sorted, bare separators, UTF-8, integers only, real numbers as
text. env holds actor, boot_ns, cause_seq, kind, mono_ns, run_id, seq, time_ns, version, wall_ns;
the columns of the same names are copies. The head is canonical JSON with an HMAC-SHA256 over its
other five fields.
"""

import argparse
import hashlib
import hmac
import json
import re
import shutil
import sqlite3
import sys
import tempfile
import zlib
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

ZERO = bytes(32)
FINDINGS_MAX = 200
ENV = (
    "actor",
    "boot_ns",
    "cause_seq",
    "kind",
    "mono_ns",
    "run_id",
    "seq",
    "time_ns",
    "version",
    "wall_ns",
)
COLUMNS = (
    "seq, run_id, kind, version, time_ns, wall_ns, mono_ns, boot_ns, cause_seq, actor, body, prev,"
    " hash"
)
ROWS = f"SELECT {COLUMNS} FROM event ORDER BY seq"  # noqa: S608  # constants only
GUARDS = {f"{t}_no_{v}" for t in ("event", "blob", "meta") for v in ("update", "delete")} | {
    "event_next"
}
SHA = re.compile(r"[0-9a-f]{64}")
CLIENT_ID = re.compile(r"hf[a-z]([a-z0-9]{6})[a-z0-9]{20}")
# Client ids in these kinds must belong to an order intended before.
NEEDS_INTENT = {
    "SendAttempted", "SendRefused", "OrderAccepted", "OrderRejected", "OrderUnknown",
    "OrderResolved", "CancelIntended",
}  # fmt: skip


class Findings:
    """What does not hold, with a stable code, bounded."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.counts: Counter[str] = Counter()

    def add(self, code: str, seq: int, text: str) -> None:
        self.counts[code] += 1
        if len(self.items) < FINDINGS_MAX:
            self.items.append({"code": code, "seq": seq, "text": text})


def refuse_float(text: str) -> None:
    """Refuse every JSON number that is not an integer."""
    raise ValueError(f"the number {text}")


def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice: two readers would read two things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key that stands twice")
    return found


def canonical(value: object) -> bytes:
    """Return the one way to write a value as JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse(body: bytes) -> Any:  # noqa: ANN401  # JSON can be anything
    """Read strict JSON: integers only, no key twice."""
    return json.loads(
        body, parse_float=refuse_float, parse_constant=refuse_float, object_pairs_hook=refuse_twice
    )


class Orders:
    """What the rows say about orders, and whether it makes sense."""

    def __init__(self, findings: Findings, journal_id: str | None) -> None:
        self.findings = findings
        self.journal_id = journal_id
        self.allowed: set[tuple[int, str]] = set()
        self.intended: dict[str, Decimal] = {}
        self.sent: dict[str, int] = {}
        self.filled: dict[str, Decimal] = {}
        self.fill_keys: dict[tuple[str, ...], int] = {}

    def see(self, seq: int, kind: str, data: dict[str, Any]) -> None:
        handler = getattr(self, f"on_{kind}", None)
        if handler is not None:
            handler(seq, data)
        if kind in NEEDS_INTENT and data.get("client_id") not in self.intended:
            self.findings.add(
                "NO_INTENT", seq, f"{kind} about {data.get('client_id')}, never intended"
            )

    def on_RiskAssessed(self, _: int, data: dict[str, Any]) -> None:
        if data["allowed"] is True:
            self.allowed.add((data["decision"], data["intent_hash"]))

    def on_OrderIntended(self, seq: int, data: dict[str, Any]) -> None:
        client_id = data["client_id"]
        if client_id in self.intended:
            self.findings.add("DUPLICATE_CLIENT_ID", seq, f"{client_id} was intended before")
        self.intended[client_id] = Decimal(data["quantity"])
        match = CLIENT_ID.fullmatch(client_id)
        if match and match[1] != self.journal_id:
            self.findings.add("FOREIGN_ROW", seq, f"{client_id} was minted by journal {match[1]}")
        if (data["decision"], data["intent_hash"]) not in self.allowed:
            self.findings.add(
                "NO_VERDICT", seq, f"{client_id} has no verdict that allows it before it"
            )

    def on_SendAttempted(self, seq: int, data: dict[str, Any]) -> None:
        client_id = data["client_id"]
        if client_id in self.sent:
            self.findings.add(
                "SENT_TWICE", seq, f"{client_id} was sent in row {self.sent[client_id]}"
            )
        self.sent[client_id] = seq

    def on_Filled(self, seq: int, data: dict[str, Any]) -> None:
        fill = data["fill"]
        client_id = fill["client_id"]
        key = (data["venue"], data["account"], client_id, fill["fill_id"])
        if key in self.fill_keys:
            self.findings.add("DUPLICATE_FILL", seq, f"{key} stands in row {self.fill_keys[key]}")
            return
        self.fill_keys[key] = seq
        quantity = Decimal(fill["quantity"])
        total = self.filled.get(client_id, Decimal(0)) + quantity
        self.filled[client_id] = total
        if quantity <= 0:
            self.findings.add("BAD_FILL", seq, f"{client_id} filled {quantity}")
        intended = self.intended.get(client_id)
        if intended is not None and total > intended:
            self.findings.add("OVERFILLED", seq, f"{client_id} filled {total} of {intended}")
        match = CLIENT_ID.fullmatch(client_id)
        if intended is None and match and match[1] == self.journal_id:
            self.findings.add("NO_INTENT", seq, f"Filled about {client_id}, never intended")


class Rows:
    """The walk along the chain."""

    def __init__(self, findings: Findings, meta: dict[str, str]) -> None:
        self.findings = findings
        self.meta = meta
        self.orders = Orders(findings, meta.get("journal_id"))
        self.seq, self.hash = 0, ZERO
        self.hashes_wanted: dict[int, bytes] = {}
        self.run_id, self.kind, self.mono, self.wall = "", "", 0, 0
        self.blobs_named: dict[str, int] = {}
        self.kinds: Counter[str] = Counter()

    def check(self, row: tuple[Any, ...], wanted: set[int]) -> None:
        seq, run_id, kind, version, time_ns, wall, mono, boot, cause, actor, body, prev, digest = (
            row
        )
        add = self.findings.add
        self.seq += 1
        if seq != self.seq:
            add("SEQUENCE", seq, f"expected row {self.seq}, found row {seq}")
            self.seq = seq
        body = body.encode() if isinstance(body, str) else bytes(body)
        if prev != self.hash:
            add("LINK", seq, "prev is not the hash of the row before")
        actual = hashlib.sha256(bytes(prev) + body).digest()
        if actual != digest:
            add("HASH", seq, "the stored hash is not SHA-256(prev + body)")
        if seq in wanted:
            self.hashes_wanted[seq] = actual
        columns = (actor, boot, cause, kind, mono, run_id, seq, time_ns, version, wall)
        if cause < 0 or cause >= seq:
            add("CAUSE", seq, f"its cause is row {cause}, which is not before it")
        self.check_clocks(seq, run_id, kind, wall=wall, mono=mono)
        self.check_body(seq, kind, body, columns=dict(zip(ENV, columns, strict=True)), prev=prev)
        self.hash, self.run_id, self.kind, self.mono, self.wall = digest, run_id, kind, mono, wall
        self.kinds[kind] += 1

    def check_clocks(self, seq: int, run_id: str, kind: str, *, wall: int, mono: int) -> None:
        if wall < self.wall and "ClockAnomaly" not in (kind, self.kind):
            self.findings.add("CLOCK_WALL", seq, "the wall clock steps back without a ClockAnomaly")
        if run_id == self.run_id and mono < self.mono:
            self.findings.add("CLOCK_MONO", seq, "the monotonic clock steps back within a run")

    def check_body(
        self, seq: int, kind: str, body: bytes, *, columns: dict[str, Any], prev: bytes
    ) -> None:
        try:
            value = parse(body)
        except (ValueError, RecursionError) as error:
            code = "NUMBER" if str(error).startswith("the number") else "BODY"
            self.findings.add(code, seq, f"the body is not the JSON it should be: {error}")
            return
        if canonical(value) != body:
            self.findings.add("NOT_CANONICAL", seq, "the body is not canonical JSON")
        if not isinstance(value, dict) or set(value) != {"data", "env"}:
            self.findings.add("BODY", seq, "the body has other keys than data and env")
            return
        if value["env"] != columns or any(
            type(value["env"][name]) is not type(columns[name]) for name in ENV
        ):
            self.findings.add(
                "COLUMNS", seq, "the columns are not those of the envelope in the body"
            )
        try:
            self.check_meaning(seq, value["env"]["kind"], value["data"], prev)
        except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
            self.findings.add("FIELDS", seq, f"{kind} lacks or garbles a field: {error!r}")

    def check_meaning(self, seq: int, kind: str, data: dict[str, Any], prev: bytes) -> None:
        self.orders.see(seq, kind, data)
        named = []
        if kind == "RunStarted":
            named.append(data["config_blob"])
            for name in ("mode", "account"):
                if data[name] != self.meta.get(name):
                    ours = self.meta.get(name)
                    text = f"this run's {name} is {data[name]!r}, the journal's {ours!r}"
                    self.findings.add("FOREIGN_ROW", seq, text)
            is_next = data["head_seq"] == seq - 1
            if data["head_seq"] >= seq or (is_next and SHA.fullmatch(data["head_hash"])
                                           and data["head_hash"] != bytes(prev).hex()):  # fmt: skip
                self.findings.add(
                    "RUN_HEAD", seq, "this run began behind another row than the one before"
                )
        elif kind == "SnapshotTaken":
            named.append(data["blob"])
        elif kind == "OpinionReceived":
            named.extend(data["evidence"])
        for sha in named:
            if SHA.fullmatch(sha):
                self.blobs_named.setdefault(sha, seq)


def check_blobs(database: sqlite3.Connection, rows: Rows, findings: Findings) -> int:
    """Check every blob, and that every blob a row names is there; return how many there are."""
    present = 0
    missing = dict(rows.blobs_named)
    for sha, codec, body, size in database.execute("SELECT sha, codec, body, bytes FROM blob"):
        present += 1
        missing.pop(sha, None)
        try:
            data = zlib.decompress(body) if codec == "zlib" else bytes(body)
        except zlib.error:
            data = None
        if data is None or len(data) != size or hashlib.sha256(data).hexdigest() != sha:
            findings.add("BLOB", 0, f"the blob {sha} has other content than its hash says")
    for sha, seq in missing.items():
        findings.add("BLOB_MISSING", seq, f"the blob {sha} that this row names is gone")
    return present


def read_head(
    path: Path, key: bytes | None, findings: Findings
) -> tuple[str, int, bytes, int, bytes] | None:
    """Return (journal_id, seq, hash, verified_seq, verified_hash) of a head that holds.

    Else None.
    """
    if not path.exists():
        findings.add("HEAD_MISSING", 0, f"there is no head {path}: somebody removed it")
        return None
    try:
        head = parse(path.read_bytes())
        signature = head.pop("hmac")
        if set(head) != {"journal_id", "seq", "hash", "verified_seq", "verified_hash"}:
            raise ValueError("other fields")  # noqa: TRY301
        found = (
            head["journal_id"], int(head["seq"]), bytes.fromhex(head["hash"]),
            int(head["verified_seq"]), bytes.fromhex(head["verified_hash"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        findings.add("HEAD_FORGED", 0, "the head is not a head")
        return None
    if key is None:
        findings.add("KEY_MISSING", 0, "without the key nobody can tell whether the head is true")
    elif not hmac.compare_digest(
        str(signature).encode(), hmac.new(key, canonical(head), hashlib.sha256).hexdigest().encode()
    ):
        findings.add("HEAD_FORGED", 0, "the head's signature does not hold")
        return None
    return found


def check_head(head: tuple[str, int, bytes, int, bytes], rows: Rows, findings: Findings) -> int:
    """Compare the walked chain with the head; return how many rows are not yet anchored."""
    journal_id, seq, digest, verified_seq, verified_digest = head
    if journal_id != rows.meta.get("journal_id"):
        findings.add("HEAD_FORGED", 0, f"the head is the one of journal {journal_id}")
    if rows.seq < seq:
        findings.add(
            "TAIL_CUT", rows.seq, f"the head says {seq} rows, the journal ends at {rows.seq}"
        )
        return 0
    for at, wanted in ((seq, digest), (verified_seq, verified_digest)):
        if (rows.hashes_wanted.get(at) if at else ZERO) != wanted:
            findings.add("REWRITTEN", at, f"row {at} has another hash than the head says")
    return rows.seq - seq


def verify(journal: Path, head_path: Path, key: bytes | None, *, use_head: bool) -> dict[str, Any]:
    """Verify everything; return the report as a dictionary. Raises sqlite3.Error or OSError."""
    findings = Findings()
    head = read_head(head_path, key, findings) if use_head else None
    if not use_head:
        findings.add(
            "NO_HEAD", 0, "asked not to use the head: a cut tail or a rewrite cannot be seen"
        )
    database, private = open_database(journal)
    try:
        problems = [text for (text,) in database.execute("PRAGMA quick_check(5)") if text != "ok"]
        for text in problems:
            findings.add("SQLITE", 0, text)
        meta = dict(database.execute("SELECT name, value FROM meta"))
        names = {
            n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        }
        for name in sorted(GUARDS - names):
            findings.add("GUARD_MISSING", 0, f"the guard {name} was removed")
        rows = Rows(findings, meta)
        wanted = {head[1], head[3]} if head else set()
        for row in database.execute(ROWS):
            rows.check(row, wanted)
        blobs = check_blobs(database, rows, findings)
    finally:
        database.close()
        if private:
            shutil.rmtree(private, ignore_errors=True)
    ahead = check_head(head, rows, findings) if head else None
    return {
        "journal": str(journal), "journal_id": meta.get("journal_id"),
        "rows": sum(rows.kinds.values()),
        "last_seq": rows.seq, "last_hash": bytes(rows.hash).hex(), "blobs": blobs,
        "not_anchored": ahead, "kinds": dict(sorted(rows.kinds.items())),
        "counts": dict(findings.counts), "findings": findings.items,
    }  # fmt: skip


def open_database(path: Path) -> tuple[sqlite3.Connection, str | None]:
    """Open read-only; beside a log that cannot be opened in place, open a private copy of both."""
    uri = path.absolute().as_uri()
    log = path.with_name(path.name + "-wal")
    has_log = log.exists() and log.stat().st_size > 0
    private = None
    try:
        database = sqlite3.connect(f"{uri}?mode=ro", uri=True)
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        if has_log:
            private = tempfile.mkdtemp(prefix="verify-journal-")
            for source in (path, log):
                shutil.copyfile(source, Path(private) / source.name)
            database = sqlite3.connect(Path(private) / path.name)
        else:
            database = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
    database.execute("PRAGMA query_only=ON")
    database.execute("PRAGMA trusted_schema=OFF")
    return database, private


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Verify a journal independently of the bot.")
    parser.add_argument("journal", type=Path)
    parser.add_argument("--head", type=Path, help="default: <journal>.head.json beside it")
    parser.add_argument("--key", type=Path, help="the head's key file")
    parser.add_argument("--no-head", action="store_true", help="check the chain alone")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser.parse_args(argv)


def read_key(path: Path) -> bytes:
    """Return the key's bytes; raise OSError with a sentence when it is not one."""
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise OSError(f"expected 64 hexadecimal digits in {path}, found something else") from error


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    args = arguments(argv)
    head_path = args.head or args.journal.with_name(
        args.journal.name.removesuffix(".sqlite") + ".head.json"
    )
    try:
        if not args.journal.is_file():
            raise OSError(f"expected a journal, found no file {args.journal}: name one")  # noqa: TRY301
        key = read_key(args.key) if args.key else None
        report = verify(args.journal, head_path, key, use_head=not args.no_head)
    except OSError as error:
        print(f"cannot verify: {error}", file=sys.stderr)
        return 2
    except (sqlite3.Error, UnicodeError) as error:
        print(f"cannot verify: expected a readable journal, found: {error}", file=sys.stderr)
        return 2
    found = report["findings"]
    total = sum(report["counts"].values())
    if args.json:
        print(json.dumps(report, indent=1))
    else:
        for item in found:
            print(f"{item['code']:20} row {item['seq']}: {item['text']}")
        print(f"{report['rows']} rows, {report['blobs']} blobs, {total} findings")
        if report["not_anchored"]:
            print(f"{report['not_anchored']} rows not yet anchored: nothing proves them complete")
    return 1 if any(code != "NO_HEAD" for code in report["counts"]) else 0


if __name__ == "__main__":
    sys.exit(main())
