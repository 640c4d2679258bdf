"""Drawdown: equity with open positions against its high-water mark.

    value = high-water mark - equity; limit = high-water mark x drawdown_fraction_max

Worked example: high-water mark 10,000, fraction 0.10: at equity 9,000 no new exposure. Knows
nothing of periods.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import bounded, refused


class Rule:
    """Refuse new exposure at the profile's drawdown limit."""

    name = "drawdown"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        if context.high_water_mark <= 0 or context.equity <= 0:
            return refused(self.name, "equity or high-water mark is not above zero")
        limit = share(context.high_water_mark, context.limits.drawdown_fraction_max)
        return bounded(self.name, value=context.high_water_mark - context.equity, limit=limit - 1)
