"""Schema migrations: additive only, one transaction, a backup first.

An old program refuses a newer schema.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import JournalError
from hfl_journal.schema import SCHEMA_VERSION, schema_version

# From version -> what brings the schema to the version after it. Rows are never touched: the guards
# refuse it, and the shapes of old events are the upcasters' business.
Migration = Callable[[sqlite3.Connection], None]
MIGRATIONS: Final[dict[int, Migration]] = {}


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    *,
    steps: Mapping[int, Migration] = MIGRATIONS,
    target: int = SCHEMA_VERSION,
) -> Path | None:
    """Bring an older journal to the target version; return the backup made before.

    Returns None when it was up to date. Raises JournalError for a newer schema, a missing step, or
    a step that failed; then nothing changed.
    """
    version = schema_version(connection, path)
    if version >= target:
        return None
    for number in range(version, target):
        if number not in steps:
            raise JournalError(
                f"expected a migration from schema version {number} of {path}, found none: "
                "open it once with the version in between"
            )
    backup = path.with_name(f"{path.name}.before-v{target}")
    _copy(connection, backup)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(version, target):
            steps[number](connection)
        connection.execute(f"PRAGMA user_version={target}")
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise JournalError(
                f"expected {path} to migrate from schema version {version} to {target}, found "
                f"{error}: nothing was changed, keep the backup {backup} and report it"
            ) from error
        raise
    return backup


def _copy(connection: sqlite3.Connection, backup: Path) -> None:
    partial = backup.with_name(f"{backup.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(partial),))
        partial.replace(backup)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise JournalError(
            f"expected to back {backup.name} up before migrating, found {error}: "
            "free disk space in the journal's directory and start again"
        ) from error
