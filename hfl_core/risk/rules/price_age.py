"""Age of the price an entry is decided on, in engine time.

    value = now - close of the instrument's last bar
    limit = 0: a decision uses the bar that just closed

A decision is made at the close of the very bar it uses, so the value is zero unless bars are
missing. Knows nothing of the gateway, which checks the age again right before sending.
"""

from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext


class Rule:
    """Refuse to decide on an old price."""

    name = "price_age"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        is_fresh = context.price_age_ns == 0
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if is_fresh else Outcome.REFUSE,
            value=str(context.price_age_ns),
            limit="0",
            headroom=str(-context.price_age_ns),
            unit="nanoseconds",
        )
