"""What most tests need of the bot: instruments, limits, rules, engine settings."""

import importlib
import pkgutil
from decimal import Decimal
from typing import Final

import hfl_core.risk.rules as rules_package
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, VolumeKind
from hfl_core.domain.limits import RiskLimits, limits_hash
from hfl_core.domain.values import with_changes
from hfl_core.engine.settings import EngineSettings, Watch
from hfl_core.risk.context import Rule

JOURNAL_ID: Final = "sim001"
CASH: Final = Decimal(100_000)

COIN: Final = Instrument(
    symbol=Symbol("COIN-USD"),
    asset_class=AssetClass.CRYPTO,
    tick=Decimal("0.01"),
    lot=Decimal("0.001"),
    notional_min=Decimal(10),
    currency="USD",
)
PAIR: Final = Instrument(
    symbol=Symbol("PAIR-USD"),
    asset_class=AssetClass.FOREX,
    tick=Decimal("0.0001"),
    lot=Decimal(100),
    notional_min=Decimal(0),
    currency="USD",
    volume=VolumeKind.NONE,
    may_short=True,
    margin_fraction=Decimal("0.5"),
    depth_lots=150,
)
SHARE: Final = Instrument(
    symbol=Symbol("SHARE"),
    asset_class=AssetClass.STOCKS,
    tick=Decimal("0.01"),
    lot=Decimal(1),
    notional_min=Decimal(1),
    currency="USD",
    may_short=True,
)
INSTRUMENTS: Final = (COIN, PAIR, SHARE)

LIMITS: Final = RiskLimits(
    profile="sandbox",
    risk_per_trade_fraction=Decimal("0.01"),
    risk_per_trade_fraction_max=Decimal("0.02"),
    open_risk_fraction_max=Decimal("0.05"),
    drawdown_fraction_max=Decimal("0.1"),
    daily_loss_fraction_max=Decimal("0.03"),
    weekly_loss_fraction_max=Decimal("0.06"),
    monthly_loss_fraction_max=Decimal("0.09"),
    position_fraction_max=Decimal("0.5"),
    gross_exposure_fraction_max=Decimal("0.9"),
    positions_max=3,
    atr_stop_multiple=Decimal(2),
    order_notional_max_fraction=Decimal("0.5"),
    price_collar_fraction=Decimal("0.1"),
    period_zone="UTC",
)


def all_rules() -> tuple[Rule, ...]:
    """Return every rule of the package, by name."""
    found = (
        importlib.import_module(f"{rules_package.__name__}.{module.name}").Rule()
        for module in pkgutil.iter_modules(rules_package.__path__)
    )
    return tuple(sorted(found, key=lambda rule: rule.name))


def engine_settings(
    watches: tuple[Watch, ...],
    *,
    limits: RiskLimits = LIMITS,
    operator_policy: str = "next-period",
    desks: tuple[str, ...] = (),
    settle_s: int = 120,
) -> EngineSettings:
    """Return settings of a backtest over the watches."""
    return EngineSettings(
        mode="backtest",
        journal_id=JOURNAL_ID,
        watches=watches,
        limits=limits,
        limits_hash=limits_hash(limits),
        rules=all_rules(),
        operator_policy=operator_policy,
        desks=desks,
        settle_ns=settle_s * 1_000_000_000,
    )


def looser(limits: RiskLimits, **fractions: str) -> RiskLimits:
    """Return limits with some fractions changed, given as text."""
    changes = {name: Decimal(text) for name, text in fractions.items()}
    return with_changes(limits, **changes)
