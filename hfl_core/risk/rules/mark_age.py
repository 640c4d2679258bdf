"""Age of the prices that equity is made of: with a stale one, no limit means anything.

    value = age of the oldest last price of anything held; limit = mark_age_hours_max

The clock is the engine's. Markets that close for a weekend need a limit above it. Worked example:
limit 96 hours, a share held whose last bar closed on Friday evening: an entry on Tuesday morning
passes, one on Wednesday is refused. Knows nothing of the entry's own price; see price_age.
"""

from typing import Final

from hfl_core.domain.limits import HOURS_MAX
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import not_applicable, refused

HOUR_NS: Final = 3_600_000_000_000


class Rule:
    """Refuse while something held has an old price."""

    name = "mark_age"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        if context.limits.mark_age_hours_max == HOURS_MAX:
            return not_applicable(self.name, "no age of prices is set")
        age = context.mark_age_ns
        if age is None or age < 0:
            return refused(self.name, "something held has no price yet", unit="nanoseconds")
        limit = context.limits.mark_age_hours_max * HOUR_NS
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if age <= limit else Outcome.REFUSE,
            value=str(age),
            limit=str(limit),
            headroom=str(limit - age),
            unit="nanoseconds",
        )
