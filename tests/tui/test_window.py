"""The window over a long journal, against the plain list of all lines, for any walk over it."""

from hypothesis import given
from hypothesis import strategies as st

from hfl_tui.link.picture import Happening
from hfl_tui.link.window import Window
from hfl_tui.table import LazyRows, Row

STRETCH = 40
MOST = 100


def line_of(seq):
    return Happening(seq=seq, time_ns=seq, wall_ns=seq, label="x", text=f"{seq % 3}")


def lines_between(told, after, to):
    return [line_of(seq) for seq in told if after < seq <= to]


@given(
    told=st.sets(st.integers(1, 1_000), min_size=1).map(sorted),
    walk=st.lists(
        st.sampled_from(["older", "newer", "grow", "first", "narrow", "all"]), max_size=60
    ),
)
def test_it_shows_every_line_of_the_rows_it_covers_and_no_other(told, walk):
    end = 500
    window = Window(most=MOST)
    window.take(lines_between(told, end - 50, end), end)
    is_narrow = False
    for step in walk:
        newest = lines_between(told, end - 50, end)
        if step == "older" and window.first > 1:
            start = max(0, window.first - 1 - STRETCH)
            window.older(lines_between(told, start, window.first - 1), start + 1)
        elif step == "newer" and not window.is_live:
            to = min(end, window.last + STRETCH)
            window.newer(lines_between(told, window.last, to), to)
        elif step == "grow":
            end = min(1_000, end + 20)
            window.take(lines_between(told, end - 50, end), end)
        elif step == "first":
            window.begin(lines_between(told, 0, STRETCH), 1, STRETCH)
        elif step in {"narrow", "all"}:
            is_narrow = step == "narrow"
            window.empty((lambda one: one.text == "0") if is_narrow else None)
            window.take(newest, end)
        if newest and not window.is_live and window.last + 1 >= newest[0].seq and step != "older":
            window.is_live = True
        told_here = [seq for seq in reversed(told) if window.first <= seq <= window.last]
        fitting = [seq for seq in told_here if not is_narrow or seq % 3 == 0]
        assert [one.seq for one in window.lines] == fitting
        assert len(window.lines) <= MOST


@given(st.lists(st.integers(0, 3_000), unique=True), st.integers(0, 4_000), st.integers(0, 3_000))
def test_a_row_is_found_wherever_it_is_looked_for_first(items, near, wanted):
    made: list[int] = []

    def make(one: int) -> Row:
        made.append(one)
        return Row(key=str(one), cells=(str(one),))

    rows = LazyRows(items, key=str, make=make)
    place = rows.place_of(str(wanted), near)

    assert place == (items.index(wanted) if wanted in items else None)
    assert made == []
    assert [row.key for row in rows[:3]] == [str(one) for one in items[:3]]
    assert len(made) <= 3
