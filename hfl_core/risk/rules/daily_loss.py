"""Loss limit of the calendar day: equity with open positions against the equity the day began with.

    value = equity at the day's start - equity; limit = that start x daily_loss_fraction_max

Deposits and withdrawals move the start with them. Worked example: start 10,000, 2 %: new exposure
ends at a loss of 200. Knows nothing of when the day began.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import DAY, RiskContext
from hfl_core.risk.verdict import period_loss


class Rule:
    """Refuse new exposure once the day's loss limit is reached."""

    name = "daily_loss"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        return period_loss(
            self.name,
            context,
            start=context.anchors[DAY],
            fraction=context.limits.daily_loss_fraction_max,
        )
