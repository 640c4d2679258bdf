"""`hfl doctor`: what is where and what is wrong."""

import json
import socket
from pathlib import Path

import pytest

from hfl.cli import main
from hfl.examination import BAD, NOTE
from hfl.home import home_paths
from hfl.verb import DONE, FAILED
from hfl_core.domain.events import Degraded
from hfl_core.runtime.clock import VirtualClock
from hfl_journal.paths import JournalPaths
from hfl_journal.writer import JournalWriter


@pytest.fixture
def home(hfl_home, capsys):
    main(["init"])
    capsys.readouterr()
    return hfl_home


def doctor(capsys):
    code = main(["doctor", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert (code == DONE) is answer["ok"]
    assert code in {DONE, FAILED}
    return answer


def marks(capsys, mark):
    return {f["topic"]: f["text"] for f in doctor(capsys)["findings"] if f["mark"] == mark}


def write_journal(home):
    paths = JournalPaths(
        directory=home / "journal",
        key_directory=home / "config" / "keys",
        mode="paper",
        account="main",
    )
    with JournalWriter.open(paths, clock=VirtualClock(1), run_id="r") as writer:
        writer.append(Degraded(component="x", detail="y"), time_ns=1, cause_seq=0, actor="t")
        writer.commit()
    return paths


def test_a_fresh_home_is_well_and_every_path_says_where_it_came_from(home, capsys):
    answer = doctor(capsys)

    assert answer["ok"], answer
    assert {row["from"] for row in answer["paths"]} >= {"HFL_HOME"}
    assert {row["what"] for row in answer["paths"]} >= {"config", "journal", "latch", "sockets"}
    assert {f["topic"] for f in answer["findings"]} >= {
        "python", "sqlite", "libraries", "config", "disk", "clock", "latch", "daemon", "journal",
        "strategies",
    }  # fmt: skip


def test_a_home_that_was_never_made_is_a_note_not_an_error(hfl_home, capsys):
    assert "hfl init" in marks(capsys, NOTE)["home"]


def test_what_is_shown_to_a_person_names_each_finding(home, capsys):
    (home / "config" / "config.toml").write_text("oops = 1\n")

    assert main(["doctor"]) == FAILED
    shown = capsys.readouterr().out
    assert "BAD  config" in shown
    assert "1 things are wrong" in shown


def test_stops_are_named_and_a_latch_that_cannot_be_read_is_bad(home, capsys):
    (home / "run" / "latch" / "kill-abc").write_text("{}")
    assert "kill abc" in marks(capsys, NOTE)["latch"]

    (home / "run" / "latch" / "ready").unlink()
    assert "hfl init" in marks(capsys, BAD)["latch"]


def test_a_journal_is_held_against_its_head(home, capsys):
    paths = write_journal(home)
    assert "journal" not in marks(capsys, BAD)

    paths.head.unlink()
    assert "hfl journal restore" in marks(capsys, BAD)["journal"]


def test_a_journal_that_is_gone_while_its_trace_is_there_is_bad(home, capsys):
    write_journal(home).journal.unlink()

    assert "trace" in marks(capsys, BAD)["journal"]


def test_open_folders_and_open_sockets_are_bad(home, capsys):
    (home / "journal").chmod(0o755)
    listener = socket.socket(socket.AF_UNIX)
    path = home_paths(None).emergency_socket
    listener.bind(path)
    Path(path).chmod(0o666)
    try:
        found = marks(capsys, BAD)
    finally:
        listener.close()
        Path(path).unlink()

    assert "chmod 700" in found["home"]
    assert "0666" in found["sockets"]


def test_a_strategy_that_cannot_be_loaded_is_bad(home, capsys):
    (home / "strategies" / "broken.py").write_text("def x(:\n")

    assert "broken" in marks(capsys, BAD)["strategies"]


def test_nothing_is_changed_by_looking(home, capsys):
    """A reader of SQLite may leave an empty log and its index beside the journal, nothing else."""
    write_journal(home)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}

    doctor(capsys)

    after = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert {path.name for path in after.keys() - before.keys()} <= {
        "paper-main.sqlite-shm",
        "paper-main.sqlite-wal",
    }
    assert before.items() <= after.items()
