"""Sector: the notional value of one sector, against a share of equity.

    value = notional held and on its way in the sector; limit = equity x sector_fraction_max

A share without a declared sector is refused: it could belong to any. Coins, currencies and indices
have none and pass as not applicable, unless one is declared for them. Worked example: equity
10,000, fraction 0.2, 1,500 of technology held, price 100: at most 5 units more. Knows nothing of
groups; see group_risk.
"""

from hfl_core.domain.instruments import AssetClass
from hfl_core.domain.limits import is_bounding
from hfl_core.domain.verdicts import RuleVerdict
from hfl_core.risk.context import RiskContext, share
from hfl_core.risk.verdict import capped, not_applicable, refused


class Rule:
    """Cap one sector."""

    name = "sector"

    def check(self, context: RiskContext) -> RuleVerdict:
        """Judge one entry; see the module's formula."""
        one = context.instrument
        if not is_bounding(context.limits, "sector_fraction_max"):
            return not_applicable(self.name, "no sector limit is set")
        if not one.sector and one.asset_class is not AssetClass.STOCKS:
            return not_applicable(self.name, f"{one.asset_class.value} have no sector")
        if not one.sector:
            note = f"the sector of {one.symbol} is not known: set instruments.symbols.{one.symbol}"
            return refused(self.name, f"{note}.sector")
        limit = share(context.equity, context.limits.sector_fraction_max)
        return capped(
            self.name,
            used=context.sector_gross,
            limit=limit,
            lot_cost=context.lot_value,
            note=one.sector,
        )
