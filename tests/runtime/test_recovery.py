"""Recovery and replay: a fold gives the live state, and any changed event is named by its row."""

from decimal import Decimal
from enum import Enum

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.errors import DataError, JournalError
from hfl_core.domain.values import field_names, with_changes
from hfl_core.engine.state import book_state
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.ports import JournalRow
from hfl_core.runtime.recovery import Folder, restore_snapshot
from hfl_core.runtime.replay import Replayer, ReplayReport, batches
from tests.engine.kit import command
from tests.runtime.rig import Rig


def folded(rig: Rig, rows: tuple[JournalRow, ...]) -> Engine:
    engine = Engine(rig.settings, make)
    Folder(engine, rig.reader_of).fold(rows)
    return engine


def replayed(rig: Rig, rows: tuple[JournalRow, ...] | list[JournalRow]) -> ReplayReport:
    return Replayer(Engine(rig.settings, make), rig.reader_of).run(rows)


@pytest.fixture(scope="module")
def rig() -> Rig:
    found = Rig(seed=11, count=150)
    found.runner.snapshot_inputs = 40
    found.run()
    found.say(command("pause", "p"), must_commit=True)
    found.runner.flush()
    return found


def test_the_run_is_worth_replaying(rig: Rig):
    kinds = {row.kind for row in rig.rows}

    assert {"SignalEmitted", "RiskAssessed", "OrderIntended", "Filled", "SnapshotTaken"} <= kinds
    assert {"ProtectionObliged", "ProtectionReleased", "ExitDecided", "CancelIntended"} <= kinds


def test_a_fold_of_the_rows_is_the_live_state(rig: Rig):
    engine = folded(rig, rig.rows)

    assert book_state(engine.core.book) == book_state(rig.engine.core.book)
    assert engine.core.decider.state() == rig.engine.core.decider.state()
    assert engine.core.time_ns == rig.engine.core.time_ns


def test_a_fold_of_every_prefix_is_a_state_that_folds_on(rig: Rig):
    """recover(recover(x)) is recover(x): stopping anywhere between inputs changes nothing."""
    cuts = [row.seq - 1 for row in rig.rows if row.cause_seq == 0][1::17]
    for cut in cuts:
        engine = folded(rig, rig.rows[:cut])
        folder = Folder(engine, rig.reader_of)
        opened = next(row.event for row in rig.rows if isinstance(row.event, ev.DatasetOpened))
        folder.resume(opened)
        folder.fold(rig.rows[cut:])

        assert book_state(engine.core.book) == book_state(rig.engine.core.book)
        assert folder.seq == rig.rows[-1].seq


def test_a_snapshot_and_the_rows_behind_it_are_the_live_state(rig: Rig):
    place = next(row for row in rig.rows if isinstance(row.event, ev.SnapshotTaken))
    engine = Engine(rig.settings, make)
    restore_snapshot(engine, place.event, rig.journal.blob)  # type: ignore[arg-type]
    folder = Folder(engine, rig.reader_of)
    folder.resume(next(r.event for r in rig.rows if isinstance(r.event, ev.DatasetOpened)))
    folder.fold(rig.rows[place.seq :])

    assert book_state(engine.core.book) == book_state(rig.engine.core.book)


def test_bars_that_are_not_what_they_were_are_noticed(rig: Rig):
    other = Rig(seed=11, count=150)
    slot = other.slots[40]
    bar = slot.bars[0]
    other.slots = [
        s._replace(bars=(s.bars[0]._replace(close=s.bars[0].close + 500),)) for s in other.slots
    ]
    other.settings = rig.settings
    assert bar.close != other.slots[40].bars[0].close
    with pytest.raises(JournalError, match="expected the recorded equity"):
        folded(other, rig.rows)


def test_a_data_set_with_fewer_scans_is_noticed(rig: Rig):
    shorter = Rig(seed=11, count=20)
    shorter.settings = rig.settings
    with pytest.raises(DataError, match="the data set changed"):
        folded(shorter, rig.rows)


def test_scans_before_their_data_set_are_refused(rig: Rig):
    rows = tuple(row for row in rig.rows if not isinstance(row.event, ev.DatasetOpened))
    with pytest.raises(DataError, match="to be opened before its scans"):
        folded(rig, rows)


def test_of_another_data_set_only_equity_is_taken_over(rig: Rig):
    engine = Engine(rig.settings, make)
    Folder(engine, rig.reader_of, dataset_id="another").fold(rig.rows[:6])

    assert engine.core.decider.lanes[0].bars == 0


# --- replay ---------------------------------------------------------------------------------------


def test_an_untouched_journal_replays_without_a_difference(rig: Rig):
    report = replayed(rig, rig.rows)

    assert report.divergence is None
    assert report.is_equal
    assert report.rows == len(rig.rows)
    assert (report.scans, report.decisions) == (150, 150)
    assert sum(report.counts.values()) == 150
    assert report.snapshots >= 2


def other_value(value: object) -> object:
    """Return something of the same type that is not the same."""
    match value:
        case bool():
            return not value
        case Enum():
            return next(member for member in type(value) if member is not value)
        case int():
            return value + 1
        case Decimal():
            return value + 1
        case str():
            return value + "x"
        case tuple():
            return (*value, *value) or ("x",)
        case None:
            return Decimal(1)
        case _:
            raise AssertionError(f"no other value for {value!r}")


DERIVED = (
    "AccountOpened",
    "CancelIntended",
    "ExitDecided",
    "LimitTripped",
    "LimitsChanged",
    "OrderIntended",
    "ProtectionObliged",
    "ProtectionReleased",
    "Resumed",
    "RiskAssessed",
    "SignalEmitted",
    "StopLatched",
    "Transitioned",
)


def test_every_kind_that_the_engine_made_is_mutated_below(rig: Rig):
    assert {row.kind for row in rig.rows if row.cause_seq} == set(DERIVED)


@pytest.mark.parametrize("kind", DERIVED)
def test_a_change_in_any_field_of_what_was_decided_is_named_at_its_row(rig: Rig, kind: str):
    index = next(i for i, row in enumerate(rig.rows) if row.kind == kind)
    row = rig.rows[index]
    for name in field_names(type(row.event)):
        value = other_value(getattr(row.event, name))
        changed = with_changes(row, event=with_changes(row.event, **{name: value}))
        divergence = replayed(rig, [*rig.rows[:index], changed, *rig.rows[index + 1 :]]).divergence

        assert divergence is not None, name
        assert (divergence.seq, divergence.kind) == (row.seq, kind)
        assert str(changed.event) == divergence.recorded


@pytest.mark.parametrize("name", ["counts", "digest", "equity", "high_water_mark", "anchors"])
def test_a_change_in_what_a_scan_row_says_is_named_at_its_row(rig: Rig, name: str):
    index = [i for i, row in enumerate(rig.rows) if row.kind == "ScansCoalesced"][5]
    row = rig.rows[index]
    value = other_value(getattr(row.event, name))
    changed = with_changes(row, event=with_changes(row.event, **{name: value}))
    divergence = replayed(rig, [*rig.rows[:index], changed, *rig.rows[index + 1 :]]).divergence

    assert divergence is not None
    assert (divergence.seq, divergence.kind) == (row.seq, "ScansCoalesced")


def test_a_changed_snapshot_is_named(rig: Rig):
    index = next(i for i, row in enumerate(rig.rows) if row.kind == "SnapshotTaken")
    row = rig.rows[index]
    snapshot = with_changes(row.event, blob="00" * 32)
    changed = with_changes(row, event=snapshot)
    divergence = replayed(rig, [*rig.rows[:index], changed, *rig.rows[index + 1 :]]).divergence

    assert divergence is not None
    assert (divergence.seq, divergence.kind) == (row.seq, "SnapshotTaken")


def test_a_dropped_and_an_added_event_are_named(rig: Rig):
    index = next(i for i, row in enumerate(rig.rows) if row.kind == "RiskAssessed")
    dropped = replayed(rig, [*rig.rows[:index], *rig.rows[index + 1 :]]).divergence
    doubled = replayed(rig, [*rig.rows[:index], rig.rows[index], *rig.rows[index:]]).divergence

    assert dropped is not None
    assert doubled is not None
    assert (dropped.seq, doubled.seq) == (rig.rows[index].seq + 1, rig.rows[index].seq)


def test_a_dropped_last_consequence_is_named_at_its_input(rig: Rig):
    groups = list(batches(rig.rows))
    number = next(i for i, group in enumerate(groups) if len(group) > 3)
    cut = [row for i, g in enumerate(groups) for row in (g[:-1] if i == number else g)]
    divergence = replayed(rig, cut).divergence

    assert divergence is not None
    assert (divergence.seq, divergence.recorded) == (groups[number][0].seq, "no further event")


def test_a_changed_fill_is_noticed_by_what_followed(rig: Rig):
    index = next(i for i, row in enumerate(rig.rows) if isinstance(row.event, ev.Filled))
    row = rig.rows[index]
    fill = with_changes(row.event.fill, price=row.event.fill.price + 1)  # type: ignore[attr-defined]
    changed = with_changes(row, event=with_changes(row.event, fill=fill))
    divergence = replayed(rig, [*rig.rows[:index], changed, *rig.rows[index + 1 :]]).divergence

    assert divergence is not None
    assert divergence.seq > row.seq


def test_batches_are_inputs_with_what_they_caused(rig: Rig):
    groups = list(batches(rig.rows))

    assert sum(len(group) for group in groups) == len(rig.rows)
    assert all(group[0].cause_seq == 0 for group in groups)
    assert all(row.cause_seq == group[0].seq for group in groups for row in group[1:])
    assert list(batches([])) == []
