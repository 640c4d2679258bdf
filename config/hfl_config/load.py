"""Load the configuration: defaults < profile < the user's file < `--set`, checked as a whole.

What comes out carries its canonical bytes and hash for the journal.
"""

# Paths are text in this room, see paths.py.
# ruff: noqa: PTH100, PTH111, PTH118, PTH120

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Final

from pydantic import ValidationError

from hfl_config._errors import Layer, config_error
from hfl_config._toml import (
    DEPTH_MAX,
    Table,
    is_shallow,
    merged,
    parse,
    parse_assignment,
    read_text,
)
from hfl_config.instruments import check_instruments
from hfl_config.model import PROFILES, HflConfig
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.limits import RiskLimits

BLOB_BYTES_MAX: Final = 1 << 22
_DEFAULTS: Final = ("config.toml", "instruments.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """A checked configuration.

    blob: canonical JSON for the journal; sha256: its hash, hexadecimal; filled: keys that a blob of
    an older version did not have and that hold today's defaults.
    """

    config: HflConfig
    blob: bytes
    sha256: str
    filled: tuple[str, ...] = ()

    @property
    def limits(self) -> RiskLimits:
        """The limits of the profile with the user's own over them."""
        return to_limits(self.config)


def load(
    user_file: str | None = None, *, settings: Sequence[str] = (), is_required: bool = False
) -> LoadedConfig:
    """Read and check the configuration.

    user_file: a TOML file, skipped when it does not exist unless is_required; settings: `KEY=VALUE`
    as typed, later wins. Raises ConfigError with one sentence naming file, line and key.
    """
    layers: list[Layer] = []
    if user_file is not None and (is_required or os.path.lexists(user_file)):
        layers.append(_user_layer(read_text(user_file), user_file))
    layers.extend(_set_layer(text) for text in settings)
    return _checked(layers)


def load_text(text: str, origin: str, *, settings: Sequence[str] = ()) -> LoadedConfig:
    """Check a TOML text as if it were the user's file `origin`. Raises ConfigError."""
    return _checked([_user_layer(text, origin), *(_set_layer(item) for item in settings)])


def load_blob(blob: bytes) -> LoadedConfig:
    """Read a configuration back from the journal's canonical bytes: equal to what was recorded.

    Raises ConfigError.
    """
    recorded = _json_table(blob)
    defaults = json.loads(canonical(_default_config()))
    # The names of limits and symbols are recorded whole: only what that version did not know yet is
    # filled in.
    filled = tuple(_missing(defaults, recorded, ()))
    complete = merged(defaults, recorded)
    complete["instruments"] = _with_recorded_symbols(complete, recorded)
    layer = Layer(origin="the recorded configuration", table=recorded)
    try:
        config = HflConfig.model_validate_json(json.dumps(complete))
    except ValidationError as error:
        raise config_error(error, [layer]) from error
    return loaded(config, filled=filled)


def loaded(config: HflConfig, *, filled: tuple[str, ...] = ()) -> LoadedConfig:
    """Pack a checked configuration with its canonical bytes and hash."""
    blob = canonical(config)
    sha256 = hashlib.sha256(blob).hexdigest()
    return LoadedConfig(config=config, blob=blob, sha256=sha256, filled=filled)


def canonical(config: HflConfig) -> bytes:
    """Return the canonical JSON: sorted keys, no spaces, exact numbers as plain text, UTF-8."""
    tables = config.model_dump(mode="json", exclude_none=True)
    return json.dumps(tables, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def to_limits(config: HflConfig) -> RiskLimits:
    """Return the limits as the core's value."""
    limits = config.risk.limits
    values = {name: getattr(limits, name) for name in type(limits).model_fields}
    return RiskLimits(profile=config.risk.profile, **values)


def require_paper(config: HflConfig) -> None:
    """Raise ConfigError unless `hfl run` may use it: paper mode and a profile with limits."""
    if config.mode != "paper":
        raise ConfigError(
            f'expected mode "paper" for `hfl run`, found "{config.mode}" (profile '
            f'"{config.risk.profile}"): set mode to "paper", or use `hfl backtest`'
        )


def default_text(name: str = "config.toml") -> str:
    """Return the text of a shipped file of defaults, as `hfl init` writes it."""
    return (resources.files("hfl_config") / "defaults" / name).read_text(encoding="utf-8")


def _checked(layers: Sequence[Layer]) -> LoadedConfig:
    chosen: Table = {}
    for layer in layers:
        chosen = merged(chosen, layer.table)
    below = [_default_layer(name) for name in _DEFAULTS]
    below.append(_default_layer(f"profiles/{_profile(chosen)}.toml"))
    complete: Table = {}
    for layer in below:
        complete = merged(complete, layer.table)
    complete = merged(complete, chosen)
    everything = [*below, *layers]
    try:
        config = HflConfig.model_validate(complete)
    except ValidationError as error:
        raise config_error(error, everything) from error
    check_instruments(config)
    return loaded(config)


def _profile(chosen: Mapping[str, object]) -> str:
    # An unusable profile is reported by the whole check, with its line; until then any profile's
    # figures will do.
    risk = chosen.get("risk")
    name = risk.get("profile") if isinstance(risk, dict) else None
    return name if isinstance(name, str) and name in PROFILES else PROFILES[0]


def _user_layer(text: str, origin: str) -> Layer:
    table = parse(text, origin)
    folder = os.path.dirname(os.path.abspath(origin)) if "\0" not in origin else ""
    return Layer(origin=origin, table=_with_absolute_paths(table, folder), text=text)


def _set_layer(text: str) -> Layer:
    # A relative path typed on the command line is meant from where it was typed.
    table = _with_absolute_paths(parse_assignment(text), "")
    return Layer(origin="--set", table=table)


def _with_absolute_paths(table: Table, folder: str) -> Table:
    feed = table.get("feed")
    paths = feed.get("paths") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not isinstance(paths, list):
        return table
    complete = [_absolute(item, folder) if isinstance(item, str) else item for item in paths]
    return {**table, "feed": {**feed, "paths": complete}}


def _absolute(path: str, folder: str) -> str:
    if not path or "\0" in path:
        return path
    try:
        return os.path.abspath(os.path.join(folder, os.path.expanduser(path)))
    except OSError as error:
        raise ConfigError(
            f"expected a folder to start {path!r} from, found {error}: write the path in full"
        ) from error


@cache
def _default_layer(name: str) -> Layer:
    table = tomllib.loads(default_text(name), parse_float=Decimal)
    return Layer(origin=f"the shipped {name}", table=table)


@cache
def _default_config() -> HflConfig:
    return _checked([]).config


def _json_table(blob: bytes) -> Table:
    expected = "expected a recorded configuration as a JSON table"
    if len(blob) > BLOB_BYTES_MAX:
        raise ConfigError(f"{expected}, found {len(blob)} bytes: verify the journal")
    try:
        table = json.loads(blob)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{expected}, found other bytes: verify the journal") from error
    if not isinstance(table, dict) or not is_shallow(table, DEPTH_MAX):
        raise ConfigError(f"{expected}, found {type(table).__name__}: verify the journal")
    return table


def _missing(defaults: object, recorded: object, path: tuple[str, ...]) -> Sequence[str]:
    if not isinstance(defaults, dict) or not isinstance(recorded, dict):
        return ()
    found: list[str] = []
    for key, value in defaults.items():
        if (*path, key) == ("instruments", "symbols") and key in recorded:
            continue
        if key not in recorded:
            found.append(".".join((*path, key)))
        else:
            found.extend(_missing(value, recorded[key], (*path, key)))
    return found


def _with_recorded_symbols(complete: Table, recorded: Table) -> object:
    instruments, own = complete.get("instruments"), recorded.get("instruments")
    if isinstance(instruments, dict) and isinstance(own, dict) and "symbols" in own:
        return {**instruments, "symbols": own["symbols"]}
    return instruments
