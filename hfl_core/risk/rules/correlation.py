"""Correlation: a new position must not be an old one under another name.

    value = largest |correlation| of the candidate with anything open; limit = correlation_max

Daily log returns of the last correlation_days days that all of them have, Ledoit-Wolf shrunk; see
`hfl_core.risk.correlation`. Entries on their way count as open. The sign does not matter: a short
of something opposite is the same bet. Instruments of the candidate's own group are left out: they
are one bet with one risk budget, see group_risk. Fewer than correlation_days_min common days, or
prices that never moved, refuse: at a fresh start the first position needs no history, a second one
waits until there is some. The clock is the close of the last whole day. Worked example: limit 0.3,
shrunk correlation 0.31 with one of two positions: refused; 0.30 with both: allowed. Knows nothing
of sizes.
"""

import math
from typing import Final

from hfl_core.domain.limits import is_bounding
from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import measured, not_applicable, refused

UNIT: Final = "absolute correlation"


class Rule:
    """Refuse what moves together with something open."""

    name = "correlation"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limits = context.limits
        if not is_bounding(limits, "correlation_max"):
            return not_applicable(self.name, "no correlation limit is set")
        if not context.others:
            return not_applicable(self.name, "nothing is open outside its own group")
        found = context.correlations
        if found is None:
            return refused(self.name, "no daily closes are kept to correlate by", unit=UNIT)
        if found.still:
            note = f"the prices of {', '.join(found.still)} did not move: no correlation is known"
            return refused(self.name, note, unit=UNIT)
        if found.days < limits.correlation_days_min:
            note = (
                f"{found.days} common days with {', '.join(context.others)}, expected at least "
                f"{limits.correlation_days_min}"
            )
            return refused(self.name, note, unit=UNIT)
        known = dict(found.pairs)
        missing = [symbol for symbol in context.others if symbol not in known]
        if missing:
            return refused(self.name, f"no correlation with {', '.join(missing)}", unit=UNIT)
        # What is no number is the worst of all.
        sizes = [abs(each) if math.isfinite(each) else math.inf for each in known.values()]
        return measured(self.name, value=max(sizes), limit=limits.correlation_max, unit=UNIT)
