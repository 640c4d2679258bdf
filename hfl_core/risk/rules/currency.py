"""Currency.

The instrument must be priced in the account's currency, or in one declared equal to it.

    value = the instrument's currency; limit = the account's

There is no conversion rate in this version, and a missing rate refuses. Worked example: an account
in USD refuses USD-JPY, which is priced in JPY. Knows nothing of amounts.
"""

from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext


class Rule:
    """Refuse what cannot be valued in the account's currency."""

    name = "currency"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        found, wanted = context.instrument.currency, context.currency
        is_same = found == wanted
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if is_same else Outcome.REFUSE,
            value=found,
            limit=wanted,
            headroom="",
            unit="currency",
            note="" if is_same else f"no conversion rate from {found} to {wanted}",
        )
