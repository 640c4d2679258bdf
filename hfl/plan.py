"""What an engine is built from, as one value that is journaled with every run.

Reading verbs build from it without the configuration's libraries, and exactly as the run did.
"""

import importlib
import json
import pkgutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, get_type_hints
from zoneinfo import ZoneInfo

from hfl.plugins import LoadedStrategy, load_strategy
from hfl_core.domain.errors import JournalError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, VolumeKind
from hfl_core.domain.limits import RiskLimits, limits_hash
from hfl_core.domain.money import plain
from hfl_core.domain.values import Record, field_names
from hfl_core.engine.settings import EngineSettings, Watch
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.risk import rules as rules_folder
from hfl_core.risk.context import Rule
from hfl_core.strategies.catalogue import Parameter

# Fields of EngineSettings that are plain numbers or texts; the others are built from their own
# parts.
PLAIN: Final = (
    "mode",
    "journal_id",
    "currency",
    "venue",
    "operator_policy",
    "entry_score_min",
    "opinion_deadline_ns",
    "opinion_veto",
    "settle_ns",
    "scans_per_group_max",
    "fixed_lots",
    "failures_alarm",
    "reconcile_scans",
    "raise_delay_ns",
    "scan_grace_ns",
)
# Numbers that older versions did not record: the default held then.
LATER: Final = frozenset({"raise_delay_ns", "scan_grace_ns"})


class Plan(Record, frozen=True, kw_only=True):
    """Everything an engine is built from, and the strategies' sources for the journal."""

    settings: EngineSettings
    strategies: tuple[LoadedStrategy, ...]
    parameters: tuple[Mapping[str, Parameter], ...]

    @property
    def instruments(self) -> dict[str, Instrument]:
        """Return the watched instruments by symbol."""
        return {watch.instrument.symbol: watch.instrument for watch in self.settings.watches}

    def engine(self) -> Engine:
        """Return a fresh engine."""
        return Engine(self.settings, make)

    def as_bytes(self) -> bytes:
        """Return the canonical JSON that `plan_from` builds an equal plan from."""
        settings = self.settings
        limits = settings.limits
        content = {
            "settings": {name: getattr(settings, name) for name in PLAIN},
            "desks": list(settings.desks),
            "zone": str(settings.zone),
            "limits": {name: _text(getattr(limits, name)) for name in field_names(type(limits))},
            "watches": [
                {
                    "instrument": {
                        name: _text(getattr(watch.instrument, name))
                        for name in field_names(type(watch.instrument))
                    },
                    "strategy": strategy.name,
                    "parameters": {name: _parameter(value) for name, value in sorted(own.items())},
                }
                for watch, strategy, own in zip(
                    settings.watches, self.strategies, self.parameters, strict=True
                )
            ],
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def rules() -> tuple[Rule, ...]:
    """Return one instance of every rule in the rules folder, in name order."""
    found: list[Rule] = []
    for module in pkgutil.iter_modules(rules_folder.__path__):
        if not module.name.startswith("_"):
            loaded = importlib.import_module(f"{rules_folder.__name__}.{module.name}")
            found.append(loaded.Rule())
    return tuple(sorted(found, key=lambda rule: rule.name))


def plan_from(data: bytes, *, search: tuple[Path, ...]) -> Plan:
    """Build the plan of a recorded run again, with today's code.

    Raises JournalError when the record is not one, ConfigError when a strategy is gone.
    """
    try:
        content = json.loads(data)
        limits = _limits(content["limits"])
        watched = [
            (
                _instrument(watch["instrument"]),
                str(watch["strategy"]),
                {name: _parameter_from(value) for name, value in watch["parameters"].items()},
            )
            for watch in content["watches"]
        ]
        numbers = {
            name: content["settings"][name]
            for name in PLAIN
            if name in content["settings"] or name not in LATER
        }
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError(
            f"expected the recorded plan of a run, found {type(error).__name__}: "
            "run `hfl journal verify`"
        ) from error
    strategies = tuple(
        load_strategy(name, own, search, is_recorded=True) for _, name, own in watched
    )
    settings = EngineSettings(
        **numbers,
        watches=tuple(
            Watch(instrument=instrument, strategy=loaded.strategy, strategy_name=loaded.name)
            for (instrument, _, _), loaded in zip(watched, strategies, strict=True)
        ),
        limits=limits,
        limits_hash=limits_hash(limits),
        rules=rules(),
        zone=ZoneInfo(content["zone"]),
        named_zones=ZoneInfo,
        desks=tuple(content["desks"]),
    )
    return Plan(
        settings=settings, strategies=strategies, parameters=tuple(own for _, _, own in watched)
    )


def _text(value: object) -> object:
    """Return a JSON value: Decimals as plain text, enums as their values."""
    if isinstance(value, Decimal):
        return plain(value)
    return getattr(value, "value", value)


def _parameter(value: Parameter) -> object:
    """Return a parameter as JSON; a Decimal keeps its type."""
    return {"decimal": plain(value)} if isinstance(value, Decimal) else value


def _parameter_from(saved: object) -> Parameter:
    if isinstance(saved, dict):
        return Decimal(str(saved["decimal"]))
    if isinstance(saved, str | int | float | bool):
        return saved
    raise TypeError(f"expected a parameter, found {type(saved).__name__}")


def _limits(saved: Mapping[str, str | int]) -> RiskLimits:
    kept = {name for name, kind in get_type_hints(RiskLimits).items() if kind is not Decimal}
    values: dict[str, object] = {
        name: value if name in kept else Decimal(str(value)) for name, value in saved.items()
    }
    return RiskLimits(**values)  # type: ignore[arg-type]


def _instrument(saved: Mapping[str, str | int | bool | None]) -> Instrument:
    numbers = {"tick", "lot", "notional_min", "margin_fraction", "spread_fraction"}
    values: dict[str, object] = {
        name: Decimal(str(value)) if name in numbers and value is not None else value
        for name, value in saved.items()
    }
    values["symbol"] = Symbol(str(saved["symbol"]))
    values["asset_class"] = AssetClass(str(saved["asset_class"]))
    values["volume"] = VolumeKind(str(saved["volume"]))
    return Instrument(**values)  # type: ignore[arg-type]
