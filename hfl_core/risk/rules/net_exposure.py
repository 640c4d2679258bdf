"""Net exposure: longs less shorts, against a share of equity.

    value = (sum of long - sum of short notional) x direction of the entry
    limit = equity x net_exposure_fraction_max

An entry against the net has more room than one with it. Worked example: equity 10,000, fraction
0.5, 4,000 net long, price 100: 10 units more long, 90 units short. Knows nothing of what moves
together; see correlation.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped


class Rule:
    """Cap how one-sided the portfolio may be."""

    name = "net_exposure"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limit = share(context.equity, context.limits.net_exposure_fraction_max)
        used = context.direction * context.net
        return capped(self.name, used=used, limit=limit, lot_cost=context.lot_value)
