"""Total open risk: what would be lost if every stop were hit now, against a share of equity.

    value = sum over positions and entries on their way of (price - stop) x quantity
    limit = equity x open_risk_fraction_max

A position without a stop counts with its whole notional value. Worked example: equity 10,000,
fraction 0.05, 400 at risk, stop 10 away: at most 10 units more. Knows nothing of correlation.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped


class Rule:
    """Cap the loss if every stop were hit at once."""

    name = "open_risk"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limit = share(context.equity, context.limits.open_risk_fraction_max)
        cost = context.lot_risk if context.stop_ticks > 0 else context.lot_value
        return capped(self.name, used=context.open_risk, limit=limit, lot_cost=cost)
