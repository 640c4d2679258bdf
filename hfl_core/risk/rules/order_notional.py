"""Size of one order.

Its notional value against a share of equity, so that no single order can be absurd.

    value = 0 (each order stands alone); limit = equity x order_notional_max_fraction

Worked example: equity 10,000, fraction 0.5, price 100: at most 50 units in one order. Knows nothing
of positions.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped


class Rule:
    """Cap the notional value of one order."""

    name = "order_notional"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limit = share(context.equity, context.limits.order_notional_max_fraction)
        return capped(self.name, used=0, limit=limit, lot_cost=context.lot_value)
