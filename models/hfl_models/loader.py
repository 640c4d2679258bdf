"""Find a desk by the name of its file, without a registry; a third party's by entry point."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from hfl_core.domain.errors import ConfigError
from hfl_core.ports import OpinionSource
from hfl_models import desks
from hfl_models.sources import DeskSources

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS: Final = "hfl.desks"

MakeDesk: TypeAlias = Callable[[DeskSources], OpinionSource]


def desk_names() -> tuple[str, ...]:
    """Return the names of all desks that can be asked, sorted."""
    return tuple(sorted(_ours() | set(_theirs())))


def load_desk(name: str, sources: DeskSources) -> OpinionSource:
    """Return the desk of that name. Raises ConfigError, naming those that exist."""
    if name in _ours():
        module = importlib.import_module(f"{desks.__name__}.{name}")
        return cast("MakeDesk", module.Desk)(sources)
    if name in (theirs := _theirs()):
        return cast("MakeDesk", theirs[name].load())(sources)
    raise ConfigError(
        f"expected engine.desks out of those that exist ({', '.join(desk_names())}), found "
        f"{name!r}: leave it out, or add it as a file of the desks folder"
    )


def _ours() -> set[str]:
    modules = pkgutil.iter_modules(desks.__path__)
    return {module.name for module in modules if not module.name.startswith("_")}


def _theirs() -> "dict[str, EntryPoint]":
    # 30 ms to import, and rarely needed.
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
