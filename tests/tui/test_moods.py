"""Every state of the whole has its own header, and what is most doubtful comes first."""

from decimal import Decimal

import pytest

from hfl_tui.lines import line, text_of
from hfl_tui.link import mood as moods
from hfl_tui.link.mood import mood
from hfl_tui.panels.header import header
from hfl_tui.panels.positions import position_rows
from tests.tui.pictures import NOW, SECOND, board, held, picture, stop

QUIET = line("alerts none")
THREE = line("alerts 3 new 12:04")
LIMIT = stop("l", limit="daily_loss", actor="engine", reason="daily_loss: 24.2 beyond 24.1")
CASES = [
    (picture(), moods.FINE, ""),
    (picture(exists=False, is_running=False), moods.EMPTY, "hfl run"),
    (picture(trouble="expected a journal, found a poem"), moods.BROKEN, "found a poem"),
    (picture(loaded=Decimal("0.42")), moods.LOADING, "42%"),
    (picture(is_running=False, run_ended="end_of_data"), moods.ENDED, "end_of_data"),
    (picture(is_running=False), moods.DISCONNECTED, "shown as of"),
    (picture(board=board(beat_s=192), row_wall_ns=NOW - 192 * SECOND), moods.HUNG, "3m"),
    (picture(board=board(moved_s=41)), moods.STALE, "40s"),
    (picture(stops=(stop("a"),)), moods.PAUSED, "by cli:me"),
    (picture(stops=(LIMIT,)), moods.HALTED, "daily_loss"),
    (picture(stops=(stop("a"), stop("k", level="kill"))), moods.KILLED, "typed"),
    (picture(state="halted", halt_reason="recovering"), moods.STARTING, "comparing"),
    (picture(state="halted", halt_reason="journal"), moods.HALTED, "journal"),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "kind", "word"), CASES)
@pytest.mark.parametrize("width", [80, 140])
def test_every_state_is_told_in_the_first_row(shown, kind, word, width):
    found = mood(shown, NOW)
    rows = header(shown, found, now_ns=NOW, width=width, news=QUIET)

    assert found.kind == kind
    assert word in found.sentence
    assert len(rows) == 2
    assert all(len(text_of(row)) == width for row in rows)
    if kind:
        assert f" {kind} " in text_of(rows[0])
    else:
        assert "[IDLE]" in text_of(rows[0])


def test_a_hung_engine_says_whether_its_socket_answers():
    for answering, word in ((True, "socket ok"), (False, "socket silent")):
        shown = picture(
            board=board(beat_s=60), row_wall_ns=NOW - 60 * SECOND, is_answering=answering
        )
        assert word in mood(shown, NOW).sentence


def test_what_makes_the_rest_doubtful_comes_before_a_stop():
    hung = picture(board=board(beat_s=60), row_wall_ns=0, stops=(stop("a"),))

    assert mood(hung, NOW).kind == moods.HUNG
    assert mood(picture(stops=(stop("a"),), board=board(moved_s=99)), NOW).kind == moods.PAUSED


def test_data_is_stale_behind_three_steps_and_never_before_five_seconds():
    fresh = picture(board=board(moved_s=4.9, step_s=0.1))
    slow = picture(board=board(moved_s=170, step_s=60))

    assert not moods.is_stale(fresh, NOW)
    assert moods.is_stale(picture(board=board(moved_s=5.1, step_s=0.1)), NOW)
    assert not moods.is_stale(slow, NOW)
    assert moods.is_stale(picture(board=board(moved_s=181, step_s=60)), NOW)
    assert not moods.is_stale(picture(board=board(moved_s=999, step_s=0)), NOW)


def test_old_values_carry_a_mark_besides_their_colour():
    shown = picture(held=(held("BTC-USDT"),))
    fresh = position_rows(shown, now_ns=NOW, width=50, is_old=False)[0]
    old = position_rows(shown, now_ns=NOW, width=50, is_old=True)[0]
    last = lambda row: row.cells[4][0]

    assert (last(fresh), last(old)) == ("101", "~101")


@pytest.mark.parametrize(("place", "mark"), [("b", "b"), ("!", "!"), ("-", "-")])
def test_where_a_stop_rests_is_a_letter_of_its_own(place, mark):
    shown = picture(held=(held("BTC-USDT", stop_place=place),))
    row = position_rows(shown, now_ns=NOW, width=50, is_old=False)[0]

    assert row.cells[6][0] == mark


def test_the_heartbeat_changes_with_its_class_only():
    told = [
        text_of(header(shown, mood(shown, NOW), now_ns=NOW, width=80, news=QUIET)[0])
        for shown in (picture(board=board(beat_s=age)) for age in (0.1, 0.9, 2.9))
    ]

    assert len(set(told)) == 1
    assert told[0].endswith("hb ok")


def test_new_alerts_are_seen_at_every_width():
    shown = picture(stops=(stop("a"),))
    for width in (40, 60, 80, 140):
        rows = header(shown, mood(shown, NOW), now_ns=NOW, width=width, news=THREE)
        assert text_of(rows[1]).endswith("alerts 3 new 12:04")
