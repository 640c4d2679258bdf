"""From a configuration to an engine.

Instruments, feed, strategies, rules, settings. Live, replay and `why` build alike.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from hfl.plan import Plan, rules
from hfl.plugins import load_strategy
from hfl_config.instruments import to_instrument
from hfl_config.load import LoadedConfig
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.limits import limits_hash
from hfl_core.engine.settings import SECOND_NS, EngineSettings, Watch
from hfl_core.strategies.catalogue import Parameter
from hfl_data.dataset import DatasetFeed
from hfl_data.loader import open_feed
from hfl_data.request import FeedRequest

AUTO: Final = "auto"
HOUR_S: Final = 3_600
# Paper and backtests share one meaning of "not found"; virtual time makes waiting for it free.
FILE_SOURCES: Final = ("parquet", "csv")


def feed_of(loaded: LoadedConfig, *, base: Path, kept: Path | None = None) -> DatasetFeed:
    """Open the configured feed; relative paths are relative to `base`.

    kept: the folder where rows of files are kept (hfl_data/kept.py).

    Raises DataError or ConfigError.
    """
    feed = loaded.config.feed
    asset_class = None if feed.asset_class == AUTO else AssetClass(feed.asset_class)
    parameters: tuple[tuple[str, str], ...] = ()
    if feed.source not in FILE_SOURCES:
        simulated = feed.simulated
        parameters = (
            ("seed", str(simulated.seed)),
            ("bars", str(simulated.bars)),
            ("timeframe", "1h" if feed.timeframe == AUTO else feed.timeframe),
            ("symbols", ",".join(simulated.symbols)),
        )
    return open_feed(
        FeedRequest(
            source=feed.source,
            instruments=InstrumentMaker(loaded),
            paths=tuple(str((base / path).absolute()) for path in feed.paths),
            asset_class=asset_class,
            parameters=parameters,
            kept=kept,
        )
    )


class InstrumentMaker:
    """Makes instruments by the configuration's terms, of the class that the feed's folder names."""

    def __init__(self, loaded: LoadedConfig) -> None:
        self._config = loaded.config

    def __call__(self, symbol: Symbol, asset_class: AssetClass) -> Instrument:
        """Return the instrument. Raises ConfigError."""
        return to_instrument(self._config, symbol, asset_class.value)


def plan(
    loaded: LoadedConfig,
    instruments: tuple[Instrument, ...],
    *,
    journal_id: str,
    search: tuple[Path, ...],
) -> Plan:
    """Choose strategies, rules and settings for these instruments. Raises ConfigError."""
    config = loaded.config
    known = {instrument.symbol for instrument in instruments}
    strangers = sorted(set(config.strategy.per_symbol) - {str(symbol) for symbol in known})
    if strangers and config.feed.source in FILE_SOURCES:
        raise ConfigError(
            f"expected strategy.per_symbol to name watched symbols, found {', '.join(strangers)}: "
            "correct the symbol or add its data"
        )
    strategies = []
    chosen = []
    watches = []
    for instrument in instruments:
        own: Mapping[str, Parameter] = {
            **config.strategy.parameters,
            **config.strategy.per_symbol.get(instrument.symbol, {}),
        }
        strategy = load_strategy(config.strategy.name, own, search)
        strategies.append(strategy)
        chosen.append(own)
        watches.append(
            Watch(instrument=instrument, strategy=strategy.strategy, strategy_name=strategy.name)
        )
    limits = loaded.limits
    settings = EngineSettings(
        mode=config.mode,
        journal_id=journal_id,
        watches=tuple(watches),
        limits=limits,
        limits_hash=limits_hash(limits),
        rules=rules(),
        currency=config.account.currency,
        zone=ZoneInfo(limits.period_zone),
        named_zones=ZoneInfo,
        raise_delay_ns=int(config.risk.raise_delay_h * HOUR_S * SECOND_NS),
        operator_policy=config.operator.policy,
        entry_score_min=float(config.engine.entry_score_min),
        desks=tuple(config.engine.desks),
        opinion_deadline_ns=int(config.engine.opinion_deadline_s * SECOND_NS),
        opinion_veto=float(config.engine.opinion_veto_min),
        settle_ns=int(config.gateway.settle_s * SECOND_NS),
        scans_per_group_max=min(
            config.engine.group_commit_inputs, config.engine.coalesce_scans_max
        ),
        failures_alarm=config.engine.exit_failures_max,
        reconcile_scans=config.engine.reconcile_scans,
        scan_grace_ns=int(config.engine.scan_grace_s * SECOND_NS),
    )
    return Plan(settings=settings, strategies=tuple(strategies), parameters=tuple(chosen))
