"""Status and risk check without a daemon."""

import json
import os

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
