"""Status and risk check without a daemon."""

import json
import os

import pytest

from hfl.glance import Glance
from hfl_core.domain import events as ev
from hfl_core.engine.book import Book
from hfl_journal.reader import JournalReader
from hfl_journal.writer import JournalWriter
from tests.hfl.journals import SteppingClock


def test_status_is_the_books_state(made, hfl):
    book = Book()
    with JournalReader.open(made.home.journal.journal) as reader:
        for raw in reader.raw_rows():
            row = reader.row(raw.seq)
            assert row is not None
            book.apply(row.event, row.time_ns)

    code, out, _ = hfl("status", "--home", str(made.folder), "--json")
    told = json.loads(out)

    assert code == 0
    assert told["daemon"]["running"] is False
    assert told["state"] == book.state
    assert told["run_ended"] == "end_of_data"
    assert {o["client_id"] for o in told["orders"]} == set(book.live)
    assert {p["symbol"] for p in told["positions"]} == set(book.positions)
    assert told["journal"]["rows"] == told["journal"]["anchored"]


def test_process_of_the_boards_number_without_the_lock_is_no_daemon(copied, hfl):
    board = {"run": "run1", "seq": 1, "phase": "idle", "marks": {"SIM-ETH": "3000"}, "gauges": {}}
    path = copied / "journal" / "paper-main.board.json"
    path.write_text(json.dumps(board | {"pid": os.getpid(), "wall_ns": 1_700_000_000_000_000_000}))

    _, out, _ = hfl("status", "--home", str(copied), "--json")

    told = json.loads(out)
    assert told["daemon"]["running"] is False
    assert told["daemon"]["board_age_s"] > 1_000_000
    assert {p["symbol"]: p["mark"] for p in told["positions"]}["SIM-ETH"] == "3000"


def _board(copied, **changes):
    """Put a board of the copied home's last run in place, with equity 9,000 of the day's 10,000."""
    with Glance.open(copied / "journal" / "paper-main.sqlite") as journal:
        run = journal.newest("RunStarted")
        scans = journal.newest("ScansCoalesced")
    assert run is not None
    assert scans is not None
    starts = {"day": "10000", "week": "18000", "month": "36000", "high_water_mark": "90000"}
    board = {
        "run": run.run_id,
        "seq": scans.seq,
        "phase": "idle",
        "pid": 0,
        "wall_ns": 1_700_000_000_000_000_000,
        "time_ns": 1_700_000_000_000_000_000,
        "marks": {},
        "money": {"equity": "9000", **starts},
        "gauges": {},
    }
    path = copied / "journal" / "paper-main.board.json"
    path.write_text(json.dumps(board | changes))
    return scans


def test_equity_and_limits_are_the_boards_where_it_is_newer_than_the_last_row_of_scans(copied, hfl):
    _board(copied)

    told = json.loads(hfl("status", "--home", str(copied), "--json")[1])

    assert told["money"]["equity"] == "9000"
    assert told["money"]["as_of"] == "2023-11-14 22:13:20Z"
    lost = {limit["limit"]: limit["lost"] for limit in told["limits"]}
    assert lost == {
        "daily_loss": "1000",
        "weekly_loss": "9000",
        "monthly_loss": "27000",
        "drawdown": "81000",
    }


@pytest.mark.parametrize("changes", [{"run": "another"}, {"seq": 1}, {"money": {}}])
def test_a_board_of_another_run_or_older_than_the_journal_changes_no_figure(copied, hfl, changes):
    scans = _board(copied, **changes)

    told = json.loads(hfl("status", "--home", str(copied), "--json")[1])

    assert told["money"]["equity"] == scans.data["equity"]
    assert told["money"]["high_water_mark"] == scans.data["high_water_mark"]


def test_stop_in_force_is_shown_with_the_command_that_lifts_it(made, copied, hfl):
    from hfl.home import Home, home_paths

    home = Home(paths=home_paths(str(copied)), mode="paper", account="main")
    clock = SteppingClock()
    clock.now_ns += 10**15
    with JournalWriter.open(home.journal, clock=clock, run_id="run2") as writer:
        event = ev.LatchFound(level="reduce_only", latch_id="p1", text="lunch")
        writer.append(event, time_ns=writer.last_time_ns, cause_seq=0, actor="latch file")
        writer.commit()

    _, out, _ = hfl("status", "--home", str(copied))
    _, risk, _ = hfl("risk-check", "--home", str(copied), "--json")

    assert "STOP       reduce_only p1: lunch" in out
    assert "hfl resume --type RESUME" in out
    told = json.loads(risk)
    assert (told["source"], told["level"], told["latch_ids"]) == ("journal", "reduce_only", ["p1"])
