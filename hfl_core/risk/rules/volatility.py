"""High volatility: sizes shrink when a market is much livelier than it usually is.

    value = mean of the last 14 daily true ranges / median of the last 120, as fractions of price
    limit = volatility_ratio_max; above it lots = lots that sizing took x limit / value

Sizing already takes smaller positions for wider stops; this takes less on top of that. While the
ratio is not known: refused where history_days_min asks for history, not applicable where it is 0.
The clock is the close of the last whole day. Worked example: limit 1.5, ratio 3, a size of 10: 5
lots. Knows nothing of direction.
"""

import math
from typing import Final

from hfl_core.domain.limits import is_bounding
from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import measured, not_applicable, refused

UNIT: Final = "times the usual daily range"


class Rule:
    """Shrink entries in a market that is livelier than usual."""

    name = "volatility"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limits = context.limits
        if not is_bounding(limits, "volatility_ratio_max"):
            return not_applicable(self.name, "no volatility ratio is set")
        market = context.market
        ratio = market.volatility_ratio if market is not None else None
        if market is None or ratio is None or market.days < limits.history_days_min:
            days = market.days if market is not None else 0
            note = f"the usual range is not known after {days} days"
            if market is not None and not limits.history_days_min:
                return not_applicable(self.name, note)
            return refused(self.name, f"{note}, expected {limits.history_days_min}", unit=UNIT)
        limit = limits.volatility_ratio_max
        if not math.isfinite(ratio) or ratio < 0.0:
            return refused(self.name, f"expected a ratio from 0 on, found {ratio}", unit=UNIT)
        lots = None
        if ratio > limit:
            over, under = limit.as_integer_ratio()
            numerator, denominator = ratio.as_integer_ratio()
            lots = max(0, context.lots_base * over * denominator // (under * numerator))
        return measured(self.name, value=ratio, limit=limit, unit=UNIT, lots_max=lots)
