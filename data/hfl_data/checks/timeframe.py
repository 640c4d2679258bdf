"""Bars of another length than the file's name says, and single stamps beside the grid."""

from collections import Counter
from typing import Final

import numpy as np

from hfl_data.inspection.arrays import DAY_NS, Block, Bools, Ints
from hfl_data.inspection.check import View
from hfl_data.inspection.finding import Code, Finding, Hits, Place, Severity, Tally
from hfl_data.inspection.subject import Subject
from hfl_data.sessions import months_of

VIEW: Final = View.BARS
WRONG: Final = Code(
    name="wrong_timeframe",
    severity=Severity.ERROR,
    what="most bars are not as long as the file's name says",
    remedy="Rename the file to its real timeframe, or fetch the timeframe that it should hold.",
)
OFF_GRID: Final = Code(
    name="off_grid",
    severity=Severity.WARNING,
    what="a bar opens between the times at which all others open",
    remedy="Fetch the bar again: it may be partial, or a single trade among bars.",
)
CODES: Final = (WRONG, OFF_GRID)

# Lengths of months, and of weeks around a holiday, in units of the nominal length.
_LOOSE: Final = 0.2
_STEPS_MIN: Final = 3
# Distances are counted apart up to this many; rare ones of a file without order are let go.
STEPS_MAX: Final = 4_096
# Months are 31 days long in 7 of 12.
_USUAL_SHARE: Final = 0.3
_GRID_SHARE: Final = 0.95


class Grid:
    """Compares the file's usual distance with its name, and its stamps with their usual place."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        step_ns = subject.name.frame.nanoseconds
        self._steps: Counter[int] = Counter()
        self._loose_ns = _LOOSE * step_ns if step_ns > DAY_NS else 0
        self._off = Tally(OFF_GRID)
        self._places = _places(subject, step_ns)

    def look(self, block: Block) -> None:
        """Count the distances and judge each stamp."""
        time_ns = block.columns.time_ns[block.first_pair - 1 : block.end]
        values, counts = np.unique(np.diff(time_ns), return_counts=True)
        self._steps.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        if len(self._steps) > STEPS_MAX:
            self._steps = Counter(dict(self._steps.most_common(STEPS_MAX // 4)))
        if self._places is None:
            return
        rows = block.judged
        is_off = _is_off(self._subject.opened(rows.time_ns), *self._places)
        if is_off.any():
            found = rows.taken(is_off)
            self._off.add(Hits(found.row, found.time_ns, values={"close": found.close}))

    def _usual(self) -> tuple[int, float]:
        """Return the most frequent distance and its share; 0 where it proves nothing."""
        total = self._steps.total()
        if total < _STEPS_MIN or months_of(self._subject.name.frame) > 1:
            return 0, 0.0
        # Of two that are as frequent the shorter: the longer may be a rest.
        step_ns, count = min(self._steps.items(), key=lambda item: (-item[1], item[0]))
        share = count / total
        return (step_ns, share) if share >= _USUAL_SHARE else (0, share)

    def findings(self) -> list[Finding]:
        """Return what was found."""
        step_ns = self._subject.name.frame.nanoseconds
        found_ns, share = self._usual()
        if not found_ns or abs(found_ns - step_ns) <= self._loose_ns:
            return self._off.finding(f"{self._off.count} bars")
        survey = self._subject.survey
        wrong = Tally(WRONG)
        wrong.put(Place(time_ns=survey.begin_ns, until_ns=survey.end_ns, bars=survey.rows))
        return wrong.finding(
            f"{share:.0%} of the bars are {found_ns / 1e9:g} s apart, "
            f"{self._subject.name.frame.name} is {self._subject.name.frame.seconds} s"
        )


def _places(subject: Subject, step_ns: int) -> tuple[int, Ints] | None:
    """Return the period of the grid and the usual places in it; None where there is no grid."""
    # Sessions end early now and then, and so do stamps that mark their end.
    if step_ns > DAY_NS or (step_ns == DAY_NS and subject.reading.is_end):
        return None
    period_ns = min(step_ns, DAY_NS)
    first_ns = subject.opened(subject.survey.first_ns)
    places, counts = np.unique(first_ns % period_ns, return_counts=True)
    # Summer time moves the grid of bars longer than an hour.
    order = np.argsort(-counts)[:2]
    if counts[order].sum() < _GRID_SHARE * len(first_ns):
        return None
    return period_ns, places[order[counts[order] > 0.1 * len(first_ns)]]


def _is_off(time_ns: Ints, period_ns: int, places: Ints) -> Bools:
    return np.asarray(~np.isin(time_ns % period_ns, places), dtype=np.bool_)


open_check = Grid
