"""The gate: every rule runs, the most restrictive wins, all reasons are kept, rounding is down."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given

from hfl_core.domain.ids import ClientOrderId
from hfl_core.domain.instruments import VolumeKind
from hfl_core.domain.orders import Purpose
from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import ApprovedOrder, Outcome, RuleVerdict, intent_hash
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.gate import ORDER_SIZE, approve, approve_reduction, assess
from hfl_core.risk.sizing import size_by_risk, size_fixed
from hfl_core.risk.verdict import not_applicable, refused
from tests.engine.kit import RULES, D
from tests.risk.context import ONE, UNIT, context, contexts, intent


@dataclass
class Fixed:
    """A rule that always says the same and counts how often it was asked."""

    name: str
    lots: Any = None
    refuses: bool = False
    asked: int = 0

    def check(self, context: RiskContext) -> RuleVerdict:
        self.asked += 1
        if self.refuses:
            return refused(self.name, "always")
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE,
            value="",
            limit="",
            headroom="",
            unit="",
            quantity_max_lots=self.lots,
        )


def test_the_most_restrictive_rule_wins():
    found = assess(context(lots_base=10), (Fixed("a", 7), Fixed("b", 3), Fixed("c", 9)))

    assert (found.lots, found.reason, found.is_allowed) == (3, "", True)


def test_no_rule_may_raise_what_sizing_took():
    assert assess(context(lots_base=4), (Fixed("a", 100),)).lots == 4


def test_every_rule_runs_and_every_reason_is_kept():
    rules = (Fixed("a", refuses=True), Fixed("b", 5), Fixed("c", refuses=True))
    found = assess(context(), rules)

    assert [rule.asked for rule in rules] == [1, 1, 1]
    assert [(v.rule, v.outcome) for v in found.rules] == [
        ("a", "refuse"),
        ("b", "approve"),
        ("c", "refuse"),
        (ORDER_SIZE, "approve"),
    ]
    assert (found.lots, found.reason, found.is_allowed) == (0, "RISK_A", False)


def test_a_rule_with_nothing_to_judge_passes_and_is_kept():
    class Silent:
        name = "silent"

        def check(self, context: RiskContext) -> RuleVerdict:
            return not_applicable(self.name, "nothing here")

    found = assess(context(), (Silent(),))

    assert found.is_allowed
    assert found.rules[0].note == "nothing here"


class Broken:
    """A rule that fails in one of many ways."""

    name = "broken"

    def __init__(self, does) -> None:
        self.does = does

    def check(self, context: RiskContext) -> RuleVerdict:
        return self.does()


def fail() -> RuleVerdict:
    raise ZeroDivisionError("division by zero")


@pytest.mark.parametrize(
    ("does", "note"),
    [
        (fail, "the rule failed: ZeroDivisionError division by zero"),
        (lambda: None, "the rule gave no verdict of its own"),
        (lambda: refused("another", "no"), "the rule gave no verdict of its own"),
        (lambda: Fixed("broken", -1).check(context()), "expected whole lots from 0 on, found -1"),
        (lambda: Fixed("broken", 1.5).check(context()), "expected whole lots from 0 on, found 1.5"),
        (
            lambda: Fixed("broken", float("nan")).check(context()),
            "expected whole lots from 0 on, found nan",
        ),
    ],
)
def test_a_rule_that_fails_refuses_in_its_own_name_and_is_told_of(does, note):
    found = assess(context(), (Fixed("a", 5), Broken(does), Fixed("c", 5)))

    assert (found.lots, found.reason) == (0, "RISK_BROKEN")
    assert found.faults == (f"broken: {note}",)
    assert [verdict.rule for verdict in found.rules] == ["a", "broken", "c", ORDER_SIZE]


def test_an_ordinary_refusal_is_no_fault():
    assert assess(context(), (Fixed("a", refuses=True),)).faults == ()


def test_a_verdict_carries_the_hash_of_all_it_was_told():
    told = {
        approve(intent(), assess(each, ()), limits_hash="l").inputs_hash
        for each in (context(), context(), context(equity=9_999), context(tripped=("x",)))
    }

    assert len(told) == 3
    assert all(len(each) == 64 for each in told)


@pytest.mark.parametrize(
    ("lots", "smallest", "is_allowed"),
    [(1, 100, True), (1, 101, False), (2, 200, True), (0, 0, False)],
)
def test_less_than_the_minimum_notional_is_refused_never_rounded_up(lots, smallest, is_allowed):
    found = assess(
        context(instrument=with_changes(UNIT, notional_min=D(smallest)), lots_base=lots), ()
    )

    assert (found.is_allowed, found.lots) == (is_allowed, lots if is_allowed else 0)
    assert is_allowed or found.reason == "RISK_ORDER_SIZE"


@given(contexts())
def test_nonsense_gives_a_verdict_and_never_an_exception(found):
    assessment = assess(found, RULES)

    assert [v.rule for v in assessment.rules] == [*(rule.name for rule in RULES), ORDER_SIZE]
    assert assessment.is_allowed == (not assessment.reason)
    if found.equity <= 0 or (found.stop_ticks <= 0 and found.limits.profile != "unlimited"):
        assert not assessment.is_allowed


@given(contexts())
def test_whatever_is_allowed_stays_inside_every_limit(found):
    """Judged by multiplication, where the rules divide."""
    assessment = assess(found, RULES)
    if not assessment.is_allowed:
        return
    bounds, one = found.limits, found.instrument
    value = assessment.lots * found.price_ticks * one.value_units
    at_risk = assessment.lots * max(found.stop_ticks, 0) * one.value_units

    assert 0 < assessment.lots <= found.lots_base
    assert value >= one.notional_min * ONE
    assert at_risk <= found.equity * bounds.risk_per_trade_fraction_max
    assert found.open_risk + at_risk <= found.equity * bounds.open_risk_fraction_max
    assert value <= found.equity * bounds.order_notional_max_fraction
    assert found.symbol_gross + value <= found.equity * bounds.position_fraction_max
    assert found.gross + value <= found.equity * bounds.gross_exposure_fraction_max
    assert found.high_water_mark - found.equity < (
        found.high_water_mark * bounds.drawdown_fraction_max
    )
    judge_the_rest(found, value=value, at_risk=at_risk, lots=assessment.lots)


def judge_the_rest(found: RiskContext, *, value: int, at_risk: int, lots: int) -> None:
    bounds, one, market = found.limits, found.instrument, found.market
    assert found.direction * found.net + value <= found.equity * bounds.net_exposure_fraction_max
    if one.group:
        assert found.group_risk + at_risk <= found.equity * bounds.risk_per_trade_fraction_max
    if bounds.sector_fraction_max < 1000:
        assert one.sector
        assert found.sector_gross + value <= found.equity * bounds.sector_fraction_max
    if bounds.gap_fraction_stocks:
        lost = found.gap_loss + value * bounds.gap_fraction_stocks
        assert lost <= found.equity * bounds.gap_loss_fraction_max
    if bounds.correlation_max < 1 and found.others:
        assert found.correlations is not None
        assert found.correlations.days >= bounds.correlation_days_min
        known = dict(found.correlations.pairs)
        assert all(abs(known[name]) <= bounds.correlation_max for name in found.others)
    assert found.entries_hour < bounds.orders_per_hour_max
    assert not found.tripped
    if bounds.crisis_size_fraction == 0:
        assert market is not None
        assert market.regime != "crisis"
    if one.volume is VolumeKind.TRADED:
        if bounds.bar_volume_fraction_max < 1000:
            assert market is not None
            assert market.bar_lots is not None
            assert lots <= market.bar_lots * bounds.bar_volume_fraction_max
        if bounds.traded_value_min:
            assert market is not None
            assert market.day_value is not None
            assert market.day_value >= bounds.traded_value_min * ONE
    if bounds.price_collar_fraction < 1:
        assert market is not None
        moved = abs(found.price_ticks - market.good_ticks)
        assert moved <= market.good_ticks * bounds.price_collar_fraction


@given(contexts())
def test_size_never_risks_more_than_its_budget(found):
    size = size_by_risk(
        found.instrument,
        equity=found.equity,
        fraction=found.limits.risk_per_trade_fraction,
        stop_ticks=found.stop_ticks,
    )
    budget = found.equity * found.limits.risk_per_trade_fraction
    lot_risk = found.stop_ticks * found.instrument.value_units

    assert size.lots >= 0
    if size.lots:
        assert size.lots * lot_risk <= budget < (size.lots + 1) * lot_risk + 1
    quantity = size.lots * found.instrument.lot
    assert quantity % found.instrument.lot == 0


def test_sizing_tells_its_arithmetic():
    size = size_by_risk(UNIT, equity=10_000 * ONE, fraction=D("0.01"), stop_ticks=30)

    assert size.steps == (
        ("method", "risk_per_trade"),
        ("equity", "10000"),
        ("risk_fraction", "0.01"),
        ("risk_budget", "100"),
        ("stop_distance", "30"),
        ("risk_per_lot", "30"),
        ("lots", "3"),
    )


def test_a_fixed_size_says_that_it_is_fixed():
    assert size_fixed(7).steps == (("method", "fixed_lots"), ("lots", "7"))


@pytest.mark.parametrize(
    ("amount", "fraction", "expected"),
    [(10, "0.25", 2), (10, "0.3", 3), (-10, "0.25", -3), (0, "1", 0)],
)
def test_a_share_is_rounded_down(amount: int, fraction: str, expected: int):
    assert share(amount, D(fraction)) == expected


# --- the seal -------------------------------------------------------------------------------------


def test_an_approval_is_about_exactly_one_intent():
    verdict = approve(intent(), assess(context(lots_base=2), ()), limits_hash="l")
    order = ApprovedOrder(client_id=ClientOrderId("x"), intent=intent(), verdict=verdict)

    assert order.verdict.intent_hash == intent_hash(intent())
    with pytest.raises(ValueError, match="found one about another"):
        ApprovedOrder(client_id=ClientOrderId("x"), intent=intent(quantity=D(3)), verdict=verdict)


def test_a_refusal_seals_nothing():
    verdict = approve(intent(), assess(context(lots_base=0), ()), limits_hash="l")
    with pytest.raises(
        ValueError, match="expected an allowing verdict for x, found RISK_ORDER_SIZE"
    ):
        ApprovedOrder(client_id=ClientOrderId("x"), intent=intent(), verdict=verdict)


@pytest.mark.parametrize("purpose", [Purpose.EXIT, Purpose.PROTECTION])
def test_reductions_pass_without_rules(purpose: Purpose):
    verdict = approve_reduction(intent(purpose=purpose), limits_hash="l")

    assert (verdict.allowed, verdict.rules, verdict.reason) == (True, (), "reduce_only")


def test_an_entry_never_passes_as_a_reduction():
    with pytest.raises(ValueError, match="expected a reduce-only intent, found entry"):
        approve_reduction(intent(), limits_hash="l")
