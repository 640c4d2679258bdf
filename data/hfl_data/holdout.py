"""Rows kept for one last judgement: they are spent once, and the ledger says by whom.

A holdout that was looked at twice has become training. It is known by its content, wherever the
rows came from, and by its place in a series, so that one row more or less does not make it new.
The entry is on the disk before anybody is told the rows may be used: a crash behind it has spent
them, too.
"""

import hashlib
import itertools
from array import array
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from hfl_core.domain.errors import DataError
from hfl_data.ledger import Entry, Ledger

KIND: Final = "holdout"
SECOND_NS: Final = 1_000_000_000


class Holdout(NamedTuple):
    """series: what the rows are of; begin_ns, end_ns: the first and last row's time, UTC.

    content: SHA-256 of times and columns.
    """

    series: str
    begin_ns: int
    end_ns: int
    content: str


def holdout_of(
    series: str, times_ns: Iterable[int], columns: Mapping[str, Iterable[float]]
) -> Holdout:
    """Describe the rows that are to be kept.

    times_ns: (rows,) ascending; columns: (rows,) each, by name; their order does not matter.
    Raises DataError without rows or a name, for times out of order, or lengths that differ.
    """
    times = array("q", times_ns)
    if not series or not times or not columns:
        raise DataError(
            f"expected a series, rows and columns to keep, found {series!r}, {len(times)} rows and"
            f" {len(columns)} columns: name all"
        )
    if any(later <= earlier for earlier, later in itertools.pairwise(times)):
        raise DataError(f"expected times of {series} in ascending order, found others: sort them")
    digest = hashlib.sha256(times.tobytes())
    for name in sorted(columns):
        values = array("d", columns[name])
        if len(values) != len(times):
            raise DataError(
                f"expected {name} of {series} with {len(times)} rows, found {len(values)}: align"
                " them"
            )
        digest.update(f"{name}\0".encode() + values.tobytes())
    return Holdout(series, times[0], times[-1], digest.hexdigest())


def spend(ledger: Ledger, holdout: Holdout, *, by: str, at_ns: int) -> Entry:
    """Record that these rows are judged on, now and never again; return the entry.

    by: what is judged, for example a strategy with its parameters.
    Raises DataError if the same rows, or rows of the same series in the same time, were spent
    before, or if the ledger cannot be trusted or written.
    """
    if not by:
        raise DataError("expected the name of what is judged, found none: say who spends it")
    with ledger.writing() as writer:
        for entry in writer.entries:
            if entry.facts.get("kind") == KIND and _is_same(entry, holdout):
                raise DataError(
                    f"expected a holdout of {holdout.series} that nobody has seen, found it spent"
                    f" by {entry.facts['by']} on {_day(entry.at_ns)}: keep other rows"
                )
        facts = {"kind": KIND, "by": by, **holdout._asdict()}
        return writer.add(facts, at_ns=at_ns)


def is_spent(ledger: Ledger, holdout: Holdout) -> bool:
    """Tell whether these rows, or others in their place, were judged on."""
    return any(
        entry.facts.get("kind") == KIND and _is_same(entry, holdout) for entry in ledger.entries()
    )


def _is_same(entry: Entry, holdout: Holdout) -> bool:
    facts = entry.facts
    overlaps = (
        facts["series"] == holdout.series
        and int(facts["begin_ns"]) <= holdout.end_ns
        and holdout.begin_ns <= int(facts["end_ns"])
    )
    return overlaps or facts["content"] == holdout.content


def _day(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // SECOND_NS, UTC).strftime("%Y-%m-%d %H:%M UTC")
