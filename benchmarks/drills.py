"""Measure stops of a real, troubled daemon: from the call to latched and to acknowledged.

The drills themselves are those of `tests/drills`; here they are timed. Figures of a machine that
does nothing else: the daemon takes in a hundred bars a second meanwhile.
"""

import statistics
from collections.abc import Iterator

from benchmarks.result import Result, at_most

SEEDS = range(101, 104)
PAUSES = 6


def run() -> Iterator[Result]:
    """Drill every trouble; yield p50 and p99 over all of them, and the entries that came late."""
    from tests.drills.harness import Drill
    from tests.drills.troubles import TROUBLES

    latched: list[float] = []
    acknowledged: list[float] = []
    late = 0
    for trouble in TROUBLES:
        for seed in SEEDS:
            with Drill(trouble=trouble, seed=seed) as drill:
                late += len(drill.run(PAUSES))
                stops = drill.stops
            latched += [(one.latched_ns - one.called_ns) / 1e6 for one in stops]
            answered = [one for one in stops if one.acknowledged_ns]
            acknowledged += [(one.acknowledged_ns - one.called_ns) / 1e6 for one in answered]
    yield Result(
        group="drills",
        name=f"call to latched, {len(latched)} stops, {len(TROUBLES)} troubles",
        value=_p99(latched),
        unit="ms p99",
        details={"p50": round(statistics.median(latched), 3)},
    )
    yield Result(
        group="drills",
        name=f"call to acknowledged, {len(acknowledged)} stops that were",
        value=_p99(acknowledged),
        unit="ms p99",
        details={"p50": round(statistics.median(acknowledged), 3)},
    )
    yield at_most("drills", "entries begun after a stop", late, 0, unit="entries")


def _p99(took: list[float]) -> float:
    ordered = sorted(took)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 3)
