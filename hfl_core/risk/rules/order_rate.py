"""Order rate: how many entries may be intended within an hour.

    value = entries intended in the last 60 minutes, any instrument; limit = orders_per_hour_max

The clock is the engine's; the gateway counts again, in real minutes, right before sending. Worked
example: limit 20, twenty entries since 10:05: at 11:04 the next is refused, at 11:05 allowed. Knows
nothing of exits, which are never held up here.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import counted


class Rule:
    """Cap entries per hour."""

    name = "order_rate"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limit = context.limits.orders_per_hour_max
        return counted(
            self.name, value=context.entries_hour, limit=limit, unit="entries in an hour"
        )
