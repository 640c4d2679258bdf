"""Followers read whatever the journal's directory and log allow, and disturb nobody."""

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError
from hfl_journal.export import export_rows
from hfl_journal.memory import MemoryJournal
from hfl_journal.reader import JournalReader
from hfl_journal.stats import read_stats
from hfl_journal.writer import JournalWriter
from tests.journal.story import SECOND_NS, START_NS, client_id, tell, transitioned, write_story


def test_rows_are_found_by_number_kind_time_and_what_they_are_about(paths, clock):
    told = write_story(paths, clock)
    with JournalReader.open(paths.journal) as reader:
        row = reader.row(4)
        assert row is not None
        assert row.event == told[3]
        assert reader.row(10_000) is None
        assert [r.event for r in reader.rows_of("Filled")] == [
            e for e in told if isinstance(e, ev.Filled)
        ]
        wanted = ("Transitioned", "OrderIntended")
        assert [r.seq for r in reader.rows_of(*wanted, after_seq=5, limit=3)] == [
            seq for seq, e in enumerate(told, 1) if type(e).__name__ in wanted and seq > 5
        ][:3]
        kinds = [type(r.event).__name__ for r in reader.rows_about(client_id(11))]
        assert kinds == ["OrderIntended", "SendAttempted", "OrderAccepted", "Filled", "Filled"]
        assert [r.kind for r in reader.rows_about("q12")] == ["CommandReceived"]


@pytest.mark.parametrize("kind", ["Filled", "Transitioned", "RunStarted"])
def test_the_newest_row_not_after_a_time_is_found(paths, clock, kind):
    told = write_story(paths, clock)
    with JournalReader.open(paths.journal) as reader:
        for seq in range(0, len(told) + 2, 3):
            found = reader.last_before(START_NS + seq * SECOND_NS - 1, kind)
            expected = [n for n, e in enumerate(told[:seq], 1) if type(e).__name__ == kind]
            assert (found.seq if found else None) == (expected[-1] if expected else None)


def test_a_follower_sees_each_commit_and_never_blocks_the_writer(paths, clock):
    with (
        JournalWriter.open(paths, clock=clock, run_id="run-1") as journal,
        JournalReader.open(paths.journal) as reader,
    ):
        seen = 0
        for _ in range(5):
            tell(journal, [transitioned(), transitioned()])
            rows = reader.rows(seen)
            seen = rows[-1].seq
            assert (len(rows), seen) == (2, journal.seq)
            assert not journal.checkpoint_truncate().is_busy


def test_a_reader_cannot_write(paths, clock):
    write_story(paths, clock)
    with (
        JournalReader.open(paths.journal) as reader,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        reader.connection.execute("DROP TABLE event_ref")


def test_a_missing_journal_is_one_sentence(tmp_path):
    with pytest.raises(JournalError, match="found none: start the bot"):
        JournalReader.open(tmp_path / "none.sqlite")


FOLLOWER = """
import os, sys
from pathlib import Path
sys.path[:0] = sys.argv[1].split(":")
from hfl_journal.reader import JournalReader
# The super-user may write anywhere: become nobody. After the imports, which nobody may not read.
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    (Path(sys.argv[2]).parent / "probe").touch()
    print("writable")
except OSError:
    with JournalReader.open(Path(sys.argv[2])) as reader:
        print(reader.last().seq, sum(1 for _ in reader.raw_rows()), reader.is_copy)
"""


@pytest.mark.process
@pytest.mark.parametrize("has_log", [False, True])
def test_in_a_read_only_directory_every_committed_row_is_read(paths, clock, project_root, has_log):
    """Without a log as an immutable file, with one as a private copy of both."""
    told = write_story(paths, clock)
    count = len(told)
    if has_log:
        count += 43
    with tempfile.TemporaryDirectory() as directory:
        frozen = Path(directory) / "journal"
        frozen.mkdir()
        journal = JournalWriter.open(paths, clock=clock, run_id="run-3")
        if has_log:
            tell(journal, [transitioned() for _ in range(43)])
        for end in ("", "-wal") if has_log else ("",):
            source = paths.journal.with_name(paths.journal.name + end)
            (frozen / source.name).write_bytes(source.read_bytes())
            (frozen / source.name).chmod(0o444)
        journal.close()
        Path(directory).chmod(0o755)
        frozen.chmod(0o555)
        roots = f"{project_root}:{project_root / 'journal'}"
        done = subprocess.run(
            [sys.executable, "-c", FOLLOWER, roots, str(frozen / paths.journal.name)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        frozen.chmod(0o755)

    assert done.stderr == ""
    assert done.stdout.split() == [str(count), str(count), str(has_log)]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_an_exported_slice_holds_the_rows(paths, clock, tmp_path, kind):
    told = write_story(paths, clock)
    target = tmp_path / f"out's.{kind}"
    with JournalReader.open(paths.journal) as reader:
        count = export_rows(reader, target, kind=kind, after_seq=2, to_seq=12)
        wanted = [(r.seq, r.kind, r.hash.hex()) for r in reader.raw_rows(2, 12)]
        with pytest.raises(JournalError, match="already there"):
            export_rows(reader, target, kind=kind)
        with pytest.raises(JournalError, match="format"):
            export_rows(reader, tmp_path / "x", kind="xml")

    assert (count, len(wanted)) == (10, 10)
    if kind == "jsonl":
        found = [json.loads(line) for line in target.read_text().splitlines()]
        assert [(r["seq"], r["kind"], r["hash"]) for r in found] == wanted
        assert found[1]["data"]["reason"] == told[3].reason  # type: ignore[attr-defined]
    elif kind == "csv":
        with target.open(newline="") as file:
            table = list(csv.DictReader(file))
        assert [(int(r["seq"]), r["kind"], r["hash"]) for r in table] == wanted
    else:
        import duckdb

        query = f"SELECT seq, kind, hash FROM '{str(target).replace(chr(39), chr(39) * 2)}'"
        with duckdb.connect() as database:
            assert database.execute(query).fetchall() == wanted


def test_statistics_count_what_was_told(paths, clock):
    told = write_story(paths, clock)
    with JournalReader.open(paths.journal) as reader:
        stats = read_stats(reader)

    assert (stats.rows, stats.mode, stats.account) == (len(told), "paper", "demo")
    fills = next(kind for kind in stats.kinds if kind.kind == "Filled")
    assert fills.rows == sum(isinstance(event, ev.Filled) for event in told)
    assert [run.run_id for run in stats.runs] == ["run-1", "run-2"]
    assert (stats.first_time_ns, stats.blobs) == (START_NS, 2)


def test_memory_rows_and_blobs_read_back(clock):
    journal = MemoryJournal(run_id="r", clock=clock)
    sha = journal.put_blob(b"x" * 10_000, kind="config")
    journal.append(transitioned(), time_ns=1, cause_seq=0, actor="engine")
    assert journal.committed_rows == 0
    journal.commit()

    assert journal.blob(sha) == b"x" * 10_000
    assert [row.event for row in journal.rows(0, 5)] == [transitioned()]
    assert journal.rows(1) == ()
