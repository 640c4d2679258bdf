"""The first look at a file: order, span, steps, and the edges of its days; from its times alone."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from hfl_data.calendars.clock import day_of
from hfl_data.inspection.arrays import Ints
from hfl_data.rows import UNREADABLE_NS


class Survey(NamedTuple):
    """rows: of the file; unreadable: without a time; forward, back, equal: steps between rows.

    days: counted from 1970, with first_ns and last_ns their earliest and latest stamp; begin_ns,
    end_ns: the earliest and latest of all.
    """

    rows: int
    unreadable: int
    forward: int
    back: int
    equal: int
    days: Ints
    first_ns: Ints
    last_ns: Ints

    @property
    def is_sorted(self) -> bool:
        """Tell whether the rows stand by time."""
        return not self.back and not self.unreadable

    @property
    def is_newest_first(self) -> bool:
        """Tell whether the file runs backwards."""
        return self.back > 9 * self.forward

    @property
    def begin_ns(self) -> int:
        """Return the earliest stamp."""
        return int(self.first_ns[0])

    @property
    def end_ns(self) -> int:
        """Return the latest stamp."""
        return int(self.last_ns[-1])


def survey(blocks: Iterable[Ints]) -> Survey:
    """Look at all stamps once, in the file's order."""
    rows = unreadable = forward = back = equal = 0
    edges: dict[int, tuple[int, int]] = {}
    last: int | None = None
    for time_ns in blocks:
        rows += len(time_ns)
        known = time_ns[time_ns != UNREADABLE_NS]
        unreadable += len(time_ns) - len(known)
        if not len(known):
            continue
        _widen(edges, known)
        chain = known if last is None else np.concatenate([[last], known])
        distance = np.diff(chain)
        forward += int((distance > 0).sum())
        back += int((distance < 0).sum())
        equal += int((distance == 0).sum())
        last = int(known[-1])
    days = np.array(sorted(edges), dtype=np.int64)
    return Survey(
        rows=rows,
        unreadable=unreadable,
        forward=forward,
        back=back,
        equal=equal,
        days=days,
        first_ns=np.array([edges[int(day)][0] for day in days], dtype=np.int64),
        last_ns=np.array([edges[int(day)][1] for day in days], dtype=np.int64),
    )


def _widen(edges: dict[int, tuple[int, int]], time_ns: Ints) -> None:
    days, place = np.unique(day_of(time_ns), return_inverse=True)
    first = np.full(len(days), np.iinfo(np.int64).max)
    last = np.full(len(days), np.iinfo(np.int64).min)
    np.minimum.at(first, place, time_ns)
    np.maximum.at(last, place, time_ns)
    for day, begin, end in zip(days.tolist(), first.tolist(), last.tolist(), strict=True):
        before = edges.get(day, (begin, end))
        edges[day] = (min(begin, before[0]), max(end, before[1]))
