"""Repeated orders: the same entry twice in a moment is a fault, not a decision.

    value = time since the last entry of this instrument and side; limit = repeat_pause_s, at least

The clock is the engine's; not applicable before the first. Worked example: 60 seconds: a second buy
of BTC-USDT 59 seconds after the first is refused, after 60 allowed. Knows nothing of quantities;
the gateway's throttle counts those.
"""

from typing import Final

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import paused

SECOND_NS: Final = 1_000_000_000


class Rule:
    """Refuse the same entry again too soon."""

    name = "repeated_order"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        return paused(
            self.name,
            since_ns=context.since_same_entry_ns,
            pause_ns=context.limits.repeat_pause_s * SECOND_NS,
            what="the last such entry",
            never="no such entry before",
            unset="no pause between equal entries is set",
        )
