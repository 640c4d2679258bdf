"""The screen's fold says what the engine's says: from a snapshot, from the start, growing."""

import shutil
import time
from pathlib import Path

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError
from hfl_core.engine.book import Book
from hfl_core.engine.state import book_state
from hfl_core.ports import JournalRow
from hfl_journal.paths import JournalPaths
from hfl_journal.reader import JournalReader
from hfl_journal.writer import JournalWriter
from hfl_tui.link import replica as module
from hfl_tui.link.happenings import happening
from hfl_tui.link.replica import Replica
from tests.journal.story import StepClock


@pytest.fixture
def rows(made):
    with JournalReader.open(made.home.journal.journal) as reader:
        found: list[JournalRow] = []
        at = 0
        while page := reader.rows(at):
            found.extend(page)
            at = page[-1].seq
    return found


def paths_in(folder):
    return JournalPaths(
        directory=folder / "journal", key_directory=folder / "keys", mode="paper", account="main"
    )


def folded(rows):
    book = Book()
    for row in rows:
        book.apply(row.event, row.time_ns)
    return book


def caught_up(replica):
    while not replica.poll():
        pass
    return replica


def test_it_folds_the_whole_journal_as_the_engine_does(made, rows):
    replica = caught_up(Replica(made.home.journal.journal))

    assert book_state(replica.book) == book_state(folded(rows))
    assert (replica.seq, replica.loaded) == (rows[-1].seq, 1)
    replica.close()


def test_from_the_newest_snapshot_it_is_the_same_without_the_rows_before(made, rows, monkeypatch):
    monkeypatch.setattr(module, "LAG_ROWS_MAX", 10)
    whole = folded(rows)
    seen = []
    real = Book.apply

    def noted(book, event, time_ns):
        seen.append(event)
        real(book, event, time_ns)

    monkeypatch.setattr(Book, "apply", noted)
    replica = caught_up(Replica(made.home.journal.journal))

    assert book_state(replica.book) == book_state(whole)
    assert len(seen) < len(rows) / 2
    assert replica.happenings[0].seq < replica.seq - len(seen)
    replica.close()


def test_a_long_journal_is_folded_in_stretches_and_says_how_far(made, rows, monkeypatch):
    monkeypatch.setattr(module, "ROWS_PER_POLL", 100)
    monkeypatch.setattr(module, "PAGE_ROWS", 100)
    replica = Replica(made.home.journal.journal)

    assert replica.poll() is False
    assert 0 < replica.loaded < 1
    caught_up(replica)
    assert book_state(replica.book) == book_state(folded(rows))
    replica.close()


def test_it_follows_a_growing_journal_row_by_row(made, rows, tmp_path):
    paths = paths_in(tmp_path)
    Path(paths.directory).mkdir()
    replica = Replica(paths.journal)
    with JournalWriter.open(paths, clock=StepClock(), run_id="r") as writer:
        for until, row in enumerate(rows[:300], start=1):
            writer.append(row.event, time_ns=row.time_ns, cause_seq=0, actor="")
            if until % 37 == 0:
                writer.commit()
                assert replica.poll()
                assert replica.seq == until
                assert book_state(replica.book) == book_state(folded(rows[:until]))
    replica.close()


def test_a_restored_journal_is_another_file_and_begins_anew(made, rows, tmp_path):
    target = tmp_path / "paper-main.sqlite"
    shutil.copyfile(made.home.journal.journal, target)
    replica = caught_up(Replica(target))
    fresh = tmp_path / "fresh.sqlite"
    shutil.copyfile(made.home.journal.journal, fresh)
    fresh.replace(target)
    caught_up(replica)

    assert book_state(replica.book) == book_state(folded(rows))
    replica.close()


def test_a_missing_and_a_foreign_journal_are_one_sentence(tmp_path):
    with pytest.raises(JournalError, match="expected a journal"):
        Replica(tmp_path / "none.sqlite").poll()
    foreign = tmp_path / "foreign.sqlite"
    foreign.write_bytes(b"this is not a database, it is a text" * 50)
    with pytest.raises(JournalError, match="expected"):
        Replica(foreign).poll()


def test_the_last_decision_is_the_newest_signal_with_what_the_gate_said(made, rows):
    replica = caught_up(Replica(made.home.journal.journal))
    signal = next(row for row in reversed(rows) if isinstance(row.event, ev.SignalEmitted))
    decision = replica.decision

    assert decision is not None
    assert isinstance(signal.event, ev.SignalEmitted)
    assert (decision.seq, decision.symbol) == (signal.seq, signal.event.symbol)
    judged = [
        row.event
        for row in rows
        if row.seq > signal.seq
        and isinstance(row.event, ev.RiskAssessed)
        and row.event.symbol == signal.event.symbol
        and row.event.rules
    ]
    assert decision.asked == (len(judged[-1].rules) if judged else 0)
    replica.close()


def test_every_event_is_worth_a_line_or_known_to_be_quiet(rows):
    quiet = {"Transitioned", "TimePassed", "SnapshotTaken", "OrderQueried", "SendAttempted"}
    quiet |= {"BarClosed"}
    silent = {row.kind for row in rows if happening(row, {}) is None}
    kinds = {cls.__name__ for cls in ev.Event.__subclasses__()}
    from hfl_tui.link.happenings import _TELLERS

    assert silent <= quiet
    assert kinds - quiet == {cls.__name__ for cls in _TELLERS}


def test_lines_name_the_symbol_of_every_order_they_are_about(rows):
    symbols = {
        row.event.client_id: row.event.symbol
        for row in rows
        if isinstance(row.event, ev.OrderIntended)
    }
    for row in rows:
        client_id = getattr(row.event, "client_id", "")
        found = happening(row, symbols) if client_id else None
        if found is not None:
            assert symbols[client_id] in found.text
            assert found.ask == client_id


@pytest.mark.process
def test_it_starts_near_the_end_of_a_journal_of_many_rows(made, rows, tmp_path):
    """The time to the first picture does not grow with the journal: a third of the whole fold."""
    paths = paths_in(tmp_path)
    Path(paths.directory).mkdir()
    body = [row for row in rows if row.kind in {"Transitioned", "BarsRejected", "RiskAssessed"}]
    with JournalReader.open(made.home.journal.journal) as reader:
        snapshot = [row for row in rows if isinstance(row.event, ev.SnapshotTaken)][-1]
        assert isinstance(snapshot.event, ev.SnapshotTaken)
        blob = reader.blob(snapshot.event.blob)
    with JournalWriter.open(paths, clock=StepClock(), run_id="r") as writer:
        for row in body * (40_000 // len(body)):
            writer.append(row.event, time_ns=1, cause_seq=0, actor="")
        writer.put_blob(blob, kind="snapshot")
        writer.append(snapshot.event, time_ns=2, cause_seq=0, actor="")
        writer.commit()
    began_s = time.process_time()
    near = caught_up(Replica(paths.journal))
    near_s = time.process_time() - began_s
    with JournalReader.open(paths.journal) as reader:
        began_s = time.process_time()
        at, book = 0, Book()
        while page := reader.rows(at):
            for row in page:
                book.apply(row.event, row.time_ns)
            at = page[-1].seq
        whole_s = time.process_time() - began_s

    assert near.seq == at
    assert near_s < whole_s / 3, (near_s, whole_s)
    near.close()
