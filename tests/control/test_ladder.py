"""The stop ladder as a pure state machine, exhaustively."""

import itertools

import pytest

from hfl_core.control import ladder
from hfl_core.control.ladder import Ladder, advance, exit_code

# Every path through the kill ladder as contracts.md 9 tells it: what happens -> what is done next.
KILL_PATHS = [
    (["latched", "no_daemon", "unchecked"], ["call", "check", "finish"], ladder.DONE),
    (["latched", "acknowledged", "exited", "checked"], ["call", "wait", "check", "finish"], 0),
    (
        ["latched", "deadline", "exited", "unchecked"],
        ["call", "terminate", "check", "finish"],
        ladder.UNCONFIRMED,
    ),
    (
        ["latched", "deadline", "deadline", "exited", "unchecked"],
        ["call", "terminate", "kill", "check", "finish"],
        ladder.UNCONFIRMED,
    ),
    (
        ["latched", "acknowledged", "deadline", "deadline", "deadline", "unchecked"],
        ["call", "wait", "terminate", "kill", "check", "finish"],
        ladder.STILL_RUNNING,
    ),
    (
        ["latch_failed", "acknowledged", "exited", "unchecked"],
        ["call", "wait", "check", "finish"],
        ladder.NOT_LATCHED,
    ),
    (["latch_failed", "no_daemon", "unchecked"], ["call", "check", "finish"], ladder.NOTHING),
    (
        ["latched", "acknowledged", "exited", "unconfirmed"],
        ["call", "wait", "check", "finish"],
        ladder.UNCONFIRMED,
    ),
]


def paths(verb, bound=8):
    """Yield every sequence of events that the table allows, `unreachable` at most twice."""
    stack: list[tuple[str, tuple[str, ...]]] = [("latching", ())]
    while stack:
        phase, events = stack.pop()
        if phase == "done":
            yield events
            continue
        assert len(events) < bound
        for event in ladder.EVENTS:
            if event == "unreachable" and events.count(event) == 2:
                continue
            step = ladder.TABLES[verb].get((phase, event))
            if step:
                stack.append((step[0], (*events, event)))


@pytest.mark.parametrize(("events", "actions", "code"), KILL_PATHS)
def test_kill_climbs_as_the_contract_says(events, actions, code):
    climb = Ladder("kill", now_s=0.0)

    assert climb.action == "latch"
    assert [climb.feed(event, now_s=1.0) for event in events] == actions
    assert climb.is_done
    assert climb.exit_code() == code


@pytest.mark.parametrize("verb", ladder.VERBS)
def test_every_pair_is_in_the_table_or_raises(verb):
    for phase, event in itertools.product(ladder.PHASES, ladder.EVENTS):
        if (phase, event) in ladder.TABLES[verb]:
            target, action = advance(verb, phase, event)
            assert target in ladder.PHASES
            assert action in ladder.ACTIONS
        else:
            with pytest.raises(ValueError, match="expected an event"):
                advance(verb, phase, event)


def test_unknown_verb_raises():
    with pytest.raises(ValueError, match="expected a verb"):
        advance("halt", "latching", "latched")
    with pytest.raises(ValueError, match="expected a verb"):
        Ladder("halt", now_s=0.0)


@pytest.mark.parametrize("verb", ladder.VERBS)
def test_every_path_ends_with_a_documented_code_and_latches_before_it_calls(verb):
    found = list(paths(verb))

    assert len(found) > 3
    for events in found:
        assert events[0] in {"latched", "latch_failed"}
        assert exit_code(verb, events) in range(7)


def test_kill_ends_by_signal_only_after_a_deadline_and_kills_only_after_terminating():
    for events in paths("kill"):
        climb = Ladder("kill", now_s=0.0)
        actions = [climb.feed(event, now_s=0.0) for event in events]
        if "terminate" in actions:
            assert events[actions.index("terminate")] == "deadline"
        if "kill" in actions:
            assert "terminate" in actions[: actions.index("kill")]
        assert actions[-2:] == ["check", "finish"]


@pytest.mark.parametrize("verb", ["pause", "close_all"])
def test_pause_and_close_all_never_signal(verb):
    actions = {action for _, action in ladder.TABLES[verb].values()}

    assert actions == {"call", "finish"}


def test_zero_means_that_the_stop_holds_whatever_happened():
    for verb in ladder.VERBS:
        for events in paths(verb):
            if exit_code(verb, events) == ladder.DONE:
                assert "latched" in events
                assert {"acknowledged", "no_daemon", "exited"} & set(events)
                assert not {"deadline", "unconfirmed", "latch_failed"} & set(events)
            if verb == "kill" and exit_code(verb, events) != ladder.STILL_RUNNING:
                assert {"exited", "no_daemon"} & set(events) or "latch_failed" in events


def test_whole_climb_is_bounded_in_time():
    assert ladder.LIMIT_S["calling"] == 1.0
    assert ladder.LIMIT_S["terminating"] == 2.0
    assert sum(ladder.LIMIT_S.values()) <= 8.0


def test_retries_do_not_extend_the_deadline():
    climb = Ladder("kill", now_s=10.0)
    climb.feed("latched", now_s=10.5)
    for moment in (10.6, 10.9, 11.4):
        climb.feed("unreachable", now_s=moment)

    assert climb.remaining_s(now_s=11.4) == pytest.approx(0.1)
    assert climb.remaining_s(now_s=12.0) == 0.0
    assert climb.events == ("latched", "unreachable")
    assert climb.trail == (("latched", 10.5), ("unreachable", 10.6))
