"""Bad hours: windows of the week in which spreads are wide or prices thin.

    value = the time of the decision, UTC; limit = bad_hours, the windows of the instrument's class

The clock is the engine's: the close of the bar decided on. Windows are in UTC and know nothing of
summer and winter; see `hfl_core.domain.hours`. Worked example: "forex 20:55-22:15": EUR-USD is
refused at 20:55 and allowed at 22:15, a coin at any time. Knows nothing of spreads.
"""

from typing import Final

from hfl_core.domain.hours import parse_hours, window_at, window_text
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext
from hfl_core.risk.verdict import not_applicable

MINUTE_NS: Final = 60_000_000_000


class Rule:
    """Refuse entries inside the windows of the instrument's class."""

    name = "bad_hours"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        asset_class = context.instrument.asset_class.value
        windows = parse_hours(context.limits.bad_hours)
        own = [window_text(each) for each in windows if each.asset_class == asset_class]
        if not own:
            return not_applicable(self.name, f"no bad hours are set for {asset_class}")
        found = window_at(windows, asset_class, context.time_ns)
        minutes = context.time_ns // MINUTE_NS % 1_440
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.APPROVE if found is None else Outcome.REFUSE,
            value=f"{minutes // 60:02d}:{minutes % 60:02d}",
            limit="; ".join(own),
            headroom="",
            unit="UTC, outside of",
            note="" if found is None else f"inside {window_text(found)}",
        )
