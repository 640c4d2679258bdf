"""The writer appends, commits, locks and fails stop."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError, TamperError
from hfl_core.ports import Journal
from hfl_journal import schema
from hfl_journal.head import HeadState
from hfl_journal.keys import load_key
from hfl_journal.memory import MemoryJournal
from hfl_journal.paths import JournalPaths
from hfl_journal.reader import JournalReader
from hfl_journal.rows import GENESIS
from hfl_journal.verify import verify_journal
from hfl_journal.writer import HEAD_DELAY_NS, JournalWriter
from tests.journal.story import (
    JOURNAL_ID,
    START_NS,
    client_id,
    filled,
    order_intended,
    tell,
    transitioned,
    write_story,
)


def opened(paths, clock, run_id="run-1", **more):
    return JournalWriter.open(paths, clock=clock, run_id=run_id, **more)


def verified(paths):
    return verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key))


def test_appended_rows_are_invisible_until_committed(paths, clock):
    with opened(paths, clock) as journal, JournalReader.open(paths.journal) as reader:
        assert journal.append(transitioned(), time_ns=1, cause_seq=0, actor="engine") == 1
        assert (journal.seq, journal.pending, reader.last()) == (1, 1, GENESIS)

        journal.commit()
        assert (journal.pending, reader.last().seq) == (0, 1)
        assert reader.last().hash == journal.head_hash


def test_rows_read_back_are_the_events_with_their_envelope(paths, clock):
    told = write_story(paths, clock)
    with JournalReader.open(paths.journal) as reader:
        rows = reader.rows(0, 1_000)

    assert [row.event for row in rows] == told
    assert [row.seq for row in rows] == list(range(1, len(told) + 1))
    assert {row.run_id for row in rows} == {"run-1", "run-2"}
    assert all(row.time_ns >= START_NS and row.actor == "engine" for row in rows)
    assert verified(paths).is_clean


def test_the_chain_starts_from_zeros_and_covers_the_body(paths, clock):
    write_story(paths, clock)
    last = bytes(32)
    with JournalReader.open(paths.journal) as reader:
        for row in reader.raw_rows():
            assert row.prev == last
            last = hashlib.sha256(last + row.body).digest()
            assert row.hash == last


def test_memory_and_file_write_the_same_chain(paths, clock):
    events = [order_intended(1, intent_hash="e" * 64), filled(1, "f1", "0.5"), transitioned()]
    with opened(paths, clock) as journal:
        tell(journal, events)
        on_disk = journal.head_hash
    fresh = type(clock)()
    # Creating the file read the wall clock once.
    fresh.wall_ns()
    memory = MemoryJournal(run_id="run-1", clock=fresh)
    tell(memory, events)

    assert memory.head_hash == on_disk
    assert [row.event for row in memory.rows()] == events


def test_both_journals_fit_the_socket(paths, clock):
    with opened(paths, clock) as on_disk:
        sockets: list[Journal] = [on_disk, MemoryJournal(run_id="r", clock=clock)]
        assert [socket.seq for socket in sockets] == [0, 0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'x' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 2",
        (
            "REPLACE INTO event SELECT seq, run_id, kind, version, time_ns, wall_ns, mono_ns,"
            " boot_ns, cause_seq, 'x', body, prev, hash FROM event ORDER BY seq DESC LIMIT 1"
        ),
        (
            "INSERT INTO event SELECT seq + 100, run_id, kind, version, time_ns, wall_ns, mono_ns,"
            " boot_ns, cause_seq, actor, body, hash, hash FROM event ORDER BY seq DESC LIMIT 1"
        ),
        (
            "INSERT INTO event SELECT seq + 1, run_id, kind, version, time_ns, wall_ns, mono_ns,"
            " boot_ns, cause_seq, actor, body, prev, hash FROM event ORDER BY seq DESC LIMIT 1"
        ),
        (
            "INSERT INTO event SELECT 0, run_id, kind, version, time_ns, wall_ns, mono_ns, boot_ns,"
            " cause_seq, actor, body, zeroblob(32), hash FROM event WHERE seq = 1"
        ),
        "UPDATE OR REPLACE event SET seq = 3 WHERE seq = 2",
        "UPDATE blob SET body = x'00'",
        "DELETE FROM blob",
        "INSERT OR REPLACE INTO blob SELECT sha, codec, kind, x'00', bytes FROM blob",
        "UPDATE meta SET value = 'live' WHERE name = 'mode'",
        "INSERT OR REPLACE INTO meta VALUES ('mode', 'live')",
        "DELETE FROM event_key",
        "INSERT OR REPLACE INTO event_key SELECT key, 1 FROM event_key",
        "DELETE FROM event_ref",
    ],
)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_the_guards_refuse_every_rewrite(paths, clock, statement, recursive):
    write_story(paths, clock)
    with sqlite3.connect(paths.journal, isolation_level=None) as connection:
        connection.execute(f"PRAGMA recursive_triggers={recursive}")
        before = connection.execute("SELECT * FROM event").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
        assert connection.execute("SELECT * FROM event").fetchall() == before
    connection.close()


@pytest.mark.parametrize(
    "event",
    [
        order_intended(1, intent_hash="e" * 64),
        ev.SendAttempted(client_id=client_id(1), run_id="run-1"),
        filled(1, "f1", "0.5"),
    ],
    ids=lambda event: type(event).__name__,
)
@pytest.mark.parametrize("is_memory", [False, True])
def test_an_intent_a_send_and_a_fill_stand_once(paths, clock, event, is_memory):
    journal = MemoryJournal(run_id="r", clock=clock) if is_memory else opened(paths, clock)
    tell(journal, [event])

    with pytest.raises(JournalError, match="expected"):
        tell(journal, [event])
    with pytest.raises(JournalError):
        journal.append(transitioned(), time_ns=1, cause_seq=0, actor="engine")
    with pytest.raises(JournalError):
        journal.commit()
    if isinstance(journal, JournalWriter):
        journal.close()
        with JournalReader.open(paths.journal) as reader:
            assert reader.last().seq == 1


def test_a_commit_is_whole_or_nothing_when_it_raises_inside(paths, clock):
    def die(point):
        if point == "mid_commit":
            raise RuntimeError("pulled")

    journal = opened(paths, clock)
    tell(journal, [transitioned()])
    journal.on_point = die
    with pytest.raises(RuntimeError):
        tell(journal, [transitioned(), transitioned()])
    with pytest.raises(JournalError, match="pulled"):
        journal.commit()
    journal.close()

    with opened(paths, clock, "run-2") as again:
        assert again.seq == 1
        assert again.head_report.state is HeadState.AHEAD or again.head_report.rows_ahead == 0


def test_points_come_in_order(paths, clock):
    points: list[str] = []
    with opened(paths, clock, on_point=points.append) as journal:
        tell(journal, [transitioned()])
        journal.write_head()

    assert points == [
        "append", "before_commit", "mid_commit", "after_commit", "before_head", "after_head",
    ]  # fmt: skip


def test_uncommitted_rows_are_dropped_at_close(paths, clock):
    journal = opened(paths, clock)
    journal.append(transitioned(), time_ns=1, cause_seq=0, actor="engine")
    journal.close()
    journal.close()

    with opened(paths, clock, "run-2") as again:
        assert again.seq == 0
    with pytest.raises(JournalError, match="closed"):
        journal.append(transitioned(), time_ns=1, cause_seq=0, actor="engine")


def test_a_second_writer_is_refused_and_told_who_holds_the_journal(paths, clock):
    named = rf"process {os.getpid()} holding"
    with opened(paths, clock), pytest.raises(JournalError, match=named):
        opened(paths, clock, "run-2")
    opened(paths, clock, "run-3").close()


def test_a_journal_of_another_account_is_refused(paths, clock, tmp_path):
    write_story(paths, clock)
    other = JournalPaths(
        directory=tmp_path / "other", key_directory=tmp_path / "keys", mode="live", account="real"
    )
    other.directory.mkdir()
    other.journal.write_bytes(paths.journal.read_bytes())

    with pytest.raises(JournalError, match=r"expected the journal of live-real.*paper-demo"):
        opened(other, clock)


@pytest.mark.parametrize("account", ["", "../x", "a b", "x" * 65, ".hidden"])
def test_an_account_that_is_no_file_name_is_refused(tmp_path, account):
    with pytest.raises(JournalError, match="account"):
        JournalPaths(directory=tmp_path, key_directory=tmp_path, mode="paper", account=account)


def test_a_newer_schema_is_refused_by_writer_and_reader(paths, clock):
    write_story(paths, clock)
    with sqlite3.connect(paths.journal) as connection:
        connection.execute(f"PRAGMA user_version={schema.SCHEMA_VERSION + 1}")
    connection.close()

    with pytest.raises(JournalError, match="newer program"):
        opened(paths, clock)
    with pytest.raises(JournalError, match="newer program"):
        JournalReader.open(paths.journal)


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\0" * 84])
def test_a_file_that_is_no_journal_is_refused_with_a_sentence(paths, clock, content):
    paths.directory.mkdir(parents=True)
    paths.journal.write_bytes(content)

    with pytest.raises(JournalError, match="expected"):
        opened(paths, clock)


def test_another_sqlite_database_is_refused(paths, clock):
    paths.directory.mkdir(parents=True)
    with sqlite3.connect(paths.journal) as connection:
        connection.execute("CREATE TABLE event (x)")
    connection.close()

    with pytest.raises(JournalError, match="another SQLite database"):
        opened(paths, clock)


def test_files_are_private(paths, clock):
    with opened(paths, clock) as journal:
        tell(journal, [transitioned()])
        modes = {
            path.name: path.stat().st_mode & 0o777
            for path in [*paths.directory.iterdir(), paths.key]
        }

    assert set(modes.values()) == {0o600}
    assert f"{paths.journal.name}-wal" in modes


def test_the_wall_clock_never_steps_back_without_a_clock_anomaly(paths, clock):
    with opened(paths, clock) as journal:
        tell(journal, [transitioned()])
        clock.wall_offset_ns -= 3_600_000_000_000
        tell(journal, [transitioned()])
        assert 3_599_000_000_000 < journal.wall_behind_ns <= 3_600_000_000_000
        tell(journal, [ev.ClockAnomaly(kind="step", wall_jump_ns=-3_600_000_000_000)])
        assert journal.wall_behind_ns == 0
        tell(journal, [transitioned()])

    with JournalReader.open(paths.journal) as reader:
        walls = [row.wall_ns for row in reader.rows()]
    assert walls[0] == walls[1]
    assert walls[2] < walls[1]
    assert walls[3] > walls[2]
    assert verified(paths).is_clean


def test_blobs_are_stored_once_compressed_and_checked(paths, clock):
    data = b"the same headline again and again " * 100
    with opened(paths, clock) as journal:
        shas = [journal.put_blob(data, kind="headline") for _ in range(3)]
        journal.commit()
        shas.append(journal.put_blob(data, kind="headline"))
        shas.append(journal.put_blob(b"", kind="empty"))
        journal.commit()
    with opened(paths, clock, "run-2") as journal:
        journal.put_blob(data, kind="headline")
        tell(journal, [transitioned()])

    assert set(shas) == {hashlib.sha256(data).hexdigest(), hashlib.sha256(b"").hexdigest()}
    with JournalReader.open(paths.journal) as reader:
        assert reader.blob(shas[0]) == data
        assert reader.blob(shas[-1]) == b""
        stored = reader.connection.execute("SELECT sum(length(body)) FROM blob").fetchone()[0]
        with pytest.raises(JournalError, match="found none"):
            reader.blob("0" * 64)
    assert 0 < stored < len(data) / 10


def test_a_full_database_stops_the_writer_and_leaves_a_clean_prefix(paths, clock):
    journal = opened(paths, clock)
    tell(journal, [transitioned()])
    journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages + 2}")

    with pytest.raises(JournalError, match="free disk space"):
        tell(journal, [transitioned("x" * 1_000) for _ in range(100)])
    assert journal.is_low_on_disk
    with pytest.raises(JournalError):
        journal.commit()
    journal.close()

    with opened(paths, clock, "run-2") as again:
        assert again.seq == 1
        assert not again.is_low_on_disk
    assert verified(paths).is_clean


def test_freeing_the_reserve_lets_the_last_rows_through(paths, clock):
    journal = opened(paths, clock)
    tell(journal, [transitioned()])
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages + 1}")
    reserved = paths.reserve.stat().st_size

    def space_appears(point):
        if point == "reserve_freed":
            assert not paths.reserve.exists()
            journal._connection.execute("PRAGMA max_page_count=100000")

    journal.on_point = space_appears
    halt = ev.StopLatched(level="kill", latch_id="l1", reason="disk full", actor="engine")
    tell(journal, [transitioned("x" * 1_000) for _ in range(100)] + [halt])

    assert reserved >= 1_000_000
    assert journal.is_low_on_disk
    journal.close()
    with JournalReader.open(paths.journal) as reader:
        assert reader.last().seq == 102
    assert verified(paths).is_clean


SMALL_DISK = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[1].split(":")
from hfl_core.domain.errors import JournalError
from hfl_journal.paths import JournalPaths
from hfl_journal.writer import JournalWriter
from tests.journal.story import StepClock, tell, transitioned
paths = JournalPaths(directory=Path(sys.argv[2]), key_directory=Path(sys.argv[3]), mode="paper",
                     account="demo")
journal = JournalWriter.open(paths, clock=StepClock(), run_id="run-1")
acknowledged = 0
try:
    while True:
        tell(journal, [transitioned("x" * 1000) for _ in range(50)])
        acknowledged = journal.seq
        if journal.is_low_on_disk:
            print("low", acknowledged)
            break
    while True:
        tell(journal, [transitioned("x" * 1000) for _ in range(50)])
        acknowledged = journal.seq
except JournalError as error:
    print("dead", acknowledged, "free disk space" in str(error))
journal.close()
print("reopened", JournalWriter.open(paths, clock=StepClock(), run_id="run-2").seq)
"""


@pytest.mark.process
def test_on_a_really_full_disk_the_reserve_carries_the_last_rows(tmp_path, project_root):
    """A memory disk of 12 MiB in a mount namespace of its own."""
    mount, keys = tmp_path / "disk", tmp_path / "keys"
    mount.mkdir()
    script = tmp_path / "fill.py"
    script.write_text(SMALL_DISK)
    roots = f"{project_root}:{project_root / 'journal'}"
    shell = (
        f"mount -t tmpfs -o size=12m tmpfs {mount} && "
        f"exec {sys.executable} {script} {roots} {mount} {keys}"
    )
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", shell]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError:
        pytest.skip("this machine has no unshare: a small disk cannot be made")
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"this machine allows no private mounts: {done.stderr.strip()}")

    words = [line.split() for line in done.stdout.splitlines()]
    assert done.stderr == ""
    assert words[0][0] == "low"
    assert words[1][0] == "dead"
    assert int(words[1][1]) >= int(words[0][1])
    assert words[1][2] == "True"
    assert words[2] == ["reopened", words[1][1]]


def test_a_fork_may_not_commit(paths, clock, monkeypatch):
    journal = opened(paths, clock)
    journal.append(transitioned(), time_ns=1, cause_seq=0, actor="engine")
    monkeypatch.setattr(os, "getpid", lambda: 0)

    with pytest.raises(JournalError, match="fork"):
        journal.commit()
    monkeypatch.undo()
    journal.close()


def test_the_head_is_due_after_a_commit_and_at_a_clean_close(paths, clock):
    journal = opened(paths, clock)
    assert not journal.head_due()
    tell(journal, [transitioned()])
    while not journal.head_due():
        clock.now_ns += HEAD_DELAY_NS // 4
    assert journal.write_head()
    assert not journal.head_due()
    tell(journal, [transitioned()])
    journal.close()

    with opened(paths, clock, "run-2") as again:
        assert again.head_report.state is HeadState.OK
        assert again.head_report.head is not None
        assert again.head_report.head.at.seq == 2


def test_the_head_covers_committed_rows_only(paths, clock):
    journal = opened(paths, clock)
    tell(journal, [transitioned()])
    journal.append(transitioned(), time_ns=1, cause_seq=0, actor="engine")
    journal.write_head()
    assert journal.head_report.head is not None
    assert journal.head_report.head.at.seq == 1
    journal.close()


def test_checkpoints_move_the_log_and_skip_when_somebody_reads(paths, clock):
    journal = opened(paths, clock)
    tell(journal, [transitioned() for _ in range(50)], commit_each=True)
    size = journal.wal_bytes
    with JournalReader.open(paths.journal) as reader:
        reader.connection.execute("BEGIN")
        reader.connection.execute("SELECT count(*) FROM event").fetchone()
        tell(journal, [transitioned()])
        assert journal.checkpoint_truncate().is_busy
        assert journal.wal_bytes >= size
        reader.connection.execute("COMMIT")
    assert not journal.checkpoint_passive().is_busy
    assert not journal.checkpoint_truncate().is_busy
    assert journal.wal_bytes == 0
    journal.close()
    assert verified(paths).is_clean


def test_a_journal_that_vanished_is_not_started_anew(paths, clock):
    write_story(paths, clock)
    paths.journal.unlink()

    with pytest.raises(TamperError, match="journal restore"):
        opened(paths, clock)
    assert not paths.journal.exists()


def test_a_journal_emptied_to_nothing_is_not_started_anew(paths, clock):
    write_story(paths, clock)
    paths.journal.write_bytes(b"")

    with pytest.raises(TamperError, match="journal restore"):
        opened(paths, clock)


@pytest.mark.parametrize("left", ["journal", "journal+head"])
def test_a_creation_that_was_cut_off_is_finished(paths, clock, left):
    opened(paths, clock).close()
    paths.key.unlink()
    if left == "journal":
        paths.head.unlink()

    with opened(paths, clock) as journal:
        assert journal.head_report.state is HeadState.OK


def test_a_minted_journal_id_is_six_of_the_client_ids_letters(paths, clock):
    with opened(paths, clock) as journal:
        assert len(journal.journal_id) == len(JOURNAL_ID)
        assert set(journal.journal_id) <= set("abcdefghijklmnopqrstuvwxyz0123456789")


def test_a_read_only_home_is_refused_with_a_sentence(paths, clock):
    blocked = paths.directory.parent / "file"
    blocked.write_text("")
    there = JournalPaths(
        directory=blocked / "journal", key_directory=paths.key_directory, mode="paper", account="a"
    )

    with pytest.raises(JournalError, match="writable"):
        opened(there, clock)


def test_the_journal_module_imports_no_heavy_library(project_root):
    code = (
        "import sys; import hfl_journal.reader, hfl_journal.writer, hfl_journal.export;"
        "print(sorted({'duckdb','numpy','pandas','pydantic','rich','asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(project_root), timeout=60,
    )  # fmt: skip

    assert done.stdout.strip() == "[]"
