"""The journal's own verbs."""

import json
import sqlite3

import pytest

from hfl_journal.reader import JournalReader


def test_clean_journal_verifies(made, hfl):
    code, out, _ = hfl("journal", "verify", "--home", str(made.folder), "--json")

    told = json.loads(out)
    with JournalReader.open(made.home.journal.journal) as reader:
        assert (code, told["clean"], told["rows"]) == (0, True, reader.last().seq)


def test_edited_row_is_found(copied, hfl):
    path = copied / "journal" / "paper-main.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET actor = 'x' WHERE seq = 20")

    code, out, _ = hfl("journal", "verify", "--home", str(copied), "--json")

    assert code == 8
    assert {found["code"] for found in json.loads(out)["findings"]} >= {"COLUMNS", "SCHEMA"}


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_export_writes_every_row(made, hfl, tmp_path, kind):
    target = tmp_path / f"rows.{kind}"
    code, out, _ = hfl(
        "journal", "export", "--format", kind, "--out", str(target), "--home", str(made.folder),
        "--json",
    )  # fmt: skip

    with JournalReader.open(made.home.journal.journal) as reader:
        assert (code, json.loads(out)["rows"]) == (0, reader.last().seq)
    assert target.stat().st_size > 1000


def test_backup_restores_to_a_clean_journal(copied, hfl, tmp_path):
    backup = tmp_path / "backup.sqlite"

    assert hfl("journal", "backup", str(backup), "--home", str(copied))[0] == 0
    (copied / "journal" / "paper-main.sqlite").unlink()
    code, out, _ = hfl(
        "journal", "restore", str(backup), "--reason", "lost it", "--home", str(copied), "--json"
    )

    assert (code, json.loads(out)["proved"]) == (0, True)
    assert hfl("journal", "verify", "--home", str(copied))[0] == 0
    assert hfl("replay", "--home", str(copied))[0] == 0


def test_new_key_verifies(copied, hfl):
    key = next((copied / "config").rglob("*.key"))
    before = key.read_bytes()

    assert hfl("journal", "rekey", "--reason", "seen by others", "--home", str(copied))[0] == 0
    assert key.read_bytes() != before
    assert hfl("journal", "verify", "--home", str(copied))[0] == 0


def test_stats_count_every_row(made, hfl):
    _, out, _ = hfl("journal", "stats", "--home", str(made.folder), "--json")

    told = json.loads(out)
    assert sum(kind["rows"] for kind in told["kinds"]) == told["rows"]


def test_unreadable_journal_is_one_sentence(copied, hfl):
    (copied / "journal" / "paper-main.sqlite").write_bytes(b"no database" * 900)

    code, _, err = hfl("journal", "verify", "--home", str(copied))

    assert code == 4
    assert err.count("\n") == 1
