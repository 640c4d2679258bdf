"""A moment is what a journal that ended there would show: nothing later is in the picture."""

import dataclasses
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hfl.screen.outfit import outfit
from hfl.whereabouts import find
from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError
from hfl_core.engine.book import Book
from hfl_core.engine.state import book_state, restore_book
from hfl_tui.link import past as module
from hfl_tui.link.moment import Moments, Wanted
from hfl_tui.link.past import Past
from hfl_tui.link.track import INTERESTING, KIND_LETTERS, next_of_interest, row_at
from tests.tui.cut import cut_behind, journal_rows

AHEAD = 10
COLUMNS = 60


rows = journal_rows


@pytest.fixture(scope="module")
def states(rows):
    """Return the book behind every row, by folding from the first one."""
    book, found = Book(), {}
    for row in rows:
        book.apply(row.event, row.time_ns)
        found[row.seq] = book_state(book)
    return found


def wanted_at(seq, symbol=""):
    return Wanted(seq=seq, symbol=symbol, bars=30, columns=COLUMNS, ahead=AHEAD)


def moments_of(folder):
    made = outfit(find(str(folder), None))
    return Moments(made.place, made.rewinder)


def test_forward_row_by_row_the_book_is_the_fold_of_the_rows_so_far(made, rows, states):
    past = Past(made.home.journal.journal)
    for row in rows:
        assert past.go(row.seq).seq == row.seq
        assert book_state(past.book) == states[row.seq], row.seq
    past.close()


def test_backward_row_by_row_it_is_the_same(made, rows, states):
    past = Past(made.home.journal.journal)
    for row in reversed(rows[-700:]):
        past.go(row.seq)
        assert book_state(past.book) == states[row.seq], row.seq
    past.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow,
          HealthCheck.function_scoped_fixture])  # fmt: skip
@given(data=st.data())
def test_wherever_one_jumps_it_is_the_same(made, rows, states, data):
    past = Past(made.home.journal.journal)
    for seq in data.draw(st.lists(st.integers(1, rows[-1].seq), min_size=2, max_size=12)):
        past.go(seq)
        assert book_state(past.book) == states[seq]
    past.close()


def test_a_snapshot_that_cannot_be_restored_is_passed_over(made, rows, states, monkeypatch):
    monkeypatch.setattr(module, "COPIES_MAX", 0)
    real = restore_book
    calls = []

    def strange(book, state):
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("a field of another version")
        real(book, state)

    monkeypatch.setattr(module, "restore_book", strange)
    past = Past(made.home.journal.journal)
    past.go(rows[-1].seq)

    assert len(calls) == 2
    assert book_state(past.book) == states[rows[-1].seq]
    past.close()


def test_a_step_costs_one_row_and_a_jump_no_more_than_a_snapshot_is_away(made, rows, monkeypatch):
    folded = []
    real = Book.apply

    def noted(book, event, time_ns):
        folded.append(event)
        real(book, event, time_ns)

    monkeypatch.setattr(Book, "apply", noted)
    snapshots = [row.seq for row in rows if isinstance(row.event, ev.SnapshotTaken)]
    past = Past(made.home.journal.journal)
    past.go(snapshots[-1] + 5)
    assert len(folded) == 5
    past.go(snapshots[-1] + 6)
    assert len(folded) == 6
    past.go(snapshots[1] + 3)
    assert len(folded) == 9
    past.close()


def test_a_row_that_is_not_there_is_one_sentence(made, rows, tmp_path):
    past = Past(made.home.journal.journal)
    for seq in (0, rows[-1].seq + 1):
        with pytest.raises(JournalError, match=f"from 1 to {rows[-1].seq}, found {seq}"):
            past.go(seq)
    past.close()
    with pytest.raises(JournalError, match="expected a journal"):
        Past(tmp_path / "none.sqlite").go(1)


def test_a_moment_is_that_of_a_journal_that_ends_there(made, rows, tmp_path):
    """Bars, positions, money, limits, letters and decision: all of it, of every kind of row."""
    whole = moments_of(made.folder)
    chance = random.Random(5)
    kinds: dict[str, list[int]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row.seq)
    chosen = {chance.choice(seqs) for seqs in kinds.values()}
    for seq in sorted(chosen):
        cut = moments_of(cut_behind(made, tmp_path / str(seq), seq))
        for symbol in ("", "SIM-ETH"):
            wanted = wanted_at(seq, symbol)
            found = dataclasses.replace(whole.at(wanted), last_seq=seq)
            assert found == cut.at(wanted), (seq, symbol)
        cut.past.close()
    whole.past.close()


def test_hidden_nothing_is_later_and_revealed_all_of_it_is(made, rows):
    moments = moments_of(made.folder)
    for seq in range(200, rows[-1].seq - 400, 371):
        wanted = wanted_at(seq, "SIM-BTC")
        hidden = moments.at(wanted)
        shown = moments.at(dataclasses.replace(wanted, is_revealed=True))
        assert hidden.chart is not None
        assert shown.chart is not None
        assert all(candle.close_ns <= hidden.time_ns for candle in hidden.chart.candles)
        assert all(mark.seq <= seq for mark in hidden.marks)
        assert hidden.chart.ahead == ()
        assert len(shown.chart.ahead) == AHEAD
        assert shown.chart.ahead[0].close_ns > shown.chart.candles[-1].close_ns
        assert [mark for mark in shown.marks if mark.seq <= seq] == list(hidden.marks)
        assert dataclasses.replace(
            shown, chart=hidden.chart, marks=hidden.marks, is_revealed=False
        ) == hidden  # fmt: skip
    moments.past.close()


def test_marks_of_positions_are_the_last_closes_known(made, rows):
    moments = moments_of(made.folder)
    seen = 0
    for seq in range(100, rows[-1].seq, 41):
        moment = moments.at(wanted_at(seq))
        for held in moment.picture.held:
            own = moments.at(wanted_at(seq, held.symbol)).chart
            assert own is not None
            assert held.mark == own.candles[-1].close * own.tick
            seen += 1
    assert seen > 3
    moments.past.close()


# --- along the line of time -----------------------------------------------------------------------


def test_the_next_row_of_interest_is_the_nearest_one_on_that_side(made, rows):
    past = Past(made.home.journal.journal)
    past.look()
    loud = [row.seq for row in rows if row.kind in INTERESTING]
    assert 50 < len(loud) < len(rows) / 2
    for seq in range(1, rows[-1].seq, 97):
        after = next((one for one in loud if one > seq), 0)
        before = next((one for one in reversed(loud) if one < seq), 0)
        assert next_of_interest(past, seq, is_forward=True) == after
        assert next_of_interest(past, seq, is_forward=False) == before
    past.close()


def test_a_time_leads_to_the_last_row_that_is_not_after_it(made, rows):
    past = Past(made.home.journal.journal)
    for row in rows[:: max(1, len(rows) // 40)]:
        for time_ns in (row.time_ns - 1, row.time_ns, row.time_ns + 1):
            expected = max((one.seq for one in rows if one.time_ns <= time_ns), default=0)
            assert row_at(past, time_ns) == expected
    past.close()


def test_letters_are_the_rows_of_the_instrument(made, rows):
    moments = moments_of(made.folder)
    frame = 3_600_000_000_000
    symbols = {
        row.event.client_id: row.event.symbol
        for row in rows
        if isinstance(row.event, ev.OrderIntended)
    }
    row = next(row for row in reversed(rows) if row.kind == "Filled")
    symbol = symbols[row.event.fill.client_id]
    found = moments.at(wanted_at(row.seq, symbol))
    since = row.time_ns - COLUMNS * found.frame_ns

    def is_own(one):
        if one.kind == "Filled":
            return symbols[one.event.fill.client_id] == symbol
        return one.kind == "ScansCoalesced" or one.event.symbol == symbol

    wanted = [
        (one.seq, one.time_ns, KIND_LETTERS[one.kind])
        for one in rows
        if one.kind in KIND_LETTERS and one.seq <= row.seq and one.time_ns >= since and is_own(one)
    ]
    assert found.frame_ns == frame
    assert "f" in {letter for _, _, letter in wanted}
    assert list(found.marks) == wanted
    moments.past.close()
