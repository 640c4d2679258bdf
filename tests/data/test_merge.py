"""The merged order, against an oracle that sorts; runs of refused rows; the cursor."""

from hypothesis import given

from hfl_core.domain.bars import BarDefect, RefusedRows, Slot
from hfl_data.merge import end_of
from hfl_data.track import RUN_ROWS_MAX
from tests.data.worlds import HOUR, MONDAY, NAN, feed, flat, merged_rows, worlds


@given(tracks=worlds)
def test_every_raw_row_is_told_once_in_the_merged_order_and_nothing_is_invented(tracks):
    expected: list[tuple[object, ...]] = []
    for track, number, is_accepted in merged_rows(tracks):
        row = tracks[track][number]
        if is_accepted:
            ticks = tuple(round(price * 100) for price in row[1:5])
            expected.append((row[0] + HOUR, track, *ticks, row[5]))
        else:
            expected.append((f"T{track}",))

    actual: list[tuple[object, ...]] = []
    for item in feed(tracks).read(0):
        if isinstance(item, Slot):
            actual.extend((item.time_ns, *bar[:6]) for bar in item.bars)
        else:
            actual.extend((item.symbol,) for _ in range(item.count))

    assert expected == actual


@given(tracks=worlds)
def test_cursors_count_raw_rows_without_hole_or_overlap(tracks):
    position = 0
    slot_times = []
    for item in feed(tracks).read(0):
        if isinstance(item, RefusedRows):
            assert item.first_row == position
            assert item.last_row == position + item.count - 1
            assert item.reasons
        else:
            assert item.cursor == position + len(item.bars)
            slot_times.append(item.time_ns)
        position = end_of(item)

    assert position == sum(len(rows) for rows in tracks)
    assert slot_times == sorted(set(slot_times))


@given(tracks=worlds)
def test_chunks_of_the_source_do_not_show(tracks):
    assert list(feed(tracks, chunk=1).read(0)) == list(feed(tracks, chunk=1000).read(0))


def test_a_slot_holds_who_closed_then_in_the_order_given():
    first = [flat(0, 1.0), flat(2, 2.0)]
    second = [flat(0, 5.0), flat(1, 6.0), flat(2, 7.0)]

    slots = [item for item in feed([first, second]).read(0) if isinstance(item, Slot)]

    assert [(slot.time_ns, [bar.index for bar in slot.bars], slot.cursor) for slot in slots] == [
        (MONDAY + HOUR, [0, 1], 2),
        (MONDAY + 2 * HOUR, [1], 3),
        (MONDAY + 3 * HOUR, [0, 1], 5),
    ]


def test_refused_rows_stand_behind_the_last_bar_of_their_own_track():
    first = [flat(0), (MONDAY + HOUR, NAN, 1.0, 1.0, 1.0, 1.0), flat(3)]
    second = [flat(0), flat(1)]

    items = list(feed([first, second]).read(0))

    assert [type(item).__name__ for item in items] == ["Slot", "RefusedRows", "Slot", "Slot"]
    refused = items[1]
    assert isinstance(refused, RefusedRows)
    assert refused.symbol == "T0"
    assert (refused.first_row, refused.last_row) == (2, 2)
    assert refused.first_time_ns == MONDAY + HOUR
    assert "open nan" in refused.sample


def test_a_run_is_cut_when_reasons_change_and_at_its_bound():
    rows = [flat(5)] + [flat(4)] * (RUN_ROWS_MAX + 7) + [flat(5)] * 2

    runs = [item for item in feed([rows], chunk=999).read(0) if isinstance(item, RefusedRows)]

    assert [(run.count, run.reasons) for run in runs] == [
        (RUN_ROWS_MAX, (BarDefect.DISORDER,)),
        (7, (BarDefect.DISORDER,)),
        (2, (BarDefect.DUPLICATE,)),
    ]
