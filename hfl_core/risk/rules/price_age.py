"""Age of the price an entry is decided on, in engine time.

    value = now - close of the instrument's last bar - what the slot waited for its other bars
    limit = 0, or as long as opinions may be waited for where desks are asked

A decision is made at the close of the very bar it uses, so the value is zero unless bars are
missing or opinions were waited for. Worked example: no desks, a bar that closed one second ago:
refused. Knows nothing of the gateway, which checks the age again right before sending.
"""

from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext


class Rule:
    """Refuse to decide on an old price."""

    name = "price_age"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        age, limit = context.price_age_ns, context.price_age_max_ns
        is_fresh = 0 <= age <= limit
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if is_fresh else Outcome.REFUSE,
            value=str(age),
            limit=str(limit),
            headroom=str(limit - age),
            unit="nanoseconds",
        )
