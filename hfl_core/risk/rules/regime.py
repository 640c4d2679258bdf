"""Market regime: in a crisis nothing new, or less of it.

    value = the instrument's regime: bull, bear, sideways or crisis
    limit = in a crisis, lots that sizing took x crisis_size_fraction; 0 refuses

How regimes are told apart, and when they are left, stands in `hfl_core.risk.regimes`. While the
regime is not known: refused where history_days_min asks for history, not applicable where it is 0.
Worked example: fraction 0.5, a size of 10: 5 in a crisis, 10 in any other regime. Knows nothing of
strategies.
"""

from hfl_core.domain.regimes import CRISIS, NAMES
from hfl_core.domain.verdicts import Outcome, RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import not_applicable, refused


class Rule:
    """Shrink or refuse entries in a crisis."""

    name = "regime"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        limits = context.limits
        if limits.crisis_size_fraction == 1:
            return not_applicable(self.name, "sizes are the same in a crisis")
        market = context.market
        if market is None or market.regime not in NAMES or market.days < limits.history_days_min:
            days = market.days if market is not None else 0
            note = f"the regime is not known after {days} days"
            if market is not None and not limits.history_days_min:
                return not_applicable(self.name, note)
            return refused(self.name, f"{note}, expected {limits.history_days_min}", unit="regime")
        lots = None
        if market.regime == CRISIS:
            lots = max(0, share(context.lots_base, limits.crisis_size_fraction))
        return RuleVerdict(
            rule=self.name,
            outcome=Outcome.REFUSE if lots == 0 else Outcome.APPROVE,
            value=market.regime,
            limit="any" if lots is None else str(lots),
            headroom="",
            unit="regime" if lots is None else "lots in a crisis",
            quantity_max_lots=lots,
        )
