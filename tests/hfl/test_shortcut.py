"""The short way to a row ends where deciding everything again ends, in every bit but the timers."""

from itertools import pairwise

import pytest

from hfl.commands.why import trace_at
from hfl.reading import Standpoint, find_home, input_of, open_reader
from hfl.shortcut import stand_before
from hfl_core.domain.events import ScansCoalesced
from hfl_core.engine.state import core_state
from tests.process.harness import SETTINGS, Case


def state_of(stand):
    state = core_state(stand.engine.core)
    del state["timers"]
    return state


def compare(home, *, every):
    """Go both ways to every so many rows of scans; return the rows' seqs and vetoes there."""
    seen = []
    with open_reader(home) as reader:
        long_way = Standpoint(reader, home)
        for row in list(reader.rows_of("ScansCoalesced"))[::every]:
            short = stand_before(Standpoint(reader, home), row)
            long = long_way.before(input_of(reader, row))
            assert short is not None
            assert long.is_as_recorded
            assert isinstance(row.event, ScansCoalesced)

            assert state_of(short) == state_of(long), row.seq

            seen.append((row.seq, dict(short.engine.core.vetoes)))
            symbol = sorted(short.engine.core.lanes)[row.seq % len(short.engine.core.lanes)]
            traces = [
                trace_at(long_way, stand, row, symbol=symbol, time_ns=row.event.slot_last_ns)
                for stand in (short, long)
            ]
            assert traces[0] == traces[1], row.seq
    return seen


def test_both_ways_lead_to_the_same_state_and_answer(made):
    seen = compare(made.home, every=5)

    vetoes = [found for _, found in seen]
    assert len(seen) > 10
    assert any(vetoes)
    assert any(before.keys() - after.keys() for before, after in pairwise(vetoes))


@pytest.mark.process
def test_both_ways_lead_to_the_same_behind_crashes_and_unclear_answers():
    """A snapshot of an earlier run is used, and every kind of recovery's row is folded."""
    settings = (*SETTINGS, "engine.snapshot_inputs=40")
    faults = "timeout_after@submit p=0.12; reject p=0.1; lose_fills p=0.2"
    with Case(seed=5, bars=160, faults=faults, settings=settings) as case:
        for point, times in (("market:before", 90), ("market:before", 25)):
            assert case.start({"name": point, "n": times, "total": 0}).is_killed
        case.finish()
        home = find_home(str(case.folder / "h"), None)
        seen = compare(home, every=5)
        with open_reader(home) as reader:
            starts = [row.seq for row in reader.rows_of("RunStarted")]
            snapshots = [row.seq for row in reader.rows_of("SnapshotTaken")]

    assert len(starts) == 3, (starts, snapshots)
    # Some row's newest snapshot was taken by the run before its own.
    assert any(
        max(seq for seq in [0, *snapshots] if seq < row) < max(seq for seq in starts if seq < row)
        for row, _ in seen
        if row > snapshots[0]
    )
