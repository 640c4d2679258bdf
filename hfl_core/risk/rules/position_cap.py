"""Size of one position: its notional value against a share of equity.

    value = notional held and on its way in this instrument; limit = equity x position_fraction_max

Worked example: equity 10,000, fraction 0.25, price 100, nothing held: at most 25 units. Knows
nothing of other instruments.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped


class Rule:
    """Cap the notional value of one instrument."""

    name = "position_cap"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limit = share(context.equity, context.limits.position_fraction_max)
        return capped(self.name, used=context.symbol_gross, limit=limit, lot_cost=context.lot_value)
