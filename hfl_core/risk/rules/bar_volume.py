"""Share of bar volume: an order must be small beside what the market trades in one bar.

    value = lots that sizing took; limit = bar_volume_fraction_max x volume of an average bar

The average is over the last 100 bars. Not applicable where the feed has no traded volume; refused
while no bar is known. Worked example: 100 bars of 2,000 units, fraction 0.1: at most 200 units.
Knows nothing of the order book's depth.
"""

from hfl_core.domain.instruments import VolumeKind
from hfl_core.domain.limits import is_bounding
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import not_applicable, refused


class Rule:
    """Cap an order at a share of an average bar's volume."""

    name = "bar_volume"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        if not is_bounding(context.limits, "bar_volume_fraction_max"):
            return not_applicable(self.name, "no share of the bar's volume is set")
        if context.instrument.volume is VolumeKind.NONE:
            return not_applicable(self.name, "the feed has no traded volume")
        known = context.market.bar_lots if context.market is not None else None
        if known is None or known < 0:
            return refused(self.name, "the volume of an average bar is not known yet")
        limit = share(known, context.limits.bar_volume_fraction_max)
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if limit > 0 else Outcome.REFUSE,
            value=str(context.lots_base),
            limit=str(limit),
            headroom=str(limit - context.lots_base),
            unit="lots",
            quantity_max_lots=limit,
        )
