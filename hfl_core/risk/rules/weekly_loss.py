"""Loss limit of the calendar week.

Equity with open positions against the equity the week began with.

    value = equity at the week's start - equity; limit = that start x weekly_loss_fraction_max

Deposits and withdrawals move the start with them. Worked example: start 10,000, 5 %: new exposure
ends at a loss of 500. Knows nothing of when the week began.
"""

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import WEEK, RiskContext
from hfl_core.risk.verdict import period_loss


class Rule:
    """Refuse new exposure once the week's loss limit is reached."""

    name = "weekly_loss"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        return period_loss(
            self.name,
            context,
            start=context.anchors[WEEK],
            fraction=context.limits.weekly_loss_fraction_max,
        )
