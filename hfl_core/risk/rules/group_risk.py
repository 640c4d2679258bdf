"""One bet, one budget: instruments of one declared group share the risk of a single trade.

    value = open risk of the group, entries on their way included
    limit = equity x risk_per_trade_fraction_max

Not applicable without a group. Worked example: equity 10,000, fraction 0.01, 60 at risk in BTC of
the group crypto-majors, ETH with a stop 10 away: at most 4 units. Knows nothing of correlation.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped, not_applicable


class Rule:
    """Cap the risk of a group at that of one trade."""

    name = "group_risk"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        if not context.instrument.group:
            return not_applicable(self.name, "the instrument belongs to no group")
        limit = share(context.equity, context.limits.risk_per_trade_fraction_max)
        cost = context.lot_risk if context.stop_ticks > 0 else context.lot_value
        return capped(self.name, used=context.group_risk, limit=limit, lot_cost=cost)
