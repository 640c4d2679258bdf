"""Cool-down after losing trades: several in a row are a reason to stop and look.

    value = time since the last losing trade closed; limit = loss_pause_hours, at least

Judged once losing_trades_max trades in a row lost after fees, of any instrument; a winning trade
ends the row, and after the pause one more loss begins it anew. The clock is the engine's. Worked
example: three in a row, 24 hours: after the third loss no entry for 24 hours. Knows nothing of how
much was lost; see daily_loss.
"""

from typing import Final

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import not_applicable, refused, rested

HOUR_NS: Final = 3_600_000_000_000


class Rule:
    """Refuse for a while after too many losses in a row."""

    name = "losing_run"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limits = context.limits
        if not limits.loss_pause_hours:
            return not_applicable(self.name, "no pause after losing trades is set")
        if context.losing_run < limits.losing_trades_max:
            note = f"{context.losing_run} losing trades in a row, of {limits.losing_trades_max}"
            return not_applicable(self.name, note)
        if context.since_loss_ns is None or context.since_loss_ns < 0:
            return refused(self.name, "the time of the last losing trade is not known")
        pause_ns = limits.loss_pause_hours * HOUR_NS
        note = f"{context.losing_run} losing trades in a row"
        return rested(self.name, since_ns=context.since_loss_ns, pause_ns=pause_ns, note=note)
