"""Faults fire as planned.

By number or seed, the same again after a restart, each with what it stands for.
"""

import pytest

from hfl_core.venue.faults import FAULTS, FaultPlan, parse_faults


def test_every_fault_names_its_rows_of_the_failure_catalogue() -> None:
    assert all(kind.failures and kind.verbs and kind.meaning for kind in FAULTS.values())
    assert {row for kind in FAULTS.values() for row in kind.failures} >= {
        1,
        2,
        3,
        5,
        6,
        7,
        8,
        9,
        10,
    }


def test_a_numbered_fault_strikes_exactly_there() -> None:
    plan = FaultPlan(parse_faults("timeout_after@submit n=2|4"))
    struck = [plan.next_call("submit") is not None for _ in range(5)]

    assert struck == [False, True, False, True, False]
    assert plan.fired == {"timeout_after": 2}
    assert plan.next_call("query") is None


def test_a_seed_gives_the_same_faults_again_and_another_seed_others() -> None:
    def struck(seed: int) -> list[bool]:
        plan = FaultPlan(parse_faults("garbage@poll p=0.3"), seed=seed)
        return [plan.next_call("poll") is not None for _ in range(200)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 30 <= sum(struck(1)) <= 90


def test_a_restarted_plan_goes_on_where_it_was() -> None:
    faults = parse_faults("reject p=0.5; maintenance@query n=3 calls=4")
    whole = FaultPlan(faults, seed=7)
    expected = [name(whole, verb) for verb in ("submit", "query", "poll") * 10]
    first = FaultPlan(faults, seed=7)
    found = [name(first, verb) for verb in ("submit", "query", "poll") * 4]
    second = FaultPlan(faults, seed=7)
    second.calls, second.fired, second.asked = dict(first.calls), dict(first.fired), {}
    second.maintenance_left = first.maintenance_left
    found += [name(second, verb) for verb in ("submit", "query", "poll") * 6]

    assert found == expected
    assert second.fired == whole.fired


def name(plan: FaultPlan, verb: str) -> str:
    fault = plan.next_call(verb)
    return "" if fault is None else fault.name


def test_maintenance_is_a_window_over_all_verbs() -> None:
    plan = FaultPlan(parse_faults("maintenance@submit n=1 calls=3"))

    assert [name(plan, verb) for verb in ("submit", "query", "account", "query")] == [
        "maintenance",
        "maintenance",
        "maintenance",
        "",
    ]


@pytest.mark.parametrize(
    "spec",
    [
        "unknown",
        "reject@poll",
        "delay s=x",
        "delay s=-1",
        "delay p=2",
        "reject n=a",
        "garbage kind=x",
        "delay x=1",
        "delay calls=0",
    ],
)
def test_a_wrong_spec_is_one_clear_sentence(spec: str) -> None:
    with pytest.raises(ValueError, match=r"^expected .*found"):
        parse_faults(spec)
