"""The independent verifier finds every attack of the list, names it.

And agrees with the project's own.
"""

import ast
import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.values import with_changes
from hfl_journal.head import Head, write_head
from hfl_journal.keys import load_key
from hfl_journal.paths import JournalPaths
from hfl_journal.rows import Anchor
from hfl_journal.verify import verify_journal
from hfl_journal.writer import JournalWriter
from tests.journal.attacks import attacked, drop_tail, read, reseal, rewrite, write
from tests.journal.story import StepClock, filled, tell, transitioned, write_story

TOOL = Path("tools") / "verify_journal.py"


@pytest.fixture
def paths(tmp_path: Path) -> JournalPaths:
    """A story in two runs, closed and anchored."""
    found = JournalPaths(
        directory=tmp_path / "journal", key_directory=tmp_path / "keys", mode="paper",
        account="demo",
    )  # fmt: skip
    write_story(found, StepClock())
    return found


@pytest.fixture
def tool(project_root):
    """The verifier's functions, loaded from its file as a module of its own."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("verify_journal", project_root / TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def codes(tool, paths):
    key = bytes.fromhex(paths.key.read_text().strip()) if paths.key.exists() else None
    return set(tool.verify(paths.journal, paths.head, key, use_head=True)["counts"])


def own_codes(paths):
    report = verify_journal(paths.journal, head_path=paths.head, key=load_key(paths.key))
    return {finding.code for finding in report.findings}


def sign(paths):
    """Sign the journal as it is: what only somebody with the key can do."""
    connection = sqlite3.connect(paths.journal)
    seq, digest = connection.execute(
        "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    journal_id = connection.execute("SELECT value FROM meta WHERE name='journal_id'").fetchone()[0]
    connection.close()
    key = load_key(paths.key)
    assert key is not None
    at = Anchor(seq, digest)
    write_head(paths.head, Head(journal_id=journal_id, at=at, verified=at), key)


def of_kind(rows, kind):
    return next(row for row in rows if row["kind"] == kind)


def data_of(row):
    return json.loads(row["body"])["data"]


def test_a_clean_journal_passes_both(tool, paths):
    assert codes(tool, paths) == set()
    assert own_codes(paths) == set()


def test_a_journal_with_a_log_beside_it_passes_both(tool, paths):
    journal = JournalWriter.open(paths, clock=StepClock(), run_id="run-3")
    tell(journal, [transitioned()])
    assert journal.wal_bytes > 0

    report = tool.verify(paths.journal, paths.head, load_key(paths.key), use_head=True)
    assert (report["counts"], report["not_anchored"]) == ({}, 1)
    assert own_codes(paths) == set()
    journal.close()


def edit_body(connection):
    connection.execute(
        "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), '0.5', '0.6') AS BLOB)"
        " WHERE kind = 'OrderIntended'"
    )


def edit_column(connection):
    connection.execute("UPDATE event SET actor = 'nobody' WHERE seq = 5")


def edit_and_rehash_one(connection):
    rows = read(connection)
    rows[4]["actor"] = "nobody"
    reseal(rows[4], rows[4]["prev"])
    write(connection, rows)


def reorder(connection):
    rows = read(connection)
    rows[5], rows[6] = rows[6], rows[5]
    rows[5]["seq"], rows[6]["seq"] = rows[6]["seq"], rows[5]["seq"]
    write(connection, rows)


def insert(connection):
    rows = read(connection)
    extra = dict(rows[-1])
    for row in rows[8:]:
        row["seq"] += 1
    extra["seq"] = 9
    reseal(extra, rows[7]["hash"])
    write(connection, [*rows[:8], extra, *rows[8:]])


def drop_first_rows(connection):
    connection.execute("DELETE FROM event WHERE seq <= 3")


def drop_last_rows(connection):
    drop_tail(connection, 4)


def rewrite_everything(connection):
    def change(rows):
        row = of_kind(rows, "Filled")
        row["data"] = data_of(row)
        row["data"]["fill"]["price"] = "1"
        return rows

    rewrite(connection, change)


def rewrite_without_a_control_record(connection):
    rewrite(connection, lambda rows: [r for r in rows if r["kind"] != "CommandReceived"])


def roll_the_clock_back(connection):
    def change(rows):
        for row in rows[10:]:
            row["wall_ns"] -= 10_000_000_000
        return rows

    rewrite(connection, change)


def swap_a_blob(connection):
    connection.execute("UPDATE blob SET codec = 'raw', bytes = 3, body = x'616263'")


def remove_a_named_blob(connection):
    connection.execute("DELETE FROM blob")


def delete_a_control_record(connection):
    connection.execute(
        "DELETE FROM event WHERE seq = (SELECT min(seq) FROM event WHERE kind = 'CommandReceived')"
    )


def change_the_columns_only(connection):
    connection.execute("UPDATE event SET time_ns = time_ns + 1 WHERE seq = 7")


def write_bodies_loosely(connection):
    rows = read(connection)
    last = bytes(32)
    for row in rows:
        reseal(row, last)
        if row["seq"] == 6:
            import hashlib

            row["body"] = row["body"].replace(b'","', b'" ,"', 1)
            row["hash"] = hashlib.sha256(last + row["body"]).digest()
        last = row["hash"]
    write(connection, rows)


def put_a_float_in(connection):
    def change(rows):
        row = of_kind(rows, "OrderIntended")
        row["data"] = data_of(row) | {"quantity": 0.5}
        return rows

    rewrite(connection, change)


def remove_the_verdicts(connection):
    rewrite(connection, lambda rows: [r for r in rows if r["kind"] != "RiskAssessed"])


def refuse_the_verdicts(connection):
    def change(rows):
        for row in rows:
            if row["kind"] == "RiskAssessed":
                row["data"] = data_of(row) | {"allowed": False}
        return rows

    rewrite(connection, change)


def put_the_verdict_behind(connection):
    def change(rows):
        at = next(i for i, row in enumerate(rows) if row["kind"] == "RiskAssessed")
        rows[at], rows[at + 1] = rows[at + 1], rows[at]
        for row in rows[at : at + 2]:
            row["wall_ns"] = rows[at + 2]["wall_ns"] - 1
            row["mono_ns"] = rows[at + 2]["mono_ns"] - 1
        return rows

    rewrite(connection, change)


def twice(kind):
    def attack(connection):
        def change(rows):
            extra = dict(of_kind(rows, kind))
            extra["wall_ns"] = rows[-1]["wall_ns"]
            extra["mono_ns"] = rows[-1]["mono_ns"]
            extra["run_id"] = rows[-1]["run_id"]
            return [*rows, extra]

        rewrite(connection, change)

    return attack


def fill_too_much(connection):
    def change(rows):
        row = of_kind(rows, "Filled")
        row["data"] = data_of(row)
        row["data"]["fill"]["quantity"] = "0.7"
        return rows

    rewrite(connection, change)


def remove_an_intent(connection):
    rewrite(connection, lambda rows: [r for r in rows if r["kind"] != "OrderIntended"])


def come_from_another_account(connection):
    def change(rows):
        rows[0]["data"] = data_of(rows[0]) | {"account": "real"}
        return rows

    rewrite(connection, change)


# name -> (attack, the independent verifier's code, the project's own code or None, somebody held
# the key)
ATTACKS = {
    "edit of a body": (edit_body, "HASH", "HASH", False),
    "edit of a column": (edit_column, "COLUMNS", "COLUMNS", False),
    "edit with its own hash": (edit_and_rehash_one, "LINK", "LINK", False),
    "reorder": (reorder, "LINK", "LINK", False),
    "insert": (insert, "LINK", "LINK", False),
    "drop head": (drop_first_rows, "SEQUENCE", "SEQUENCE", False),
    "drop tail": (drop_last_rows, "TAIL_CUT", "HEAD_BEHIND", False),
    "full rewrite": (rewrite_everything, "REWRITTEN", "HEAD_FORGED", False),
    "rewrite without control": (
        rewrite_without_a_control_record, "TAIL_CUT", "HEAD_BEHIND", False,
    ),
    "clock rollback": (roll_the_clock_back, "CLOCK_WALL", "CLOCK_WALL", False),
    "clock rollback, signed": (roll_the_clock_back, "CLOCK_WALL", "CLOCK_WALL", True),
    "swapped blob": (swap_a_blob, "BLOB", "BLOB", False),
    "removed blob": (remove_a_named_blob, "BLOB_MISSING", "BLOB_MISSING", False),
    "deleted control record": (delete_a_control_record, "SEQUENCE", "SEQUENCE", False),
    "columns differ": (change_the_columns_only, "COLUMNS", "COLUMNS", False),
    "loose JSON, signed": (write_bodies_loosely, "NOT_CANONICAL", None, True),
    "a float, signed": (put_a_float_in, "NUMBER", None, True),
    "no verdict, signed": (remove_the_verdicts, "NO_VERDICT", None, True),
    "refusing verdict, signed": (refuse_the_verdicts, "NO_VERDICT", None, True),
    "verdict behind, signed": (put_the_verdict_behind, "NO_VERDICT", None, True),
    "client id twice, signed": (twice("OrderIntended"), "DUPLICATE_CLIENT_ID", "INDEX", True),
    "sent twice, signed": (twice("SendAttempted"), "SENT_TWICE", "INDEX", True),
    "fill twice, signed": (twice("Filled"), "DUPLICATE_FILL", "INDEX", True),
    "overfilled, signed": (fill_too_much, "OVERFILLED", None, True),
    "no intent, signed": (remove_an_intent, "NO_INTENT", None, True),
    "other account, signed": (come_from_another_account, "FOREIGN_ROW", None, True),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_is_detected_and_named(tool, paths, name):
    attack, code, own, has_key = ATTACKS[name]
    with attacked(paths.journal) as connection:
        attack(connection)
    if has_key:
        sign(paths)

    found = codes(tool, paths)
    assert code in found
    assert "GUARD_MISSING" not in found
    if own is not None:
        assert own in own_codes(paths)


def test_without_the_key_a_full_rewrite_is_caught_by_the_head_alone(tool, paths):
    """The forger recomputes everything he can: only the head's hash gives him away."""
    with attacked(paths.journal) as connection:
        rewrite_everything(connection)

    assert codes(tool, paths) == {"REWRITTEN"}
    assert own_codes(paths) == {"HEAD_FORGED"}


def test_a_rewrite_with_a_self_made_head_is_caught_by_its_signature(tool, paths):
    with attacked(paths.journal) as connection:
        rewrite_everything(connection)
    good = paths.key.read_bytes()
    paths.key.write_text("ab" * 32)
    sign(paths)
    paths.key.write_bytes(good)

    assert codes(tool, paths) == {"HEAD_FORGED"}
    assert own_codes(paths) == {"HEAD_FORGED"}


def test_a_rewrite_that_forgets_what_a_run_began_behind_is_found_without_any_head(tool, paths):
    with attacked(paths.journal) as connection:
        rewrite_everything(connection)
        rows, last = read(connection), bytes(32)
        at = max(i for i, row in enumerate(rows) if row["kind"] == "RunStarted")
        for i, row in enumerate(rows):
            if i == at:
                row["data"] = data_of(row) | {"head_hash": "ab" * 32}
            reseal(row, last)
            last = row["hash"]
        write(connection, rows)

    found = tool.verify(paths.journal, paths.head, None, use_head=False)["counts"]
    assert set(found) == {"NO_HEAD", "RUN_HEAD"}


def test_two_journals_merged_are_detected_even_when_signed(tool, paths, tmp_path):
    other = JournalPaths(
        directory=tmp_path / "o", key_directory=tmp_path / "ok", mode="paper", account="demo"
    )
    clock = StepClock()
    clock.now_ns = 10**15
    with JournalWriter.open(other, clock=clock, run_id="x", journal_id="zzz999") as journal:
        tell(journal, write_story_events("zzz999"))
    foreign = sqlite3.connect(other.journal)
    rows = read(foreign)
    foreign.close()
    with attacked(paths.journal) as connection:
        rewrite(connection, lambda mine: [*mine, *rows])

    assert "REWRITTEN" not in codes(tool, paths)
    assert "FOREIGN_ROW" in codes(tool, paths)
    sign(paths)
    assert "FOREIGN_ROW" in codes(tool, paths)


def write_story_events(journal_id):
    from tests.journal.story import client_id, order_intended, risk_assessed

    return [
        risk_assessed(90, intent_hash="9" * 64),
        with_changes(order_intended(90, intent_hash="9" * 64), client_id=client_id(90, journal_id)),
    ]


def test_two_journals_merged_without_new_hashes_break_the_chain(tool, paths, tmp_path):
    other = JournalPaths(
        directory=tmp_path / "o", key_directory=tmp_path / "ok", mode="paper", account="demo"
    )
    write_story(other, StepClock(), orders=5)
    foreign = sqlite3.connect(other.journal)
    rows = read(foreign)
    foreign.close()
    with attacked(paths.journal) as connection:
        mine = read(connection)
        write(connection, [*mine, *rows[len(mine) :]])

    assert "LINK" in codes(tool, paths)
    assert "LINK" in own_codes(paths)


def test_a_removed_head_and_a_removed_guard_are_detected(tool, paths):
    paths.head.unlink()
    with attacked(paths.journal):
        pass
    connection = sqlite3.connect(paths.journal)
    connection.execute("DROP TRIGGER event_no_update")
    connection.close()

    assert codes(tool, paths) == {"HEAD_MISSING", "GUARD_MISSING"}
    assert own_codes(paths) == {"HEAD_MISSING", "SCHEMA"}


def test_a_tampered_index_is_found_by_the_own_verifier(paths):
    with attacked(paths.journal) as connection:
        connection.execute("DELETE FROM event_ref WHERE ref = '@OrderIntended'")

    assert own_codes(paths) == {"INDEX"}


def test_a_clock_anomaly_allows_the_wall_to_step_back(tool, paths):
    clock = StepClock()
    clock.now_ns = 10**12
    clock.wall_offset_ns -= 2 * 10**12
    with JournalWriter.open(paths, clock=clock, run_id="run-3") as journal:
        tell(journal, [ev.ClockAnomaly(kind="step", wall_jump_ns=-1), transitioned()])

    assert codes(tool, paths) == set()
    assert own_codes(paths) == set()


def test_a_monotonic_clock_that_steps_back_within_a_run_is_found(tool, paths):
    def change(rows):
        rows[6]["mono_ns"] = 1
        return rows

    with attacked(paths.journal) as connection:
        rewrite(connection, change)
    sign(paths)

    assert "CLOCK_MONO" in codes(tool, paths)
    assert "CLOCK_MONO" in own_codes(paths)


def test_a_late_fill_beyond_the_intent_is_found(tool, paths):
    with JournalWriter.open(paths, clock=StepClock(), run_id="run-3") as journal:
        tell(journal, [filled(10, "f3", "0.1")])

    assert "OVERFILLED" in codes(tool, paths)


def test_the_command_line_says_what_it_found_and_exits_as_documented(paths, project_root):
    def run(*more, journal=paths.journal):
        return subprocess.run(
            [sys.executable, "-I", str(project_root / TOOL), str(journal), *more],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    clean = run("--key", str(paths.key), "--json")
    assert clean.returncode == 0
    assert json.loads(clean.stdout)["findings"] == []
    assert run().returncode == 1
    assert "KEY_MISSING" in run().stdout
    assert run("--no-head").returncode == 0
    missing = run(journal=paths.journal.with_name("none.sqlite"))
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    with attacked(paths.journal) as connection:
        drop_tail(connection, 1)
    assert run("--key", str(paths.key)).returncode == 1
    paths.journal.write_bytes(os.urandom(5_000))
    garbage = run("--key", str(paths.key))
    assert garbage.returncode == 2
    assert "Traceback" not in garbage.stderr


def test_it_is_independent_and_under_500_lines(project_root):
    source = (project_root / TOOL).read_text()
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [n.name for n in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        )
    }

    assert imported <= set(sys.stdlib_module_names)
    assert len(source.splitlines()) < 500


def test_it_reads_a_hundred_thousand_rows_in_seconds(tool, tmp_path):
    found = JournalPaths(
        directory=tmp_path / "big", key_directory=tmp_path / "k", mode="paper", account="demo"
    )
    with JournalWriter.open(found, clock=StepClock(), run_id="run-1") as journal:
        tell(journal, [transitioned() for _ in range(20_000)])
    began = time.process_time()
    assert codes(tool, found) == set()
    assert time.process_time() - began < 20
