"""Gaps: what is held over a close, a night or a weekend may open far away, past any stop.

    value = sum of |quantity| x price x gap_fraction of its class, over everything held
    limit = equity x gap_loss_fraction_max

Every position may be held over the next close, so every entry is judged by it, at any hour. Longs
and shorts are added: the scenario goes against each. Worked example: equity 10,000, limit 0.05,
shares 0.1, 3,000 of shares held: 300 of 500 is used, so 2,000 more of shares fit. Knows nothing of
stops, which do not work while a market is closed.
"""

from decimal import Decimal

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped, not_applicable


class Rule:
    """Cap what the gap scenario would cost."""

    name = "gap"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limits = context.limits
        fraction: Decimal = getattr(limits, f"gap_fraction_{context.instrument.asset_class.value}")
        if not fraction:
            return not_applicable(self.name, "no gap is assumed for this class")
        # Rounded up: half a unit of loss is a unit.
        cost = -share(-context.lot_value, fraction)
        limit = share(context.equity, limits.gap_loss_fraction_max)
        return capped(self.name, used=context.gap_loss, limit=limit, lot_cost=cost)
