"""Spread: what the difference between buying and selling costs, of the price.

    value = the instrument's modelled spread, of the price; limit = spread_fraction_max

Bars carry no quotes, so the spread is the configured one of the instrument's class
(venue.costs.<class>.spread_fraction), which is also what the paper venue charges; unknown refuses.
Worked example: limit 0.002: a spread of 0.002 passes, 0.0021 is refused. Knows nothing of hours;
see bad_hours.
"""

from hfl_core.domain.limits import is_bounding
from hfl_core.domain.money import plain
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import not_applicable, refused


class Rule:
    """Refuse markets with too wide a spread."""

    name = "spread"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limit = context.limits.spread_fraction_max
        if not is_bounding(context.limits, "spread_fraction_max"):
            return not_applicable(self.name, "no spread limit is set")
        value = context.instrument.spread_fraction
        if value is None:
            return refused(self.name, "the instrument's spread is not known", unit="of the price")
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if value <= limit else Outcome.REFUSE,
            value=plain(value),
            limit=plain(limit),
            headroom=plain(limit - value),
            unit="of the price",
        )
