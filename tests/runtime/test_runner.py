"""The runner: one input is one transaction; no effect leaves before all before it is durable."""

import itertools
from decimal import Decimal

import pytest

from hfl_core.domain import events as ev
from hfl_core.runtime.recovery import state_bytes
from hfl_core.runtime.runner import GROUP_NS, Runner
from tests.engine.kit import command, run_started
from tests.runtime.rig import Rig, slots_of


def test_nothing_is_performed_before_everything_ahead_of_it_is_committed():
    rig = Rig(seed=3).run()
    uncommitted = 0
    performed = 0
    for entry in rig.record:
        if entry.startswith("append"):
            uncommitted += 1
        elif entry == "commit":
            uncommitted = 0
        else:
            performed += 1
            assert uncommitted == 0, entry

    assert performed > 20


def test_an_input_and_all_it_caused_stand_together_and_are_never_split():
    rig = Rig(seed=4).run()
    rows = rig.rows
    causes = [row.cause_seq or row.seq for row in rows]

    assert causes == sorted(causes)
    for row in rows:
        assert row.cause_seq < row.seq
        if row.cause_seq:
            assert rows[row.cause_seq - 1].cause_seq == 0


def test_every_commit_ends_with_a_whole_input():
    rig = Rig(seed=4)
    ends: list[int] = []
    rig.runner.on_commit = lambda: ends.append(rig.journal.seq)
    rig.run()
    whole = {row.seq - 1 for row in rig.rows if row.cause_seq == 0} | {rig.rows[-1].seq}

    assert set(ends) <= whole
    assert len(ends) > 20


def test_a_failing_commit_leaves_state_and_machine_and_ends_the_process():
    rig = Rig().start()
    state = rig.runner.machine.state
    effects = len(rig.effects)

    def fail() -> None:
        raise OSError("disk full")

    rig.journal.commit = fail  # type: ignore[method-assign]
    with pytest.raises(OSError, match="disk full"):
        rig.say(command("kill"))

    assert rig.runner.machine.state == state
    assert len(rig.effects) == effects


def test_the_machine_follows_the_journal_at_every_commit():
    rig = Rig(seed=5)
    seen: list[bool] = []

    def compare() -> None:
        moved = [row.event for row in rig.rows if isinstance(row.event, ev.Transitioned)]
        seen.append(rig.engine.core.book.state == (moved[-1].target if moved else "idle"))

    rig.runner.on_commit = compare
    rig.run()

    assert all(seen)


def test_quiet_scans_are_one_row_when_the_group_is_full():
    rig = Rig(count=0, scans_per_group_max=10).start()
    before = len(rig.rows)
    for slot in slots_of(1, 25):
        quiet = slot._replace(bars=(slot.bars[0]._replace(volume=0.0),))
        rig.runner.scan(quiet)
    rig.runner.flush()
    groups = [row.event for row in rig.rows[before:] if isinstance(row.event, ev.ScansCoalesced)]

    assert [group.scans for group in groups] == [10, 10, 5]
    assert [(g.cursor_from, g.cursor_to) for g in groups] == [(0, 10), (10, 20), (20, 25)]


def test_a_quiet_input_waits_for_its_group_and_no_longer():
    rig = Rig().start()
    rig.runner.flush()
    rig.say(ev.TimePassed(due_ns=1))
    waiting = rig.journal.pending
    rig.clock.now_ns += GROUP_NS
    rig.runner.flush_if_due()
    still = rig.journal.pending
    rig.clock.now_ns += 1
    rig.runner.flush_if_due()

    assert (waiting, still, rig.journal.pending) == (1, 1, 0)


def test_an_answer_that_says_nothing_new_leaves_no_row():
    rig = Rig(seed=3).run()
    rig.runner.flush()
    before = rig.journal.seq
    fills = [row.event for row in rig.rows if isinstance(row.event, ev.Filled)]
    for event in fills:
        rig.say(event)

    assert fills
    assert rig.journal.seq == before


def test_effects_of_a_nested_input_come_after_those_already_waiting():
    rig = Rig().start()
    rig.record.clear()
    order: list[str] = []

    def perform(effect: object) -> None:
        order.append(type(effect).__name__)
        if len(order) == 1:
            rig.say(command("pause", "inner"))

    rig.runner.perform = perform
    rig.say(command("kill", "outer"))

    assert order == ["SetLatch", "EndRun", "SetLatch"]


def test_an_effect_without_a_performer_is_a_programming_error():
    rig = Rig()
    runner = Runner(rig.engine, rig.journal, rig.clock)
    with pytest.raises(AssertionError, match="expected a performer"):
        runner.submit(run_started(), time_ns=1, actor="runtime")


def test_the_observer_sees_every_input_with_its_result():
    rig = Rig()
    seen: list[str] = []
    rig.runner.on_result = lambda event, result: seen.append(type(event).__name__)
    rig.start()

    assert seen == ["RunStarted", "ReconcileReported", "DatasetOpened"]


def test_a_snapshot_is_kept_every_so_many_inputs_and_is_the_state():
    rig = Rig(seed=6, count=120)
    rig.runner.snapshot_inputs = 30
    kept: list[tuple[str, bytes]] = []
    rig.start()
    for slot in rig.slots:
        rig.runner.scan(slot)
        rig.answer(Decimal(100))
        rig.runner.flush()
        last = rig.rows[-1].event
        if isinstance(last, ev.SnapshotTaken) and (not kept or kept[-1][0] != last.blob):
            kept.append((last.blob, rig.journal.blob(last.blob)))

            assert rig.journal.blob(last.blob) == state_bytes(rig.engine)

    assert len(kept) >= 3


def test_the_chain_anchors_every_client_id():
    """The same intent behind another history has another id."""
    first, second = Rig(seed=3), Rig(seed=3)
    second.start()
    second.say(ev.Degraded(component="x", detail="y"))
    second.start = lambda: second  # type: ignore[method-assign]
    ids = [
        [row.event.client_id for row in rig.run().rows if isinstance(row.event, ev.OrderIntended)]
        for rig in (first, second)
    ]

    assert ids[0]
    assert len(ids[0]) == len(ids[1])
    assert not set(ids[0]) & set(ids[1])


def test_time_never_moves_back():
    rig = Rig(seed=3).run()
    rig.runner.submit(ev.TimePassed(due_ns=5), time_ns=5, actor="timer")
    rig.runner.flush()
    times = [row.time_ns for row in rig.rows]

    assert all(a <= b for a, b in itertools.pairwise(times))
