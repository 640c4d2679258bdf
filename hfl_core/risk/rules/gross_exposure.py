"""Gross exposure: the notional value of everything held and on its way, against a share of equity.

    value = sum of |quantity| x price; limit = equity x gross_exposure_fraction_max

Worked example: equity 10,000, fraction 1, 9,000 held, price 100: at most 10 units more. Knows
nothing of direction.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped


class Rule:
    """Cap the notional value of the whole portfolio."""

    name = "gross_exposure"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limit = share(context.equity, context.limits.gross_exposure_fraction_max)
        return capped(self.name, used=context.gross, limit=limit, lot_cost=context.lot_value)
