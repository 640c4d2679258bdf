"""The journal's tables and guards, and the connection settings that go with them."""

import sqlite3
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import JournalError

SCHEMA_VERSION: Final = 1
SQLITE_VERSION_MIN: Final = (3, 37, 0)
BUSY_TIMEOUT_MS: Final = 2_000
# "hflj" as a number: tells a journal from any other SQLite file.
APPLICATION_ID: Final = 0x68666C6A

# event_key and event_ref are derived from the bodies. They are tables of their own because an index
# on the event table is evaluated for every row: it cost 3 us a row where most rows have no key. An
# expression index over the body is refused by trusted_schema=OFF (json_extract is not "innocuous").
TABLES: Final = (
    """CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    wall_ns INTEGER NOT NULL,
    mono_ns INTEGER NOT NULL,
    boot_ns INTEGER NOT NULL,
    cause_seq INTEGER NOT NULL,
    actor TEXT NOT NULL,
    body BLOB NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT""",
    """CREATE TABLE blob (
    sha TEXT PRIMARY KEY,
    codec TEXT NOT NULL CHECK (codec IN ('raw', 'zlib')),
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    bytes INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE event_key (
    key TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE event_ref (
    ref TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (ref, seq)
) STRICT, WITHOUT ROWID""",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)

_GUARDED: Final = ("event", "blob", "event_key", "event_ref", "meta")


def _guards() -> tuple[str, ...]:
    guards: list[str] = []
    for table in _GUARDED:
        guards.extend(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no {verb}'); END"
            for verb in ("UPDATE", "DELETE")
        )
    # The seq behind the last one and its hash as prev: anything else, also OR REPLACE of an
    # existing row while recursive_triggers is off, is refused.
    guards.append(
        "CREATE TRIGGER event_next BEFORE INSERT ON event WHEN "
        "EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq) OR "
        "ifnull((SELECT hash FROM event WHERE seq = NEW.seq - 1), "
        "CASE WHEN NEW.seq = 1 THEN zeroblob(32) END) IS NOT NEW.prev "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only: not the next row'); END"
    )
    guards.extend(
        f"CREATE TRIGGER {table}_new BEFORE INSERT ON {table} WHEN "  # noqa: S608  # constants only
        f"EXISTS (SELECT 1 FROM {table} WHERE {column} = NEW.{column}) "
        f"BEGIN SELECT RAISE(ABORT, 'the journal is append-only: {table} has this {column}'); END"
        for table, column in (("blob", "sha"), ("event_key", "key"), ("meta", "name"))
    )
    return tuple(guards)


GUARDS: Final = _guards()


def connect_writing(path: Path | str) -> sqlite3.Connection:
    """Open a writing connection.

    WAL, synchronous=FULL, no automatic checkpoint, guards effective.
    """
    if sqlite3.sqlite_version_info < SQLITE_VERSION_MIN:
        raise JournalError(
            f"expected SQLite {'.'.join(map(str, SQLITE_VERSION_MIN))} or newer, found "
            f"{sqlite3.sqlite_version}: use a Python built with a newer SQLite"
        )
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000, cached_statements=64
    )
    try:
        for pragma in (
            "trusted_schema=OFF",
            "mmap_size=0",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "journal_mode=WAL",
            "synchronous=FULL",
            "wal_autocheckpoint=0",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def create_schema(connection: sqlite3.Connection, meta: dict[str, str]) -> None:
    """Create the tables, guards and meta rows of an empty database, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in (*TABLES, *GUARDS):
            connection.execute(statement)
        connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def schema_version(connection: sqlite3.Connection, path: Path | str) -> int:
    """Return the journal's schema version, 0 for an empty database.

    Raises JournalError for a foreign file or a schema newer than this program.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != APPLICATION_ID and not (is_empty and version == 0):
        raise JournalError(
            f"expected a journal of this program in {path}, found another SQLite database: "
            "name the right file"
        )
    if version > SCHEMA_VERSION:
        raise JournalError(
            f"expected a journal of schema version {SCHEMA_VERSION} or older in {path}, found "
            f"{version}: open it with the newer program that wrote it"
        )
    return version


def schema_differences(connection: sqlite3.Connection) -> list[str]:
    """Return the names of tables and guards that are missing, added or changed."""
    stored = {
        str(name): str(sql)
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOTNULL")
    }
    wanted = {_name_of(statement): statement for statement in (*TABLES, *GUARDS)}
    names = sorted(stored.keys() | wanted.keys())
    return [name for name in names if stored.get(name) != wanted.get(name)]


def _name_of(statement: str) -> str:
    return statement.split(None, 3)[2]


def read_meta(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the meta rows: journal_id, mode, account, created_ns."""
    return {str(name): str(value) for name, value in connection.execute("SELECT * FROM meta")}
