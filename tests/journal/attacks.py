"""What somebody with the file and a SQLite shell can do.

Drop the guards, change rows, put the guards back.
"""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
COLUMNS = (
    "seq", "run_id", "kind", "version", "time_ns", "wall_ns", "mono_ns", "boot_ns", "cause_seq",
    "actor", "body", "prev", "hash",
)  # fmt: skip
ENVELOPE = tuple(name for name in COLUMNS if name not in ("body", "prev", "hash"))


@contextlib.contextmanager
def attacked(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection without guards; they are back as they were afterwards."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in guards:
            connection.execute(sql)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def read(connection: sqlite3.Connection) -> list[Row]:
    """Return all rows as dictionaries."""
    rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM event ORDER BY seq").fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def write(connection: sqlite3.Connection, rows: list[Row]) -> None:
    """Replace the whole event table."""
    connection.execute("DELETE FROM event")
    marks = ", ".join("?" * len(COLUMNS))
    connection.executemany(
        f"INSERT INTO event VALUES ({marks})", [[row[name] for name in COLUMNS] for row in rows]
    )


def rewrite(connection: sqlite3.Connection, change: Callable[[list[Row]], list[Row]]) -> None:
    """Change rows, then renumber, rebuild envelopes and recompute every hash: a whole forgery."""
    last = bytes(32)
    rows = change(read(connection))
    for seq, row in enumerate(rows, start=1):
        row["seq"] = seq
        if row["kind"] == "RunStarted":
            data = row.get("data") or json.loads(row["body"])["data"]
            row["data"] = data | {"head_seq": seq - 1, "head_hash": last.hex()}
        reseal(row, last)
        last = row["hash"]
    write(connection, rows)
    reindex(connection)


def reseal(row: Row, prev: bytes) -> None:
    """Make body, prev and hash of one row fit its columns."""
    data = row.get("data", json.loads(row["body"])["data"])
    env = {name: row[name] for name in ENVELOPE}
    text = json.dumps({"data": data, "env": env}, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False)  # fmt: skip
    row["body"] = text.encode()
    row["prev"] = prev
    row["hash"] = hashlib.sha256(prev + row["body"]).digest()


def reindex(connection: sqlite3.Connection) -> None:
    """Derive the index tables anew where the attack left duplicates out."""
    connection.execute("DELETE FROM event_key")
    connection.execute("DELETE FROM event_ref")
    for row in read(connection):
        data, kind = json.loads(row["body"])["data"], row["kind"]
        ref = data.get("client_id") or data.get("request_id")
        key = None
        if kind == "Filled":
            ref = data["fill"]["client_id"]
            key = f"fill:{data['venue']}|{data['account']}|{ref}|{data['fill']['fill_id']}"
        elif kind in ("OrderIntended", "SendAttempted"):
            key = f"{'intent' if kind == 'OrderIntended' else 'send'}:{ref}"
        if key is not None:
            connection.execute("INSERT OR IGNORE INTO event_key VALUES (?, ?)", (key, row["seq"]))
        refs = [] if kind in ("Transitioned", "TimePassed") else [f"@{kind}", ref]
        for entry in refs:
            if entry is not None:
                connection.execute(
                    "INSERT OR IGNORE INTO event_ref VALUES (?, ?)", (entry, row["seq"])
                )


def drop_tail(connection: sqlite3.Connection, count: int) -> None:
    """Remove the last rows and everything that points at them."""
    last = connection.execute("SELECT max(seq) FROM event").fetchone()[0]
    for table in ("event", "event_key", "event_ref"):
        connection.execute(f"DELETE FROM {table} WHERE seq > ?", (last - count,))
