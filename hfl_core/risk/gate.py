"""The risk gate: every rule runs, the most restrictive wins, all reasons are kept. Pure.

Knows nothing of strategies, brokers or the journal. A rule whose input is missing refuses and says
so; a rule with nothing to judge answers "not applicable", which passes and is kept like any other
verdict.
"""

from dataclasses import dataclass

from hfl_core.domain.money import money_text
from hfl_core.domain.orders import OrderIntent
from hfl_core.domain.reasons import risk_code
from hfl_core.domain.verdicts import Outcome, RiskVerdict, RuleVerdict, intent_hash
from hfl_core.risk.context import RiskContext, Rule

ORDER_SIZE = "order_size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The gate's answer before an intent exists: how many lots, or which code refuses."""

    lots: int
    reason: str
    rules: tuple[RuleVerdict, ...]

    @property
    def is_allowed(self) -> bool:
        """Tell whether an order may be intended."""
        return self.lots > 0


def assess(context: RiskContext, rules: tuple[Rule, ...]) -> Assessment:
    """Run every rule on one intended entry and keep every verdict.

    The lots are the smallest any rule allows; the reason is that of the first refusing rule in name
    order, `order_size` last because it judges what the others left.
    """
    verdicts = [rule.check(context) for rule in rules]
    lots = context.lots_base
    for verdict in verdicts:
        if verdict.quantity_max_lots is not None and verdict.quantity_max_lots < lots:
            lots = verdict.quantity_max_lots
    verdicts.append(_order_size(context, lots))
    refusing = [verdict.rule for verdict in verdicts if verdict.outcome is Outcome.REFUSE]
    if refusing:
        return Assessment(lots=0, reason=risk_code(refusing[0]), rules=tuple(verdicts))
    return Assessment(lots=lots, reason="", rules=tuple(verdicts))


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
