"""The table walked directly does exactly what the library does: same states, commits and errors."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.events import Transitioned
from hfl_core.engine.machine import LiveMachine, TableMachine
from hfl_core.engine.table import IDLE, STATES, TABLE, TRIGGERS


def moved(source: str, trigger: str, target: str) -> Transitioned:
    return Transitioned(trigger=trigger, source=source, target=target, reason="")


def story_of(
    machine_of: Callable[[str, Callable[[], None]], LiveMachine | TableMachine],
    state: str,
    path: list[Transitioned],
    *,
    breaks: bool = False,
) -> tuple[list[str], str, bool]:
    """Return the states at each commit, where the machine ends, and whether it raised."""
    commits: list[str] = []

    def commit() -> None:
        commits.append(machine.state)
        if breaks:
            raise OSError("the disk is full")

    machine = machine_of(state, commit)
    try:
        machine.carry_out(path)
    except Exception:  # noqa: BLE001 - which one differs: the library raises its own
        return commits, machine.state, True
    return commits, machine.state, False


@pytest.mark.parametrize(("state", "trigger"), list(product(STATES, TRIGGERS)))
def test_both_machines_agree_on_every_pair(state: str, trigger: str):
    path = [moved(state, trigger, TABLE[state].get(trigger, IDLE))]

    assert story_of(TableMachine, state, path) == story_of(LiveMachine, state, path)


@given(
    st.sampled_from(STATES),
    st.lists(st.tuples(*[st.sampled_from(x) for x in (STATES, TRIGGERS, STATES)]), max_size=4),
    st.booleans(),
)
def test_both_machines_agree_on_any_path_right_or_wrong(
    state: str, steps: list[tuple[str, str, str]], breaks: bool
):
    path = [moved(*step) for step in steps]
    live = story_of(LiveMachine, state, path, breaks=breaks)

    assert story_of(TableMachine, state, path, breaks=breaks) == live


@given(st.sampled_from(STATES), st.lists(st.integers(0, 9), max_size=20), st.booleans())
def test_both_machines_agree_on_legal_walks(state: str, picks: list[int], breaks: bool):
    path, at = [], state
    for pick in picks:
        trigger = sorted(TABLE[at])[pick % len(TABLE[at])]
        path.append(moved(at, trigger, TABLE[at][trigger]))
        at = path[-1].target
    live = story_of(LiveMachine, state, path, breaks=breaks)

    assert story_of(TableMachine, state, path, breaks=breaks) == live
    assert live[2] is breaks


def test_the_table_machine_refuses_a_trigger_inside_a_trigger():
    def commit() -> None:
        machine.carry_out([moved("scanning", "halt", "halted")])

    machine = TableMachine(IDLE, commit)
    with pytest.raises(AssertionError, match="no trigger inside a trigger"):
        machine.carry_out([moved(IDLE, "open_slot", "scanning")])

    assert machine.state == IDLE


def test_the_table_machine_begins_in_a_state_of_the_table():
    with pytest.raises(AssertionError, match="found elsewhere"):
        TableMachine("elsewhere", lambda: None)
