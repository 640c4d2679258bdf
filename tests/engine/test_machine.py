"""The table, and the library that executes it: equal everywhere, one commit, nothing swallowed."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transitions import MachineError

from hfl_core.domain.events import Transitioned
from hfl_core.engine.machine import LiveMachine
from hfl_core.engine.table import (
    HALTED,
    IDLE,
    STATES,
    TABLE,
    TRIGGERS,
    IllegalTransitionError,
    target_of,
)

PAIRS = list(product(STATES, TRIGGERS))


def moved(source: str, trigger: str, target: str) -> Transitioned:
    return Transitioned(trigger=trigger, source=source, target=target, reason="")


def path_of(state: str, triggers: list[str]) -> list[Transitioned]:
    path = []
    for trigger in triggers:
        path.append(moved(state, trigger, target_of(state, trigger)))
        state = path[-1].target
    return path


@pytest.mark.parametrize(("state", "trigger"), PAIRS)
def test_library_and_table_agree_on_every_pair(state: str, trigger: str):
    machine = LiveMachine(state, lambda: None)
    target = TABLE[state].get(trigger)
    if target is None:
        with pytest.raises(IllegalTransitionError, match=f"in state {state}, found {trigger}"):
            target_of(state, trigger)
        with pytest.raises(MachineError):
            machine.carry_out([moved(state, trigger, state)])

        assert machine.state == state
        return

    machine.carry_out([moved(state, trigger, target)])

    assert (machine.state, target_of(state, trigger)) == (target, target)


@given(st.sampled_from(STATES), st.lists(st.sampled_from(TRIGGERS), max_size=30))
def test_library_and_table_agree_on_random_sequences(state: str, triggers: list[str]):
    machine, expected = LiveMachine(state, lambda: None), state
    for trigger in triggers:
        if trigger not in TABLE[expected]:
            continue
        step = path_of(expected, [trigger])
        machine.carry_out(step)
        expected = step[0].target

        assert machine.state == expected


def test_halt_and_restart_are_legal_everywhere():
    assert {TABLE[state]["halt"] for state in STATES} == {HALTED}
    assert {TABLE[state]["restart"] for state in STATES} == {HALTED}


def test_only_recovery_and_resume_leave_halted():
    leaving = {trigger for trigger, target in TABLE[HALTED].items() if target != HALTED}

    assert leaving == {"recover", "resume"}


@pytest.mark.parametrize(
    "triggers",
    [["open_slot"], ["open_slot", "quiet"], ["open_slot", "find_setup", "assess", "execute"]],
)
def test_commit_happens_once_and_before_the_last_change(triggers: list[str]):
    path = path_of(IDLE, triggers)
    seen: list[str] = []
    machine = LiveMachine(IDLE, lambda: seen.append(machine.state))
    machine.carry_out(path)

    assert seen == [path[-1].source]
    assert machine.state == path[-1].target


def test_a_step_without_transitions_commits_at_once():
    seen: list[str] = []
    machine = LiveMachine(IDLE, lambda: seen.append("commit"))
    machine.carry_out([])

    assert (seen, machine.state) == (["commit"], IDLE)


def test_a_raising_commit_leaves_the_state_and_raises_the_same():
    def commit() -> None:
        raise OSError("the disk is full")

    machine = LiveMachine(IDLE, commit)
    with pytest.raises(OSError, match="the disk is full"):
        machine.carry_out(path_of(IDLE, ["open_slot"]))

    assert machine.state == IDLE


def test_a_trigger_inside_a_trigger_is_an_assertion_error():
    def commit() -> None:
        machine.carry_out(path_of("scanning", ["halt"]))

    machine = LiveMachine(IDLE, commit)
    with pytest.raises(AssertionError, match="no trigger inside a trigger"):
        machine.carry_out(path_of(IDLE, ["open_slot"]))

    assert machine.state == IDLE


def test_a_path_that_starts_elsewhere_is_refused():
    machine = LiveMachine(IDLE, lambda: None)
    with pytest.raises(AssertionError, match="expected executing, found idle"):
        machine.carry_out([moved("executing", "settle", IDLE)])


def test_a_path_that_claims_another_target_is_refused():
    machine = LiveMachine(IDLE, lambda: None)
    with pytest.raises(AssertionError, match="expected executing, found scanning"):
        machine.carry_out([moved(IDLE, "open_slot", "executing")])


def test_nobody_but_the_machine_sets_the_state():
    machine = LiveMachine(IDLE, lambda: None)
    with pytest.raises(AssertionError, match="only the machine"):
        machine._model.state = HALTED
