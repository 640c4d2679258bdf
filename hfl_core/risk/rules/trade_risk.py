"""Risk per trade: what the order would lose at its stop, against a share of equity.

    value = lots x stop distance; limit = equity x risk_per_trade_fraction_max

Worked example: equity 10,000, fraction 0.01, stop 50 away, one lot = one unit: at most 2 lots (100
/ 50). Knows nothing of other positions.
"""

from hfl_core.domain.limits import UNLIMITED
from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import bounded, capped, not_applicable, refused


class Rule:
    """Cap the loss at the stop; refuse an order without a stop."""

    name = "trade_risk"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limits = context.limits
        if limits.profile == UNLIMITED and context.stop_ticks <= 0:
            return not_applicable(
                self.name, "the profile does not require a stop and there is none"
            )
        if context.stop_ticks <= 0:
            return refused(
                self.name, "no stop distance: the strategy gave none or its feature is missing"
            )
        limit = share(context.equity, limits.risk_per_trade_fraction_max)
        verdict = capped(self.name, used=0, limit=limit, lot_cost=context.lot_risk)
        if verdict.quantity_max_lots:
            at_stop = min(context.lots_base, verdict.quantity_max_lots) * context.lot_risk
            return bounded(
                self.name, value=at_stop, limit=limit, lots_max=verdict.quantity_max_lots
            )
        return verdict
