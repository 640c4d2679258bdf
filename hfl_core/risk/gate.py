"""The risk gate: every rule runs, the most restrictive wins, all reasons are kept. Pure.

Knows nothing of strategies, brokers or the journal. A rule whose input is missing refuses and says
so; a rule with nothing to judge answers "not applicable", which passes and is kept like any other
verdict; a rule that fails refuses, and whoever asked is told to raise an alert.
"""

from dataclasses import dataclass
from typing import Final

from hfl_core.domain.money import money_text
from hfl_core.domain.orders import OrderIntent
from hfl_core.domain.reasons import risk_code
from hfl_core.domain.verdicts import Outcome, RiskVerdict, RuleVerdict, intent_hash
from hfl_core.risk.context import RiskContext, Rule
from hfl_core.risk.verdict import refused

ORDER_SIZE: Final = "order_size"
# The unit of a verdict that stands for a rule which failed.
FAULT: Final = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The gate's answer before an intent exists: how many lots, or which code refuses."""

    lots: int
    reason: str
    rules: tuple[RuleVerdict, ...]
    context: RiskContext

    @property
    def is_allowed(self) -> bool:
        """Tell whether an order may be intended."""
        return self.lots > 0

    @property
    def faults(self) -> tuple[str, ...]:
        """Return what rules failed with instead of judging: a bug of ours, and a refusal."""
        return tuple(
            f"{verdict.rule}: {verdict.note}" for verdict in self.rules if verdict.unit == FAULT
        )


def assess(context: RiskContext, rules: tuple[Rule, ...]) -> Assessment:
    """Run every rule on one intended entry and keep every verdict.

    The lots are the smallest any rule allows; the reason is that of the first refusing rule in name
    order, `order_size` last because it judges what the others left. A rule that fails is a refusal
    in its name; see `Assessment.faults`.
    """
    verdicts = [_judged(rule, context) for rule in rules]
    lots = context.lots_base
    for verdict in verdicts:
        if verdict.quantity_max_lots is not None and verdict.quantity_max_lots < lots:
            lots = verdict.quantity_max_lots
    verdicts.append(_order_size(context, lots))
    refusing = [verdict.rule for verdict in verdicts if verdict.outcome is Outcome.REFUSE]
    if refusing:
        reason = risk_code(refusing[0])
        return Assessment(lots=0, reason=reason, rules=tuple(verdicts), context=context)
    return Assessment(lots=lots, reason="", rules=tuple(verdicts), context=context)


def _judged(rule: Rule, context: RiskContext) -> RuleVerdict:
    """Ask one rule; whatever is not a verdict of its own name becomes a refusal."""
    try:
        verdict = rule.check(context)
    except Exception as error:  # noqa: BLE001 - nothing may fall out of the gate: it refuses, aloud
        return refused(rule.name, f"the rule failed: {type(error).__name__} {error}", unit=FAULT)
    if type(verdict) is not RuleVerdict or verdict.rule != rule.name:
        return refused(rule.name, "the rule gave no verdict of its own", unit=FAULT)
    lots = verdict.quantity_max_lots
    if lots is not None and (type(lots) is not int or lots < 0):
        return refused(rule.name, f"expected whole lots from 0 on, found {lots!r}", unit=FAULT)
    return verdict


def _order_size(context: RiskContext, lots: int) -> RuleVerdict:
    """Refuse less than one lot and less than the minimum notional; never round up to reach them."""
    instrument = context.instrument
    value = max(lots, 0) * context.lot_value
    smallest = max(int(instrument.notional_min.scaleb(12)), context.lot_value)
    is_enough = lots >= 1 and value >= smallest
    return RuleVerdict(
        rule=ORDER_SIZE,
        outcome=Outcome.APPROVE if is_enough else Outcome.REFUSE,
        value=money_text(value),
        limit=money_text(smallest),
        headroom=money_text(value - smallest),
        unit="account currency, at least",
        note=f"{lots} lots",
        quantity_max_lots=None,
    )


def approve(intent: OrderIntent, assessment: Assessment, *, limits_hash: str) -> RiskVerdict:
    """Bind an allowing assessment to exactly one intent."""
    return RiskVerdict(
        allowed=assessment.is_allowed,
        reason=assessment.reason,
        quantity=intent.quantity,
        rules=assessment.rules,
        limits_hash=limits_hash,
        intent_hash=intent_hash(intent),
        inputs_hash=assessment.context.inputs_hash,
    )


def approve_reduction(intent: OrderIntent, *, limits_hash: str) -> RiskVerdict:
    """Approve a reduce-only intent: exits and protective stops lower risk and pass without rules.

    Raises ValueError when the intent could raise exposure.
    """
    if not intent.is_reduce_only:
        raise ValueError(f"expected a reduce-only intent, found {intent.purpose.value}")
    return RiskVerdict(
        allowed=True,
        reason="reduce_only",
        quantity=intent.quantity,
        rules=(),
        limits_hash=limits_hash,
        intent_hash=intent_hash(intent),
    )
