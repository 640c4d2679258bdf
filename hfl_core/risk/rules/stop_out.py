"""Cool-down after a stop-out: an instrument that just hit its stop is left alone for a while.

    value = time since a protective stop closed a position in it
    limit = stop_out_pause_hours, at least

The clock is the engine's. Worked example: 4 hours: stopped out at 10:00, no entry in that
instrument before 14:00, in others at once. Knows nothing of whether the trade lost.
"""

from typing import Final

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import paused

HOUR_NS: Final = 3_600_000_000_000


class Rule:
    """Refuse an instrument for a while after its stop was hit."""

    name = "stop_out"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        return paused(
            self.name,
            since_ns=context.since_stop_out_ns,
            pause_ns=context.limits.stop_out_pause_hours * HOUR_NS,
            what="the last stop-out",
            never="no stop was hit in it",
            unset="no pause after a stop-out is set",
        )
