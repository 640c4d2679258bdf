"""From a configuration to an engine: instruments, feed, strategies, rules, settings. Live, replay and `why` build alike."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from hfl_config.instruments import to_instrument
from hfl_config.load import LoadedConfig
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.events import DatasetOpened
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.limits import limits_hash
from hfl_core.engine.settings import SECOND_NS, EngineSettings, Watch
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.risk import rules as rules_folder
from hfl_core.risk.context import Rule
from hfl_core.runtime.recovery import SlotReader
from hfl_data.dataset import DatasetFeed
from hfl_data.loader import open_feed, reopen_feed
from hfl_data.request import FeedRequest

from hfl.plugins import LoadedStrategy, load_strategy

AUTO: Final = "auto"
# Paper and backtests share one meaning of "not found"; virtual time makes waiting for it free.
FILE_SOURCES: Final = ("parquet", "csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything an engine is built from, and the strategies' sources for the journal."""

    settings: EngineSettings
    strategies: tuple[LoadedStrategy, ...]

    def engine(self) -> Engine:
        """Return a fresh engine."""
        return Engine(self.settings, make)


def rules() -> tuple[Rule, ...]:
    """Return one instance of every rule in the rules folder, in name order."""
    found: list[Rule] = []
    for module in pkgutil.iter_modules(rules_folder.__path__):
        if not module.name.startswith("_"):
            loaded = importlib.import_module(f"{rules_folder.__name__}.{module.name}")
            found.append(loaded.Rule())
    return tuple(sorted(found, key=lambda rule: rule.name))


def feed_of(loaded: LoadedConfig, *, base: Path) -> DatasetFeed:
    """Open the configured feed; relative paths are relative to `base`. Raises DataError or ConfigError."""
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
            instruments=instrument_maker(loaded),
            paths=tuple(str((base / path).absolute()) for path in feed.paths),
            asset_class=asset_class,
            parameters=parameters,
        )
    )


class instrument_maker:  # noqa: N801 - used like a function
    """Makes instruments by the configuration's terms; falls back to the feed's class where none is configured."""

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
    watches = []
    for instrument in instruments:
        own: Mapping[str, str | int | float | bool] = {
            **config.strategy.parameters,
            **config.strategy.per_symbol.get(instrument.symbol, {}),
        }
        strategy = load_strategy(config.strategy.name, own, search)
        strategies.append(strategy)
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
    )
    return Plan(settings=settings, strategies=tuple(strategies))


class FeedShelf:
    """Opens recorded data sets again, once each, for recovery, replay and `why`."""

    def __init__(self, loaded: LoadedConfig) -> None:
        self._make = instrument_maker(loaded)
        self._feeds: dict[str, DatasetFeed] = {}

    def feed(self, opened: DatasetOpened) -> DatasetFeed:
        """Return the data set a row names. Raises DataError when it is gone."""
        feed = self._feeds.get(opened.dataset_id)
        if feed is None:
            feed = self._feeds[opened.dataset_id] = reopen_feed(opened, self._make)
        return feed

    def reader(self, opened: DatasetOpened) -> SlotReader:
        """Return what reads a range of cursors of it."""
        return _Sequential(self.feed(opened))


class _Sequential:
    """Reads ranges of one data set; ranges that follow each other share one pass over it."""

    def __init__(self, feed: DatasetFeed) -> None:
        self._feed = feed
        self._items: Iterator[Slot | RefusedRows] | None = None
        self._at = -1
        self._waiting: Slot | RefusedRows | None = None

    def __call__(self, start: int, end: int) -> Iterator[Slot | RefusedRows]:
        """Yield everything from cursor start up to cursor end."""
        if self._items is None or self._at != start:
            self._items = self._feed.read(start)
            self._at = start
            self._waiting = None
        while self._at < end:
            item = self._waiting if self._waiting is not None else next(self._items, None)
            self._waiting = None
            if item is None:
                return
            last = item.cursor if isinstance(item, Slot) else item.last_row + 1
            if last > end:
                self._waiting = item
                return
            self._at = last
            yield item
