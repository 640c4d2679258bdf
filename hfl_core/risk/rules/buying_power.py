"""Buying power: the margin an entry needs against what is free, with room for costs.

    value = margin in use; limit = equity x 0.99
    one lot needs price x margin fraction of the instrument

One hundredth of equity is left for spread, slippage and commission, so that no order is refused by
the venue for a rounding. Worked example: equity 10,000, nothing held, price 100, fully paid: at
most 99 units. Knows nothing of fees.
"""

from decimal import Decimal
from typing import Final

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped

USABLE: Final = Decimal("0.99")


class Rule:
    """Refuse what the account cannot carry."""

    name = "buying_power"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        cost = max(1, share(context.lot_value, context.instrument.margin_fraction))
        limit = share(context.equity, USABLE)
        return capped(self.name, used=context.margin_used, limit=limit, lot_cost=cost)
