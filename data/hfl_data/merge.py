"""Merge instruments into slots, and define the cursor.

The merged order. Every track (one instrument, in the order given) is judged by itself, in the order
of its own rows. Then:

1. before everything, track by track, the refused rows in front of its first accepted bar;
2. the accepted bars that close first, in track order: one slot;
3. track by track of that slot, the refused rows behind its bar, up to its next accepted bar;
4. on with 2 until all tracks are at their end.

The cursor counts raw rows consumed in this order, refused ones included. A refused row stands
behind the last accepted bar of its own track, never before its next one: so its place depends on
earlier rows only, and rows appended to a file move nothing that has been consumed.

Reading from a cursor yields exactly the rest: a cursor inside a run of refused rows yields the
run's rest first, a cursor inside a slot the slot's remaining bars.
"""

from collections.abc import Iterator, Sequence

from hfl_core.domain.bars import RefusedRows, Slot
from hfl_data.rows import TIME_END_NS, TIME_FIRST_NS, row_text
from hfl_data.track import NEVER_NS, Run, Track


def merge(tracks: Sequence[Track], *, cursor: int, cut: int) -> Iterator[Slot | RefusedRows]:
    """Yield slots and refused runs in the merged order.

    cursor: raw rows consumed before the tracks' places, the end of a slot or 0; cut: a cursor at
    which a run of refused rows is split, so that reading can end or begin there.
    """
    for track in tracks:
        for run in track.advance(cut - cursor):
            yield _refused(track, run, cursor)
            cursor += run.rows
    heads = [track.head_ns for track in tracks]
    while (time_ns := min(heads)) != NEVER_NS:
        due = [number for number, head_ns in enumerate(heads) if head_ns == time_ns]
        cursor += len(due)
        yield Slot(time_ns, tuple([tracks[number].take() for number in due]), cursor)
        for number in due:
            track = tracks[number]
            # Nearly every row is accepted; a refused one is judged again below, to the same end,
            # because refusing leaves the gate as it was.
            if not track.step():
                for run in track.advance(cut - cursor):
                    yield _refused(track, run, cursor)
                    cursor += run.rows
            heads[number] = track.head_ns


def end_of(item: Slot | RefusedRows) -> int:
    """Return the cursor behind an item."""
    return item.cursor if isinstance(item, Slot) else item.last_row + 1


def _refused(track: Track, run: Run, cursor: int) -> RefusedRows:
    return RefusedRows(
        symbol=track.source.instrument.symbol,
        reasons=run.reasons,
        first_row=cursor,
        last_row=cursor + run.rows - 1,
        count=run.rows,
        first_time_ns=_readable(run.first[0]),
        last_time_ns=_readable(run.last[0]),
        sample=row_text(run.first),
    )


def _readable(time_ns: int) -> int | None:
    return time_ns if TIME_FIRST_NS <= time_ns < TIME_END_NS else None
