"""Candles: each bar is one column, its body says without colour whether it rose, nothing moves."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_tui.lines import text_of, width_of
from hfl_tui.ports import Candle, Chart
from hfl_tui.widgets.candles import (
    ASCII,
    BOXES,
    HIDDEN,
    LABEL_WIDTH,
    Level,
    candle_lines,
    shown_columns,
)

HOUR = 3_600_000_000_000


def bars(*prices, start=0):
    return tuple(Candle(HOUR * (start + number + 1), *price) for number, price in enumerate(prices))


def chart(candles, *, ahead=()):
    return Chart(symbol="A", tick=Decimal("0.1"), frame_ns=HOUR, candles=candles, ahead=ahead,
                 symbols=("A",), marks={})  # fmt: skip


def columns_of(lines):
    """Return what stands in each column of the plot, from the top down."""
    rows = [text_of(found)[LABEL_WIDTH:] for found in lines]
    width = max(map(len, rows))
    return ["".join(row.ljust(width)[column] for row in rows) for column in range(width)]


def test_a_rise_is_hollow_a_fall_is_filled_and_neither_is_a_cross():
    found = candle_lines(chart(bars((10, 40, 10, 40), (40, 40, 10, 10), (20, 40, 10, 20))),
                         width=LABEL_WIDTH + 3, height=6)  # fmt: skip
    up, down, flat = columns_of(found)

    assert set(up) == {BOXES.up}
    assert set(down) == {BOXES.down}
    assert BOXES.flat in flat
    assert not {BOXES.up, BOXES.down} & set(flat)


def test_wicks_reach_beyond_the_body_in_half_rows():
    found = candle_lines(chart(bars((40, 80, 0, 50))), width=LABEL_WIDTH + 1, height=6)
    (column,) = columns_of(found)

    assert column[0] == BOXES.wick
    assert column[-1] == BOXES.wick
    assert BOXES.up in column
    half = candle_lines(chart(bars((0, 120, 0, 100), (0, 115, 5, 0))), width=LABEL_WIDTH + 2,
                        height=6)  # fmt: skip
    assert columns_of(half)[0][0] == BOXES.wick


def test_the_newest_bar_stands_at_the_right_and_as_many_as_fit():
    many = bars(*[(n, n + 1, n - 1, n + 1) for n in range(10, 60)])
    found = candle_lines(chart(many), width=LABEL_WIDTH + 20, height=6)
    columns = columns_of(found)

    assert len(columns) == 20 == shown_columns(LABEL_WIDTH + 20)
    assert all(set(column) & {BOXES.up, BOXES.wick, BOXES.lower, BOXES.upper} for column in columns)
    # A market that only rises: what is newer stands higher.
    firsts = [column.index(BOXES.up) for column in columns]
    assert firsts == sorted(firsts, reverse=True)


def test_what_came_later_has_no_cell_before_it_is_revealed():
    past, later = bars((10, 20, 5, 15)), bars((15, 90, 15, 80), start=1)
    hidden = candle_lines(chart(past), width=LABEL_WIDTH + 20, height=5, room=10)
    shown = candle_lines(chart(past, ahead=later), width=LABEL_WIDTH + 20, height=5, room=10,
                         is_revealed=True)  # fmt: skip

    assert all(word in "".join(map(text_of, hidden)) for word in HIDDEN)
    assert not any(word in "".join(map(text_of, shown)) for word in HIDDEN)
    assert BOXES.now in columns_of(hidden)[10]
    assert set("".join(columns_of(hidden)[11:])) <= set(" " + "".join(HIDDEN))
    assert BOXES.up in columns_of(shown)[11]


def test_a_level_is_a_dashed_line_with_its_name_and_a_far_one_is_left_out():
    found = candle_lines(
        chart(bars((100, 140, 90, 120))), width=LABEL_WIDTH + 30, height=6,
        levels=[Level(price=Decimal(8), name="stop"), Level(price=Decimal(900), name="entry")],
    )  # fmt: skip
    text = "\n".join(map(text_of, found))

    assert "stop" in text
    assert "- -" in text
    assert "entry" not in text


def test_labels_are_round_prices_at_their_own_height():
    found = candle_lines(chart(bars((1000, 2000, 1000, 2000))), width=LABEL_WIDTH + 4, height=6)
    labels = [text_of(row)[: LABEL_WIDTH - 2].strip() for row in found]

    assert labels[0] == "200"
    assert labels[-1] == "100"
    values = [float(label) for label in labels if label]
    assert values == sorted(values, reverse=True)
    assert len(values) > 1


@pytest.mark.parametrize("room", [0, 5])
def test_seven_bits_are_enough(room):
    many = bars(*[(n % 7 + 10, n % 7 + 14, n % 7 + 8, n % 5 + 11) for n in range(40)])
    found = candle_lines(chart(many), width=40, height=10, room=room, glyphs=ASCII)

    assert all(text_of(row).isascii() for row in found)
    assert {ASCII.up, ASCII.down} <= set("".join(map(text_of, found)))


PRICES = st.tuples(*[st.integers(1, 10**7)] * 4).map(
    lambda four: (four[0], max(four), min(four), four[1])
)


@given(
    prices=st.lists(PRICES, max_size=40),
    later=st.lists(PRICES, max_size=8),
    width=st.integers(0, 60),
    height=st.integers(0, 20),
    room=st.integers(0, 20),
)
def test_no_market_and_no_size_breaks_it_and_equal_neighbours_are_one(
    prices, later, width, height, room
):
    found = candle_lines(
        chart(bars(*prices), ahead=bars(*later, start=len(prices))), width=width, height=height,
        room=min(room, shown_columns(width)), levels=[Level(price=Decimal(5), name="stop")],
        is_revealed=bool(later),
    )  # fmt: skip

    assert len(found) <= max(1, height)
    for row in found:
        assert width_of(row) <= max(width, 24)
        assert all(one[1] != other[1] for one, other in pairwise(row))
