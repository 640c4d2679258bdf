"""Lines are as wide as asked, whatever is in them, and only what changed is written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_tui import formats
from hfl_tui.lines import STYLES, fit, line, rule, text_of, width_of, wrap
from hfl_tui.table import Column, Row, row_line
from hfl_tui.widgets.pane import changed

STYLE = st.sampled_from(sorted(STYLES))
LINES = st.lists(st.tuples(st.text(max_size=12), STYLE), max_size=6).map(lambda p: line(*p))
SECOND = 10**9


@given(LINES, st.integers(0, 60))
def test_a_fitted_line_has_its_width_and_begins_as_it_was(found, width):
    fitted = fit(found, width)

    assert width_of(fitted) == width
    assert text_of(fitted).rstrip(" ") == text_of(found)[:width].rstrip(" ")


@given(st.text())
def test_outside_text_becomes_narrow_printable_characters(text):
    cleaned = formats.clean(text)

    assert cleaned.isprintable()
    assert "\n" not in cleaned


def test_wide_and_direction_changing_characters_do_not_shift_columns():
    assert formats.clean("a漢b\u202ec\u0301\x1b[2Jd\te") == "a?bc[2Jd e".replace("[2J", " [2J")


@given(LINES, LINES)
def test_the_changed_span_covers_every_difference_and_nothing_wider(old, new):
    old, new = fit(old, 30), fit(new, 30)
    span = changed(old, new)
    cells = lambda found: [(letter, style) for text, style in found for letter in text]
    places = [
        i for i, pair in enumerate(zip(cells(old), cells(new), strict=True)) if pair[0] != pair[1]
    ]

    assert span == ((places[0], places[-1] + 1) if places else None)


@given(st.text(alphabet="ab cd", max_size=80), st.integers(5, 40))
def test_wrapping_keeps_every_word_and_the_width(text, width):
    rows = wrap(text, width)

    assert all(len(row) <= width for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


def test_a_title_is_a_ruled_line_of_the_width():
    found = rule("Positions 3/5", 40, more="gross 38%")

    assert text_of(found) == "─ Positions 3/5  gross 38% " + "─" * 13


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "now"), (1, "now"), (3, "<5s"), (7, "5s"), (59, "55s"), (60, "1m"), (3599, "59m"),
     (3600, "1h"), (86_400 * 3, "3d")],
)  # fmt: skip
def test_ages_move_in_steps(seconds, told):
    assert formats.age(100 * SECOND, (100 + seconds) * SECOND) == told


def test_an_age_of_nothing_is_a_dash_and_the_future_is_now():
    assert formats.age(0, SECOND) == "-"
    assert formats.age(2 * SECOND, SECOND) == "now"


@pytest.mark.parametrize(
    ("value", "width", "told"),
    [("67010", 9, "67,010"), ("67010.25", 8, "67,010.2"), ("1.08623", 9, "1.08623"),
     ("0.00012345678", 8, "0.000123"), ("123456789", 4, "123,456,789")],
)  # fmt: skip
def test_prices_lose_places_but_never_digits_in_front(value, width, told):
    assert formats.price(Decimal(value), width=width) == told


def test_zero_has_no_sign():
    assert formats.signed(Decimal("-0.001")) == "0.00"
    assert formats.signed(Decimal("-5.06")) == "-5.06"


@given(st.decimals(0, 3, places=3), st.integers(3, 20))
def test_a_gauge_is_full_only_when_the_limit_is_reached(fraction, width):
    drawn = formats.bar(fraction, width)

    assert len(drawn) == width
    assert (formats.BAR_EMPTY not in drawn) == (fraction >= 1)
    assert (formats.BAR_FULL in drawn) == (fraction > 0)


def test_cells_keep_to_their_columns_and_what_is_cut_says_so():
    columns = (Column(title="a", width=4), Column(title="b", width=4, is_right=True))
    row = Row(key="1", cells=("abcdef", "7"))

    assert text_of(row_line(row, columns, 12, is_selected=False)) == " abc~    7  "
    assert text_of(row_line(row, columns, 12, is_selected=True)) == ">abc~    7  "
