"""Price collar: the price an entry is decided at, against the last good one before it.

    value = |price - last good price|; limit = last good price x price_collar_fraction

The last good price is the close of the instrument's last bar without a flag before the bar decided
on. Refused while there is none. Worked example: last good 100, fraction 0.05: entries from 95 to
105. Knows nothing of what the venue will do.
"""

from hfl_core.domain.limits import is_bounding
from hfl_core.domain.money import plain
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import not_applicable, refused


class Rule:
    """Refuse to run after a price."""

    name = "price_collar"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        fraction = context.limits.price_collar_fraction
        if not is_bounding(context.limits, "price_collar_fraction"):
            return not_applicable(self.name, "no collar is set")
        good = context.market.good_ticks if context.market is not None else 0
        if good <= 0:
            return refused(self.name, "no good price is known before this one", unit="price")
        distance = abs(context.price_ticks - good)
        over, under = fraction.as_integer_ratio()
        tick = context.instrument.tick
        limit = good * fraction
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if distance * under <= good * over else Outcome.REFUSE,
            value=plain(distance * tick),
            limit=plain(limit * tick),
            headroom=plain((limit - distance) * tick),
            unit="price",
            note=f"last good price {plain(good * tick)}",
        )
