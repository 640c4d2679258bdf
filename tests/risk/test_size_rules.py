"""Rules that cap the size: their worked examples, and what is held already."""

import pytest

from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import Outcome
from hfl_core.risk.context import Rule
from hfl_core.risk.rules import (
    buying_power,
    gross_exposure,
    open_risk,
    order_notional,
    position_cap,
    trade_risk,
)
from tests.engine.kit import D, limits
from tests.risk.context import UNIT, context

EXAMPLES: list[tuple[Rule, dict[str, object], dict[str, object], int]] = [
    (trade_risk.Rule(), {"risk_per_trade_fraction_max": D("0.01")}, {"stop_ticks": 50}, 2),
    (
        open_risk.Rule(),
        {"open_risk_fraction_max": D("0.05")},
        {"open_risk": 400, "stop_ticks": 10},
        10,
    ),
    (gross_exposure.Rule(), {"gross_exposure_fraction_max": D(1)}, {"gross": 9_000}, 10),
    (order_notional.Rule(), {"order_notional_max_fraction": D("0.5")}, {}, 50),
    (position_cap.Rule(), {"position_fraction_max": D("0.25")}, {}, 25),
    (buying_power.Rule(), {}, {}, 99),
]
IDS = [example[0].name for example in EXAMPLES]


@pytest.mark.parametrize(("rule", "bounds", "changes", "lots"), EXAMPLES, ids=IDS)
def test_the_worked_example(rule, bounds, changes, lots):
    verdict = rule.check(context(limits(**bounds), **changes))

    assert (verdict.outcome, verdict.quantity_max_lots) == (Outcome.APPROVE, lots)


@pytest.mark.parametrize(("rule", "bounds", "changes", "lots"), EXAMPLES, ids=IDS)
def test_one_unit_of_equity_less_costs_a_whole_lot(rule, bounds, changes, lots):
    verdict = rule.check(context(limits(**bounds), equity=D("9999.99"), **changes))

    assert verdict.quantity_max_lots == lots - 1


@pytest.mark.parametrize(("rule", "bounds", "changes", "lots"), EXAMPLES, ids=IDS)
@pytest.mark.parametrize("equity", [0, -10_000])
def test_without_equity_not_one_lot_fits(rule, bounds, changes, lots, equity):
    verdict = rule.check(context(limits(**bounds), equity=equity, **changes))

    assert verdict.outcome is Outcome.REFUSE


@pytest.mark.parametrize(
    ("rule", "used"),
    [
        (gross_exposure.Rule(), "gross"),
        (position_cap.Rule(), "symbol_gross"),
        (buying_power.Rule(), "margin_used"),
        (open_risk.Rule(), "open_risk"),
    ],
)
def test_what_is_used_up_leaves_nothing(rule, used):
    verdict = rule.check(context(None, **{used: 10_000}))

    assert (verdict.outcome, verdict.quantity_max_lots) == (Outcome.REFUSE, 0)
    assert D(verdict.headroom) <= 0


def test_without_a_stop_a_trade_is_refused_in_words():
    verdict = trade_risk.Rule().check(context(stop_ticks=0))

    assert verdict.outcome is Outcome.REFUSE
    assert verdict.note.startswith("no stop distance")


def test_only_the_profile_without_limits_needs_no_stop():
    verdict = trade_risk.Rule().check(context(limits(profile="unlimited"), stop_ticks=0))

    assert verdict.outcome is Outcome.NOT_APPLICABLE


def test_trade_risk_tells_what_this_order_would_lose():
    verdict = trade_risk.Rule().check(
        context(limits(risk_per_trade_fraction_max=D("0.02")), lots_base=3)
    )

    assert (verdict.value, verdict.limit, verdict.headroom) == ("150", "200", "50")


def test_a_position_without_a_stop_counts_whole_in_open_risk():
    verdict = open_risk.Rule().check(
        context(limits(open_risk_fraction_max=D("0.05")), stop_ticks=0)
    )

    # 500 of risk hold five units of 100, not ten of 50.
    assert verdict.quantity_max_lots == 5


def test_margin_makes_room():
    half = with_changes(UNIT, margin_fraction=D("0.5"))

    assert buying_power.Rule().check(context(instrument=half)).quantity_max_lots == 198


def test_a_price_of_nothing_divides_by_nothing():
    verdict = position_cap.Rule().check(context(price_ticks=0))

    assert (verdict.outcome, verdict.quantity_max_lots) == (Outcome.REFUSE, 0)
