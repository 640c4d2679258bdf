"""A data set can be read from any cursor, is named by its content, may grow and may not change."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.errors import DataError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import timeframe
from hfl_data.chance import draw
from hfl_data.dataset import MARKS_MAX, DatasetFeed
from hfl_data.merge import end_of
from hfl_data.request import FeedRequest, request_from_spec
from hfl_data.rows import RawRow
from tests.data.worlds import (
    HOUR,
    MONDAY,
    NAN,
    ListSource,
    feed,
    flat,
    instrument,
    merged_rows,
    sources,
    told,
    worlds,
)


def long_track(key: int, rows: int, *, odd_every: int = 97) -> list[RawRow]:
    """A jumping price with refused rows strewn in; every row from its own draw."""
    track: list[RawRow] = []
    for number in range(rows):
        bits = draw(key, number)
        price = 100.0 + (bits % 4000) / 100
        row = flat(number, price, float(bits % 7))
        if bits % odd_every == 0:
            row = (row[0], NAN, price, price, price, 1.0)
        elif bits % odd_every == 1:
            row = flat(max(number - 5, 0), price)
        track.append(row)
    return track


LONG = [long_track(1, 9_000), long_track(2, 8_000)]


@given(tracks=worlds, data=st.data())
def test_reading_from_any_cursor_yields_exactly_the_rest(tracks, data):
    whole = told(list(feed(tracks).read(0)))
    cursor = data.draw(st.integers(0, len(whole)))

    assert whole[cursor:] == told(list(feed(tracks).read(cursor)))


@given(tracks=worlds, data=st.data())
def test_reading_from_the_end_of_an_item_yields_the_very_items_that_follow(tracks, data):
    items = list(feed(tracks).read(0))
    start = data.draw(st.integers(0, len(items)))
    cursor = end_of(items[start - 1]) if start else 0

    assert items[start:] == list(feed(tracks).read(cursor))


@given(cursor=st.integers(0, 17_000), length=st.integers(1, 400))
def test_reading_from_a_mark_tells_the_same_as_reading_from_the_start(cursor, length):
    """Flags depend on earlier bars: they would differ if a gate's memory were not whole again."""
    opened = LONG_FEED.opened(0)
    request = request_from_spec(opened.spec, {})
    assert request.marks
    marked = DatasetFeed(request, sources(LONG, chunk=500))

    some = told(list(marked.read_range(cursor, cursor + length)))

    assert LONG_TOLD[cursor : cursor + len(some)] == some
    assert len(some) >= min(length, len(LONG_TOLD) - cursor)


def test_right_behind_every_mark_nothing_is_forgotten():
    """Dense disorder and jumps: a lost last time or a short memory shows in the next rows."""
    tracks = [long_track(key, 12_000, odd_every=4) for key in (3, 4)]
    whole = told(list(feed(tracks, chunk=500).read(0)))
    request = request_from_spec(feed(tracks, chunk=500).opened(0).spec, {})
    marked = DatasetFeed(request, sources(tracks, chunk=500))

    assert len(request.marks) > 5
    for mark in request.marks:
        for cursor in range(mark.cursor, mark.cursor + 6):
            some = told(list(marked.read_range(cursor, cursor + 30)))
            assert whole[cursor : cursor + len(some)] == some


def test_a_cut_run_keeps_the_bounds_it_had():
    rows = [flat(9), *([flat(1)] * 25_000)]

    runs = [item for item in feed([rows], chunk=999).read(4_001) if isinstance(item, RefusedRows)]

    assert [(run.first_row, run.count) for run in runs] == [
        (4_001, 6_000),
        (10_001, 10_000),
        (20_001, 5_000),
    ]


@given(tracks=worlds, data=st.data())
def test_a_range_ends_with_the_item_that_reaches_its_end(tracks, data):
    items = list(feed(tracks).read(0))
    ends = [0, *(end_of(item) for item in items)]
    begin = data.draw(st.integers(0, len(items)))
    end = data.draw(st.integers(begin, len(items)))

    assert items[begin:end] == list(feed(tracks).read_range(ends[begin], ends[end]))


@given(tracks=worlds)
def test_opening_counts_what_reading_tells(tracks):
    opened = feed(tracks).opened(0)
    slots = [item for item in feed(tracks).read(0) if isinstance(item, Slot)]

    assert opened.rows == sum(len(rows) for rows in tracks)
    assert opened.first_ns == (slots[0].time_ns if slots else 0)
    assert opened.last_ns == (slots[-1].time_ns if slots else 0)
    assert opened.content_hash == feed(tracks).prefix_hash(opened.rows)


@given(tracks=worlds, data=st.data())
def test_a_prefix_hash_covers_the_rows_before_it_and_no_others(tracks, data):
    items = list(feed(tracks).read(0))
    ends = [0, *(end_of(item) for item in items)]
    cursor = data.draw(st.sampled_from(ends))
    order = merged_rows(tracks)
    keep = [sum(1 for row in order[:cursor] if row[0] == track) for track in range(len(tracks))]
    cut = [rows[:count] for rows, count in zip(tracks, keep, strict=True)]
    whole = feed(tracks).prefix_hash(cursor)

    assert whole == feed(cut).prefix_hash(cursor)
    if cursor:
        track, number, is_accepted = data.draw(st.sampled_from(order[:cursor]))
        if is_accepted:
            changed = [list(rows) for rows in cut]
            row = changed[track][number]
            changed[track][number] = (*row[:5], row[5] + 1.0)
            assert whole != feed(changed).prefix_hash(cursor)


def test_a_set_that_grew_continues_where_it_was():
    before = [LONG[0][:4_000], LONG[1][:4_000]]
    previous = feed(before).opened(0)
    grown = feed(LONG, chunk=500)

    grown.check_continues(previous, previous.rows)

    whole = told(list(feed(before).read(0)))
    assert told(list(grown.read(0)))[: len(whole)] == whole
    assert grown.opened(previous.rows).dataset_id == previous.dataset_id


def test_a_changed_consumed_row_is_refused_in_one_sentence():
    previous = feed(LONG).opened(0)
    changed = [list(LONG[0]), LONG[1]]
    changed[0][100] = flat(100, 999.0)

    with pytest.raises(DataError, match=r"expected the first \d+ rows .* found other values"):
        feed(changed).check_continues(previous, 8_000)


def test_a_change_behind_the_consumed_rows_is_let_through():
    previous = feed(LONG).opened(0)
    changed = [LONG[0], list(LONG[1])]
    changed[1][-1] = flat(len(LONG[1]) - 1, 77.0)

    feed(changed, chunk=500).check_continues(previous, 5_000)

    with pytest.raises(DataError, match="other values"):
        feed(changed, chunk=500).check_continues(previous, previous.rows)


def test_a_shorter_set_is_refused():
    previous = feed([LONG[0][:3_000]]).opened(0)

    with pytest.raises(DataError, match=r"expected at least 3000 rows, found 2999"):
        feed([LONG[0][:2_999]]).check_continues(previous, 3_000)
    with pytest.raises(DataError, match="at least 3000 rows, found 2999"):
        feed([LONG[0][:2_999]]).opened(3_000)


def test_another_data_set_is_refused_by_name():
    previous = feed([LONG[0]]).opened(0)

    with pytest.raises(DataError, match=r"expected the data set of T0 .* found T0, T1"):
        feed(LONG).check_continues(previous, 10)


def test_a_bar_that_came_late_into_a_closed_slot_is_refused():
    """The consumed cursor then points into the middle of a slot, which no run ever journals."""
    before = [[flat(0), flat(1)], [flat(0)]]
    previous = feed(before).opened(0)

    with pytest.raises(DataError, match="middle of one"):
        feed([before[0], [flat(0), flat(1)]]).check_continues(previous, 3)


def test_nothing_consumed_means_nothing_to_compare():
    previous = feed([[flat(0, 5.0)]]).opened(0)

    feed([[flat(0, 6.0)]]).check_continues(previous, 0)


def test_marks_in_the_spec_are_bounded_and_survive_the_round_trip():
    row_count = 300_000
    rows = [flat(number, 100.0 + number % 7) for number in range(row_count)]
    opened = feed([rows], chunk=4096).opened(0)
    request = request_from_spec(opened.spec, {})

    assert 0 < len(request.marks) <= MARKS_MAX
    assert [mark.cursor for mark in request.marks] == [
        mark.places[0].rows for mark in request.marks
    ]
    assert json.loads(opened.spec)["symbols"] == ["T0"]


def test_the_identity_does_not_hang_on_where_files_lie():
    here = DatasetFeed(
        FeedRequest(source="list", instruments={}, paths=("a/T0_1h.csv",)), sources([[flat(0)]])
    ).opened(0)
    there = DatasetFeed(
        FeedRequest(source="list", instruments={}, paths=("b/T0_1h.csv",)), sources([[flat(0)]])
    ).opened(0)

    assert here.dataset_id == there.dataset_id
    assert here.spec != there.spec


def test_what_cannot_be_one_data_set_is_refused():
    request = FeedRequest(source="list", instruments={})
    hourly = ListSource(instrument("A"), timeframe("1h"), [flat(0)])
    daily = ListSource(instrument("B"), timeframe("1d"), [flat(0)])

    with pytest.raises(DataError, match="at least one instrument"):
        DatasetFeed(request, [])
    with pytest.raises(DataError, match="each symbol once, found A, A"):
        DatasetFeed(request, [hourly, hourly])
    with pytest.raises(DataError, match="one timeframe, found 1d, 1h"):
        DatasetFeed(request, [hourly, daily])


def test_instruments_and_timeframe_are_told_in_the_order_given():
    world = feed([[flat(0)], [flat(0)]])

    assert [traded.symbol for traded in world.instruments] == [Symbol("T0"), Symbol("T1")]
    assert world.frame.name == "1h"
    assert next(iter(world.read(0))) == (
        MONDAY + HOUR,
        ((0, 10_000, 10_000, 10_000, 10_000, 1.0, 0), (1, 10_000, 10_000, 10_000, 10_000, 1.0, 0)),
        2,
    )


LONG_FEED = feed(LONG, chunk=500)
LONG_TOLD = told(list(LONG_FEED.read(0)))
