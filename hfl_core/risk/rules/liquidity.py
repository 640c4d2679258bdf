"""Liquidity: a market that trades too little cannot be left when it matters.

    value = traded value of an average day, of up to 20 whole days
    limit = traded_value_min, at least

Not applicable where the feed has no traded volume; refused before the first whole day. Worked
example: limit 1,000,000, days of 900,000 and 1,200,000: 1,050,000 is enough. Knows nothing of the
order's size; see bar_volume.
"""

from hfl_core.domain.instruments import VolumeKind
from hfl_core.domain.money import money_text, money_units_nearest
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import not_applicable, refused


class Rule:
    """Refuse markets that trade too little."""

    name = "liquidity"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        if not context.limits.traded_value_min:
            return not_applicable(self.name, "no least traded value is set")
        if context.instrument.volume is VolumeKind.NONE:
            return not_applicable(self.name, "the feed has no traded volume")
        value = context.market.day_value if context.market is not None else None
        if value is None or value < 0:
            return refused(self.name, "no whole day's traded value is known yet")
        limit = money_units_nearest(context.limits.traded_value_min)
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if value >= limit else Outcome.REFUSE,
            value=money_text(value),
            limit=money_text(limit),
            headroom=money_text(value - limit),
            unit="account currency a day, at least",
        )
