"""The whole configuration as frozen values: what may be set, in which unit and range.

The defaults are in `defaults/*.toml`.

No field has a default here: a file of defaults, the user's file and `--set` are merged first, so
there is one place to look.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from hfl_config._feed import FeedSection, Section
from hfl_config._values import (
    AccountName,
    Amount,
    AmountFrom0,
    AmountOrZero,
    AssetClassName,
    Count,
    Currency,
    CurrencyOrAuto,
    CurrencyPairs,
    DaysFrom0,
    DaysFrom2,
    Exposure,
    Group,
    Hours,
    HoursFrom1,
    HoursOfWeek,
    HoursOfYear,
    Lots,
    MinutesOfWeek,
    ModuleName,
    Multiple,
    Parameters,
    Port,
    Ratio,
    Score,
    Seconds,
    SecondsOrZero,
    Seed,
    Share,
    ShareOrZero,
    Step,
    Switch,
    SymbolName,
    Text,
    UpTo50,
    UpTo250,
    UpTo500,
    UpTo1000,
    UpTo10000,
    UpTo86400,
    VolumeRatio,
    Zone,
)
from hfl_core.domain.limits import UNLIMITED

ProfileName = Literal["sandbox", "small", "grow", "pro", "unlimited"]
PROFILES: Final[tuple[ProfileName, ...]] = ("sandbox", "small", "grow", "pro", "unlimited")
# What may be lost: all of it is no limit.
LOSSES: Final = (
    "risk_per_trade_fraction",
    "risk_per_trade_fraction_max",
    "open_risk_fraction_max",
    "drawdown_fraction_max",
    "daily_loss_fraction_max",
    "weekly_loss_fraction_max",
    "monthly_loss_fraction_max",
)
DeskName = Literal["banker", "investor", "market"]
Desks = Annotated[
    tuple[DeskName, ...],
    BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    Field(max_length=3, description='a list out of "banker", "investor", "market"'),
]
_PROFILE = '"sandbox", "small", "grow" or "pro" ("unlimited" in backtests only)'


class AccountSection(Section):
    """Whose money, and in which currency."""

    name: AccountName
    currency: Currency
    cash_start: Amount
    equal_currencies: CurrencyPairs


class PathsSection(Section):
    """Folders that may be elsewhere."""

    archive: Text


class StrategySection(Section):
    """Which strategy, and its parameters; those of `per_symbol` are laid over the common ones."""

    name: ModuleName
    parameters: Parameters
    per_symbol: Annotated[
        dict[SymbolName, Parameters],
        Field(max_length=1000, description='such as { "BTC-USDT" = { fast = 10 } }'),
    ]


class LimitsSection(Section):
    """The limits of the profile with the user's own over them; meanings: hfl_core.domain.limits."""

    risk_per_trade_fraction: Share
    risk_per_trade_fraction_max: Share
    open_risk_fraction_max: Share
    drawdown_fraction_max: Share
    daily_loss_fraction_max: Share
    weekly_loss_fraction_max: Share
    monthly_loss_fraction_max: Share
    position_fraction_max: Exposure
    gross_exposure_fraction_max: Exposure
    positions_max: UpTo1000
    atr_stop_multiple: Multiple
    order_notional_max_fraction: Exposure
    price_collar_fraction: Share
    period_zone: Zone
    correlation_max: Share
    correlation_days: DaysFrom2
    correlation_days_min: DaysFrom2
    sector_fraction_max: Exposure
    net_exposure_fraction_max: Exposure
    traded_value_min: AmountFrom0
    bar_volume_fraction_max: Ratio
    spread_fraction_max: Share
    bad_hours: HoursOfWeek
    gap_loss_fraction_max: Share
    gap_fraction_stocks: Score
    gap_fraction_forex: Score
    gap_fraction_crypto: Score
    gap_fraction_indices: Score
    history_days_min: DaysFrom0
    volatility_ratio_max: Ratio
    crisis_size_fraction: Score
    orders_per_hour_max: UpTo1000
    repeat_pause_s: UpTo86400
    losing_trades_max: UpTo1000
    loss_pause_hours: HoursOfYear
    stop_out_pause_hours: HoursOfYear
    mark_age_hours_max: HoursFrom1
    breaker_move_atr_max: Ratio
    breaker_move_fraction_max: Share
    breaker_volume_ratio_max: VolumeRatio
    breaker_volatility_ratio_max: Ratio
    breaker_calm_bars: UpTo10000
    breaker_market_fraction_max: Share
    rapid_loss_fraction_max: Share
    rapid_loss_minutes: MinutesOfWeek
    reject_fraction_max: Share
    reject_pause_minutes: MinutesOfWeek

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.risk_per_trade_fraction > self.risk_per_trade_fraction_max:
            raise _disagree(
                "risk_per_trade_fraction of at most risk_per_trade_fraction_max",
                f"{self.risk_per_trade_fraction} above {self.risk_per_trade_fraction_max}",
            )
        if self.risk_per_trade_fraction_max > self.open_risk_fraction_max:
            raise _disagree(
                "risk_per_trade_fraction_max of at most open_risk_fraction_max",
                f"{self.risk_per_trade_fraction_max} above {self.open_risk_fraction_max}",
            )
        if self.correlation_days_min > self.correlation_days:
            raise _disagree(
                "correlation_days_min of at most correlation_days",
                f"{self.correlation_days_min} above {self.correlation_days}",
            )
        return self


class RiskSection(Section):
    """How much may be lost."""

    profile: Annotated[ProfileName, Field(description=_PROFILE)]
    raise_delay_h: Hours
    limits: LimitsSection


class CostsSection(Section):
    """What trading one class costs: fee of the value, whole spread and slippage of the price."""

    fee_fraction: ShareOrZero
    spread_fraction: ShareOrZero
    slippage_fraction: ShareOrZero


class ClassCostsSection(Section):
    """The costs of each class."""

    stocks: CostsSection
    forex: CostsSection
    crypto: CostsSection
    indices: CostsSection


class VenueSection(Section):
    """The paper venue: its costs, its depth, and how it shall misbehave (hfl_core.venue.faults)."""

    costs: ClassCostsSection
    participation_fraction: Share
    faults: Text
    faults_seed: Seed


class GatewaySection(Section):
    """The last checks before an order leaves, and how long an answer may take."""

    intent_age_max_s: Seconds
    price_age_max_s: Seconds
    # At most as many as the book keeps of orders that ended: it is what the throttle remembers by.
    orders_per_minute_max: UpTo250
    repeat_throttle_s: SecondsOrZero
    connect_deadline_s: Seconds
    read_deadline_s: Seconds
    settle_s: Seconds


class EngineSection(Section):
    """The pace of scans and of their rows in the journal."""

    entry_score_min: Score
    scan_grace_s: SecondsOrZero
    desks: Desks
    opinion_deadline_s: Seconds
    opinion_veto_min: Score
    exit_failures_max: UpTo1000
    reconcile_scans: UpTo1000
    coalesce_scans_max: UpTo1000
    coalesce_age_max_s: Annotated[
        SecondsOrZero, Field(le=3600, description="seconds from 0 to 3600")
    ]
    snapshot_inputs: Count
    group_commit_ms: UpTo50
    group_commit_inputs: UpTo500


class OperatorSection(Section):
    """What happens after a loss halt on recorded data when nobody is there."""

    policy: Annotated[Literal["next-period", "none"], Field(description='"next-period" or "none"')]


class ApiSection(Section):
    """Where the control API listens besides its Unix socket."""

    tcp: Switch
    host: Annotated[Literal["127.0.0.1", "::1"], Field(description='"127.0.0.1" or "::1"')]
    port: Port


class ClassSection(Section):
    """The steps and terms of one class of instruments."""

    tick: Step
    lot: Step
    notional_min: AmountOrZero
    currency: CurrencyOrAuto
    volume: Annotated[Literal["traded", "none"], Field(description='"traded" or "none"')]
    depth_lots: Lots
    may_short: Switch
    margin_fraction: Share
    financing_fraction_per_day: ShareOrZero
    group: Group
    sector: Group


class SymbolSection(Section):
    """What differs for one symbol; a missing value is the class's.

    The only optional fields of the configuration.
    """

    asset_class: AssetClassName | None = None
    tick: Step | None = None
    lot: Step | None = None
    notional_min: AmountOrZero | None = None
    currency: CurrencyOrAuto | None = None
    volume: Literal["traded", "none"] | None = None
    depth_lots: Lots | None = None
    may_short: Switch | None = None
    margin_fraction: Share | None = None
    financing_fraction_per_day: ShareOrZero | None = None
    group: Group | None = None
    sector: Group | None = None


class ClassesSection(Section):
    """One section for each class."""

    stocks: ClassSection
    forex: ClassSection
    crypto: ClassSection
    indices: ClassSection


class InstrumentsSection(Section):
    """What can be traded."""

    classes: ClassesSection
    symbols: Annotated[dict[SymbolName, SymbolSection], Field(max_length=10_000)]


class HflConfig(Section):
    """Everything that can be configured, complete: all sources merged."""

    mode: Annotated[
        Literal["paper", "backtest"],
        Field(description='"paper" (there is no live trading in this version)'),
    ]
    account: AccountSection
    paths: PathsSection
    feed: FeedSection
    strategy: StrategySection
    risk: RiskSection
    venue: VenueSection
    gateway: GatewaySection
    engine: EngineSection
    operator: OperatorSection
    api: ApiSection
    instruments: InstrumentsSection

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.risk.profile == UNLIMITED and self.mode != "backtest":
            raise _disagree(
                'risk.profile "sandbox", "small", "grow" or "pro" outside backtests',
                f'"{UNLIMITED}" in mode "{self.mode}"',
            )
        if self.mode != "backtest":
            self._has_limits()
        if self.feed.source == "simulated" and self.feed.paths:
            raise _disagree(
                'feed.source "parquet" or "csv" with feed.paths',
                f'"{self.feed.source}" with {len(self.feed.paths)} files',
            )
        if self.feed.delivery == "bars" and not self.engine.scan_grace_s:
            raise _disagree(
                'engine.scan_grace_s above 0 for feed.delivery "bars"', "0: every bar would be late"
            )
        if self.feed.source != "simulated" and not self.feed.paths:
            raise _disagree(
                f'at least one file in feed.paths for feed.source "{self.feed.source}"', "none"
            )
        return self

    def _has_limits(self) -> None:
        """Refuse a loss of everything: whoever writes 1 means one per cent."""
        for name in LOSSES:
            fraction = getattr(self.risk.limits, name)
            if fraction >= 1:
                raise _disagree(
                    f"risk.limits.{name} below 1 outside backtests (0.01 is one per cent)",
                    f"{fraction}",
                )


def _disagree(expected: str, found: str) -> PydanticCustomError:
    return PydanticCustomError(
        "disagree", "{expected}|{found}", {"expected": expected, "found": found}
    )
