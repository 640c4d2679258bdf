"""Repeated orders: the same entry twice in a moment is a fault, not a decision.

    value = time since the last entry of this instrument and side; limit = repeat_pause_s, at least

The clock is the engine's; not applicable before the first. Worked example: 60 seconds: a second buy
of BTC-USDT 59 seconds after the first is refused, after 60 allowed. Knows nothing of quantities;
the gateway's throttle counts those.
"""

from typing import Final

from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import not_applicable, refused, rested

SECOND_NS: Final = 1_000_000_000


class Rule:
    """Refuse the same entry again too soon."""

    name = "repeated_order"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        pause_ns = context.limits.repeat_pause_s * SECOND_NS
        since_ns = context.since_same_entry_ns
        if not pause_ns:
            return not_applicable(self.name, "no pause between equal entries is set")
        if since_ns is None:
            return not_applicable(self.name, "no such entry before")
        if since_ns < 0:
            return refused(self.name, "the last such entry lies in the future")
        return rested(self.name, since_ns=since_ns, pause_ns=pause_ns, note="")
