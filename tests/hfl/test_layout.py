"""Lines that fit a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from hfl.layout import fitted

WORDS = st.text(st.sampled_from("abcdefgh"), min_size=1, max_size=12)


def test_a_long_line_goes_on_under_its_text():
    told = "  evidence   one two three four five six seven eight nine ten"

    lines = fitted(told, hang=13, width=40).split("\n")

    assert lines == [
        "  evidence   one two three four five six",
        "             seven eight nine ten",
    ]


def test_a_name_stays_with_its_value():
    told = "  features   " + "  ".join(f"sma({number}) {number}.5" for number in range(10, 20))

    lines = fitted(told, hang=13, width=50).split("\n")

    assert len(lines) > 2
    assert all(line.split()[-1].endswith(".5") for line in lines)


def test_where_nobody_looks_at_a_terminal_nothing_is_broken():
    told = "x " * 500

    assert fitted(told, hang=4) == told


@given(st.lists(WORDS, min_size=1, max_size=60), st.integers(40, 120), st.integers(0, 20))
def test_no_word_is_lost_and_no_line_is_wider(words, width, hang):
    told = "  label  " + " ".join(words)

    lines = fitted(told, hang=hang, width=width).split("\n")

    assert " ".join(lines).split() == told.split()
    assert max(map(len, lines)) <= width
