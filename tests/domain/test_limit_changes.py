"""A change of limits never weakens anything before its time, and always ends where it was asked."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_config.load import load_text
from hfl_core.domain.limit_changes import (
    LABELS,
    RAISE_DELAY,
    WEAKER,
    is_weaker,
    limits_from_text,
    limits_text,
    plan_change,
    plan_due,
)
from hfl_core.domain.limits import RiskLimits, limits_hash
from hfl_core.domain.values import field_names, with_changes

HOUR = 3_600_000_000_000
LIMITS = load_text("", "a").limits
# The three that bind each other, and one of every other direction.
VALUES = {
    "risk_per_trade_fraction": ["0.001", "0.002", "0.005", "0.01"],
    "risk_per_trade_fraction_max": ["0.005", "0.01", "0.02"],
    "open_risk_fraction_max": ["0.02", "0.05", "0.1"],
    "daily_loss_fraction_max": ["0.01", "0.02", "0.03"],
    "correlation_days": ["30", "60", "90"],
    "correlation_days_min": ["10", "20", "30", "60"],
    "atr_stop_multiple": ["1", "2", "3"],
    "period_zone": ["UTC", "Asia/Tokyo"],
    "bad_hours": ["", "forex 20:00-22:00"],
    RAISE_DELAY: [str(HOUR), str(24 * HOUR)],
}


def is_in_order(texts: dict[str, str]) -> bool:
    try:
        limits_from_text(texts)
    except ValueError:
        return False
    return True


asked_limits = (
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})
    .map(lambda own: {**limits_text(LIMITS), **own})
    .filter(is_in_order)
)


def texts(delay_h: int = 24, **changes: str) -> dict[str, str]:
    return {**limits_text(LIMITS), RAISE_DELAY: str(delay_h * HOUR), **changes}


def test_every_limit_has_a_direction():
    names = set(field_names(RiskLimits))

    assert set(WEAKER) - {RAISE_DELAY} == names - LABELS


def test_limits_read_back_as_they_were():
    back = limits_from_text(limits_text(LIMITS))

    assert back == LIMITS
    assert limits_hash(back) == limits_hash(LIMITS)


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("daily_loss_fraction_max", "0.02", "0.03", True),
        ("daily_loss_fraction_max", "0.02", "0.01", False),
        ("daily_loss_fraction_max", "0.02", "0.020", False),
        ("atr_stop_multiple", "2", "1", True),
        ("atr_stop_multiple", "2", "3", False),
        ("traded_value_min", "1000", "0", True),
        ("loss_pause_hours", "24", "1", True),
        ("period_zone", "UTC", "Asia/Tokyo", True),
        ("bad_hours", "forex 20:00-22:00", "", True),
        ("profile", "sandbox", "pro", False),
        ("a limit nobody placed", "1", "0", True),
        ("daily_loss_fraction_max", "0.02", "much", True),
        (RAISE_DELAY, str(24 * HOUR), "0", True),
    ],
)
def test_the_weaker_direction_of_a_limit(name: str, old: str, new: str, *, expected: bool):
    assert is_weaker(name, old, new) is expected


def test_the_first_limits_are_taken_at_once():
    plan = plan_change({}, {}, texts(), time_ns=0)

    assert {name: new for name, _, new in plan.changes} == texts()
    assert plan.waiting == ()


def test_a_mixed_change_is_parted_field_by_field():
    asked = texts(daily_loss_fraction_max="0.03", drawdown_fraction_max="0.05")

    plan = plan_change(texts(), {}, asked, time_ns=7)

    assert plan.changes == (("drawdown_fraction_max", "0.1", "0.05"),)
    assert plan.waiting == (("daily_loss_fraction_max", "0.02", "0.03", 7 + 24 * HOUR),)


def test_asking_again_does_not_restart_the_wait_and_asking_for_more_does():
    waiting = {"daily_loss_fraction_max": ("0.03", 99)}
    same = plan_change(texts(), waiting, texts(daily_loss_fraction_max="0.03"), time_ns=7)
    more = plan_change(texts(), waiting, texts(daily_loss_fraction_max="0.04"), time_ns=7)
    back = plan_change(texts(), waiting, texts(), time_ns=7)

    assert same.waiting == (("daily_loss_fraction_max", "0.02", "0.03", 99),)
    assert more.waiting == (("daily_loss_fraction_max", "0.02", "0.04", 7 + 24 * HOUR),)
    assert (back.changes, back.waiting) == ((), ())


def test_the_wait_itself_cannot_be_shortened_to_get_around_it():
    asked = texts(0, daily_loss_fraction_max="0.03")

    plan = plan_change(texts(), {}, asked, time_ns=0)

    assert plan.changes == ()
    assert {name: due for name, _, _, due in plan.waiting} == {
        "daily_loss_fraction_max": 24 * HOUR,
        RAISE_DELAY: 24 * HOUR,
    }


def test_without_a_wait_everything_holds_at_once():
    plan = plan_change(texts(0), {}, texts(0, daily_loss_fraction_max="0.03"), time_ns=0)

    assert plan.changes == (("daily_loss_fraction_max", "0.02", "0.03"),)
    assert plan.waiting == ()


def test_what_is_due_before_the_limit_it_needs_waits_for_it():
    now = texts(risk_per_trade_fraction="0.005", risk_per_trade_fraction_max="0.005")
    waiting = {"risk_per_trade_fraction": ("0.01", 10), "risk_per_trade_fraction_max": ("0.02", 20)}

    early = plan_due(now, waiting, time_ns=10)
    late = plan_due(now, {n: (v, d) for n, _, v, d in early.waiting}, time_ns=20)

    assert early.changes == ()
    assert {due for *_, due in early.waiting} == {20}
    assert [name for name, _, _ in late.changes] == sorted(waiting)
    assert late.waiting == ()


def test_an_incomplete_set_is_refused_with_one_sentence():
    asked = texts()
    del asked["daily_loss_fraction_max"]

    with pytest.raises(ValueError, match="expected the limit daily_loss_fraction_max, found none"):
        plan_change(texts(), {}, asked, time_ns=0)
    with pytest.raises(ValueError, match=r"positions_max as a whole number, found '2\.5'"):
        plan_change(texts(), {}, texts(positions_max="2.5"), time_ns=0)


@given(st.lists(st.tuples(asked_limits, st.integers(0, 30)), min_size=1, max_size=6))
def test_nothing_weakens_before_its_time_and_all_ends_as_asked(
    steps: list[tuple[dict[str, str], int]],
):
    """Whatever is asked for in whatever order: every field in force was asked for a wait ago."""
    now: dict[str, str] = {}
    waiting: dict[str, tuple[str, int]] = {}
    time_ns = 0
    history: list[tuple[int, dict[str, str]]] = []
    for asked, hours in steps:
        time_ns += hours * HOUR
        for due_ns in sorted({due for _, due in waiting.values() if due <= time_ns}):
            now, waiting = after(now, waiting, plan_due(now, waiting, time_ns=due_ns))
        before = dict(now)
        history.append((time_ns, asked))
        now, waiting = after(now, waiting, plan_change(now, waiting, asked, time_ns=time_ns))

        assert is_in_order(now)
        weakened = [n for n in before if is_weaker(n, before[n], now[n])]
        assert weakened == []
        for name, (value, due_ns) in waiting.items():
            since = min(t for t, each in history if each[name] == value)
            assert due_ns >= since + HOUR  # the shortest wait there is
    asked = steps[-1][0]
    while waiting:
        last_ns = max(due for _, due in waiting.values())
        now, waiting = after(now, waiting, plan_due(now, waiting, time_ns=last_ns))

    assert now == asked


def after(now, waiting, plan):
    new = {**now, **{name: value for name, _, value in plan.changes}}
    return new, {name: (value, due) for name, _, value, due in plan.waiting}


def test_equal_numbers_are_no_change_in_their_canonical_text():
    longer = with_changes(LIMITS, daily_loss_fraction_max=Decimal("0.0200"))

    assert limits_text(longer) == limits_text(LIMITS)
