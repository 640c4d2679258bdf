"""What the stops on disk say: levels and ids, the text in a stop's file, the state read of them."""

import json
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hfl_core.gateway.latch_files import (
    LatchState,
    StopWritten,
    check_stop,
    is_request_id,
    json_text,
    set_stop,
    stricter,
)

ORDER = ("none", "reduce_only", "kill", "blocked")
ID_FIRST = string.ascii_letters + string.digits

# --- levels and ids ------------------------------------------------------------------------------


@given(first=st.sampled_from(ORDER), second=st.sampled_from(ORDER))
def test_the_stricter_of_two_levels_does_not_depend_on_their_order(first, second):
    expected = ORDER[max(ORDER.index(first), ORDER.index(second))]

    assert stricter(first, second) == expected


@pytest.mark.parametrize(
    "bad", ["", ".", "../x", "a/b", "-a", ".a", "_a", "a" * 101, "a b", "é", "a\n", "a\0"]
)
def test_request_id_that_is_no_file_name_is_refused(tmp_path, bad):
    with pytest.raises(ValueError, match="request id"):
        set_stop(str(tmp_path), "kill", bad, reason="", actor="")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("character", string.printable)
def test_a_request_id_is_of_letters_digits_and_three_signs(character):
    assert is_request_id("a" + character) == (character in ID_FIRST + "._-")
    assert is_request_id(character) == (character in ID_FIRST)


def test_a_refused_id_is_shown_only_so_far():
    with pytest.raises(ValueError, match="request id") as refused:
        check_stop("kill", "/" * 5_000)

    assert repr("/" * 100) in str(refused.value)


@pytest.mark.parametrize("bad", ["none", "blocked", "", "kill-"])
def test_level_that_cannot_be_set_is_refused_and_named(tmp_path, bad):
    with pytest.raises(ValueError, match="reduce_only or kill") as refused:
        set_stop(str(tmp_path), bad, "a1", reason="", actor="")

    assert repr(bad) in str(refused.value)
    assert list(tmp_path.iterdir()) == []


# --- the text in the file -------------------------------------------------------------------------


@given(st.text(max_size=40))
@example("\x00\x1f \x7e\x7f\x80\uffff")
@example("\U00010000\U0001f600\U0010fbff\U0010fc00\U0010ffff")
@example('"\\')
@example("\ud800")
def test_hand_written_json_text_reads_back_and_is_plain_to_see(text):
    written = json_text(text)

    assert json.loads(written) == text
    assert all(" " <= character <= "~" for character in written)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
@example("a ~")
def test_what_a_person_may_type_is_written_as_the_standard_library_does(text):
    assert json_text(text) == json.dumps(text)


def test_a_long_text_is_cut():
    assert json_text("x" * 1_000) == f'"{"x" * 1_000}"'
    assert json_text("x" * 1_001) == f'"{"x" * 1_000}"'


# --- what is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        LatchState(level="none", stops=(("kill", "k"),), detail="d"),
        LatchState(level="kill", detail="d"),
        LatchState(level="kill", stops=(("kill", "k"),)),
        "kill",
    ],
)
def test_two_states_are_equal_when_all_they_say_is(other):
    state = LatchState(level="kill", stops=(("kill", "k"),), detail="d")
    same = LatchState(level="kill", stops=(("kill", "k"),), detail="d")

    assert state == same
    assert hash(state) == hash(same)
    assert state != other
    assert len({state, same, other}) == 2
    assert hash(state) != hash(other)


def test_a_durable_stop_has_nothing_to_explain():
    assert StopWritten(is_new=True, is_durable=True).detail == ""


def test_a_state_shows_all_it_says():
    shown = repr(LatchState(level="kill", stops=(("kill", "k7"),), detail="why"))

    assert all(said in shown for said in ("LatchState", "'kill'", "k7", "'why'"))


def test_a_name_that_cannot_be_a_file_is_refused_with_what_may_stand_in_one():
    with pytest.raises(ValueError) as caught:
        check_stop("kill", "../up")

    assert str(caught.value) == (
        "expected a request id of 1 to 100 letters, digits, '.', '_' or '-', beginning with a "
        "letter or digit, found '../up': choose another one"
    )
