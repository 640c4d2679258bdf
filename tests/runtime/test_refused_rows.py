"""Refused rows: journaled as a run, read over when scans are read again, compared by replay."""

from collections.abc import Callable, Iterator

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarDefect, RefusedRows, Slot
from hfl_core.domain.ids import Symbol
from hfl_core.domain.values import with_changes
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.runtime.recovery import Folder
from hfl_core.runtime.replay import Replayer
from tests.runtime.rig import Rig

REFUSED = RefusedRows(
    symbol=Symbol("AAA"),
    reasons=(BarDefect.DUPLICATE, BarDefect.NON_POSITIVE),
    first_row=3,
    last_row=4,
    count=2,
    first_time_ns=1,
    last_time_ns=2,
    sample="100,-1",
)


@pytest.fixture(scope="module")
def rig() -> Rig:
    """Return a run whose rows 3 and 4 were refused: slots behind them have later cursors."""
    found = Rig(seed=2, count=12)
    found.slots = [
        slot._replace(cursor=slot.cursor + (2 if slot.cursor > 3 else 0)) for slot in found.slots
    ]
    found.start()
    for number, slot in enumerate(found.slots):
        if number == 3:
            found.runner.refuse(REFUSED)
        found.runner.scan(slot._replace(bars=(slot.bars[0]._replace(volume=0.0),)))
    found.slots = [s._replace(bars=(s.bars[0]._replace(volume=0.0),)) for s in found.slots]
    found.runner.flush()
    return found


def reader(rig: Rig, refused: RefusedRows) -> Callable[..., Callable[..., Iterator[object]]]:
    def reader_of(opened: ev.DatasetOpened) -> Callable[[int, int], Iterator[Slot | RefusedRows]]:
        def read(start: int, stop: int) -> Iterator[Slot | RefusedRows]:
            if start <= refused.first_row < stop:
                yield refused
            yield from (slot for slot in rig.slots if start < slot.cursor <= stop)

        return read

    return reader_of


def test_a_run_of_refused_rows_is_one_row_with_its_reasons(rig: Rig):
    (row,) = [row for row in rig.rows if isinstance(row.event, ev.BarsRejected)]

    assert row.actor == "quality"
    assert row.event.reasons == ("duplicate", "non_positive")  # type: ignore[attr-defined]
    assert rig.engine.core.book.rejected_rows == 2


def test_recovery_reads_over_them(rig: Rig):
    engine = Engine(rig.settings, make)
    Folder(engine, reader(rig, REFUSED)).fold(rig.rows)  # type: ignore[arg-type]

    assert engine.core.decider.state() == rig.engine.core.decider.state()


@pytest.mark.parametrize(
    ("found", "is_equal"),
    [
        (REFUSED, True),
        (with_changes(REFUSED, count=1), False),
        (with_changes(REFUSED, symbol=Symbol("BBB")), False),
    ],
)
def test_replay_compares_what_the_gate_refuses_today(rig: Rig, found: RefusedRows, is_equal: bool):
    report = Replayer(Engine(rig.settings, make), reader(rig, found)).run(rig.rows)  # type: ignore[arg-type]

    assert report.is_equal is is_equal
    assert is_equal or (report.divergence is not None and report.divergence.kind == "BarsRejected")
