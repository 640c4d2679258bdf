"""Migrations are whole or nothing, with a backup before; nothing is migrated that cannot be."""

import signal
import subprocess
import sys

import pytest

from hfl_core.domain.errors import JournalError
from hfl_journal.keys import load_key
from hfl_journal.migrate import migrate
from hfl_journal.reader import JournalReader
from hfl_journal.schema import SCHEMA_VERSION, connect_writing
from hfl_journal.verify import verify_chain, verify_journal
from tests.journal.story import write_story

NEXT = SCHEMA_VERSION + 1


def add_table(connection):
    connection.execute("CREATE TABLE note (text TEXT NOT NULL) STRICT")


def fail_half_way(connection):
    connection.execute("CREATE TABLE half (text TEXT NOT NULL) STRICT")
    connection.execute("UPDATE event SET actor = 'x'")


@pytest.fixture
def old(paths, clock):
    write_story(paths, clock)
    connection = connect_writing(paths.journal)
    yield connection
    connection.close()


def version_of(connection):
    return connection.execute("PRAGMA user_version").fetchone()[0]


def test_an_up_to_date_journal_is_left_alone(paths, old):
    before = sorted(path.name for path in paths.directory.iterdir())

    assert migrate(old, paths.journal) is None
    assert sorted(path.name for path in paths.directory.iterdir()) == before


def test_a_migration_adds_and_leaves_a_verified_backup(paths, old):
    backup = migrate(old, paths.journal, steps={SCHEMA_VERSION: add_table}, target=NEXT)

    assert version_of(old) == NEXT
    assert old.execute("SELECT count(*) FROM note").fetchone() == (0,)
    assert verify_chain(old).findings == ()
    assert backup is not None
    assert verify_journal(backup, head_path=paths.head, key=load_key(paths.key)).is_clean


def test_a_failed_migration_changes_nothing(paths, old):
    steps = {SCHEMA_VERSION: add_table, NEXT: fail_half_way}
    with pytest.raises(JournalError, match="nothing was changed"):
        migrate(old, paths.journal, steps=steps, target=NEXT + 1)

    assert version_of(old) == SCHEMA_VERSION
    names = {name for (name,) in old.execute("SELECT name FROM sqlite_master")}
    assert not {"note", "half"} & names
    assert verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key)).is_clean


def test_a_missing_step_is_refused_before_anything_is_touched(paths, old):
    before = sorted(path.name for path in paths.directory.iterdir())
    with pytest.raises(JournalError, match="version in between"):
        migrate(old, paths.journal, steps={NEXT: add_table}, target=NEXT + 1)

    assert version_of(old) == SCHEMA_VERSION
    assert sorted(path.name for path in paths.directory.iterdir()) == before


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[1].split(":")
from hfl_journal.migrate import migrate
from hfl_journal.schema import SCHEMA_VERSION, connect_writing
def die(connection):
    connection.execute("CREATE TABLE half (text TEXT NOT NULL) STRICT")
    os.kill(os.getpid(), signal.SIGKILL)
path = Path(sys.argv[2])
migrate(connect_writing(path), path, steps={SCHEMA_VERSION: die}, target=SCHEMA_VERSION + 1)
"""


@pytest.mark.process
def test_a_migration_killed_half_way_changes_nothing(paths, clock, project_root):
    write_story(paths, clock)
    roots = f"{project_root}:{project_root / 'journal'}"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, roots, str(paths.journal)], timeout=60, check=False
    )

    assert done.returncode == -signal.SIGKILL
    with JournalReader.open(paths.journal) as reader:
        assert version_of(reader.connection) == SCHEMA_VERSION
    assert verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key)).is_clean


def test_a_backup_that_cannot_be_written_stops_the_migration(paths, old):
    (paths.directory / f"{paths.journal.name}.before-v{NEXT}.partial").mkdir()
    with pytest.raises(JournalError, match="back"):
        migrate(old, paths.journal, steps={SCHEMA_VERSION: add_table}, target=NEXT)

    assert version_of(old) == SCHEMA_VERSION
