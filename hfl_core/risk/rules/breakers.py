"""Circuit breakers: no new exposure where one is tripped.

    value = breakers tripped for this instrument or the account; limit = 0

What trips and re-arms each of them stands in `hfl_core.risk.breakers`; the trip is a row of its own
in the journal. Worked example: the price of BTC-USDT fell 20 % in a bar: entries in it are refused
until the calm bars are over, entries in EUR-USD are not. Knows nothing of what was measured.
"""

from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext


class Rule:
    """Refuse while a circuit breaker is tripped."""

    name = "breakers"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        count = len(context.tripped)
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.REFUSE if count else Outcome.APPROVE,
            value=str(count),
            limit="0",
            headroom=str(-count),
            unit="breakers tripped",
            note="; ".join(context.tripped),
        )
