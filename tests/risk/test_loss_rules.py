"""Daily, weekly and monthly loss and drawdown: their worked examples, to the unit."""

import pytest

from hfl_core.domain.verdicts import Outcome
from hfl_core.risk.rules import daily_loss, drawdown, monthly_loss, weekly_loss
from tests.engine.kit import D, limits
from tests.risk.context import context

# rule, its field of the limits, its anchor's place (None: the high-water mark), worked limit
EXAMPLES = [
    (daily_loss.Rule(), "daily_loss_fraction_max", 0, "0.02", 200),
    (weekly_loss.Rule(), "weekly_loss_fraction_max", 1, "0.05", 500),
    (monthly_loss.Rule(), "monthly_loss_fraction_max", 2, "0.1", 1_000),
    (drawdown.Rule(), "drawdown_fraction_max", None, "0.10", 1_000),
]


def told(place: int | None, start: object) -> dict[str, object]:
    if place is None:
        return {"high_water_mark": start}
    anchors = [1, 1, 1]
    anchors[place] = start  # type: ignore[call-overload]
    return {"anchors": tuple(anchors)}


@pytest.mark.parametrize(("rule", "field", "place", "fraction", "loss"), EXAMPLES)
def test_new_exposure_ends_at_exactly_the_limit(rule, field, place, fraction, loss):
    bounds = limits(**{field: D(fraction)})
    almost = D(10_000 - loss) + D("0.000000000001")
    verdicts = [
        rule.check(context(bounds, equity=equity, **told(place, 10_000)))
        for equity in (10_000, almost, 10_000 - loss, 1)
    ]

    assert [v.outcome for v in verdicts] == ["approve", "approve", "refuse", "refuse"]
    assert verdicts[2].value == str(loss)
    assert [v.quantity_max_lots for v in verdicts] == [None] * 4


@pytest.mark.parametrize(("rule", "field", "place", "fraction", "loss"), EXAMPLES)
def test_a_gain_leaves_all_the_room_there_is(rule, field, place, fraction, loss):
    verdict = rule.check(
        context(limits(**{field: D(fraction)}), equity=10_400, **told(place, 10_000))
    )

    assert (verdict.outcome, verdict.value) == (Outcome.APPROVE, "-400")
    assert D(verdict.headroom) == loss + 400 - D("0.000000000001")


@pytest.mark.parametrize("rule", [example[0] for example in EXAMPLES])
@pytest.mark.parametrize("broken", ["equity", "start"])
@pytest.mark.parametrize("value", [0, -5])
def test_what_is_not_above_zero_is_refused_and_named(rule, broken, value):
    changes = {"equity": value} if broken == "equity" else {}
    if broken == "start":
        changes = {"anchors": (value,) * 3, "high_water_mark": value}
    verdict = rule.check(context(**changes))

    assert verdict.outcome is Outcome.REFUSE
    assert verdict.rule == rule.name
    assert "not above zero" in verdict.note
