"""Loss limit of the calendar month.

Equity with open positions against the equity the month began with.

    value = equity at the month's start - equity; limit = that start x monthly_loss_fraction_max

Deposits and withdrawals move the start with them. Worked example: start 10,000, 10 %: new exposure
ends at a loss of 1000. Knows nothing of when the month began.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import MONTH, RiskContext
from hfl_core.risk.verdict import period_loss


class Rule:
    """Refuse new exposure once the month's loss limit is reached."""

    name = "monthly_loss"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        return period_loss(
            self.name,
            context,
            start=context.anchors[MONTH],
            fraction=context.limits.monthly_loss_fraction_max,
        )
