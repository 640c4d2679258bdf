"""Number of bets: instruments held or on their way, a declared group counting once.

    value = bets open; limit = positions_max

Worked example: limit 5, five held: a sixth is refused. Knows nothing of sizes.
"""

from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext


class Rule:
    """Cap how many bets run at once."""

    name = "positions_max"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limit = context.limits.positions_max
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if context.bets < limit else Outcome.REFUSE,
            value=str(context.bets),
            limit=str(limit),
            headroom=str(limit - context.bets),
            unit="bets",
        )
