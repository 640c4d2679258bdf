"""Find an alert channel by the name of its file, without a registry; others by entry point."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import hfl_core.alerts as folder
from hfl_core.alerts.settings import ChannelSettings
from hfl_core.domain.errors import ConfigError
from hfl_core.ports import AlertSink

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS: Final = "hfl.alerts"
# Files of this folder that are no channels.
RESERVED: Final = frozenset({"coalescing", "hub", "loader", "settings"})

MakeChannel: TypeAlias = Callable[[ChannelSettings], AlertSink]


def channel_names() -> tuple[str, ...]:
    """Return the names of all channels, sorted."""
    return tuple(sorted(_ours() | set(_theirs())))


def load_channel(name: str, settings: ChannelSettings) -> AlertSink:
    """Return the channel of that name. Raises ConfigError, naming those that exist."""
    if name in _ours():
        module = importlib.import_module(f"{folder.__name__}.{name}")
        return cast("MakeChannel", module.Channel)(settings)
    if name in (theirs := _theirs()):
        return cast("MakeChannel", theirs[name].load())(settings)
    raise ConfigError(
        f"expected an alert channel among {', '.join(channel_names())}, found {name!r}: "
        "correct the name"
    )


def _ours() -> set[str]:
    names = {module.name for module in pkgutil.iter_modules(folder.__path__)}
    return {name for name in names - RESERVED if not name.startswith("_")}


def _theirs() -> "dict[str, EntryPoint]":
    # 30 ms to import, and rarely needed.
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
