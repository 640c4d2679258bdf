"""Find a strategy by its name: shipped, in the user's own folder, or in an installed package.

The source that was executed is kept with its SHA-256, so that the journal can say what decided.
"""

import ast
import hashlib
import importlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from hfl_core import strategies
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.values import Record
from hfl_core.strategies.base import Strategy
from hfl_core.strategies.catalogue import Parameter, construct, said

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint, EntryPoints

ENTRY_POINT_GROUP: Final = "hfl.strategies"
PACKAGE: Final = strategies.__name__
SHIPPED: Final = Path(strategies.__path__[0])
# Files of the shipped folder that are no strategies.
RESERVED: Final = frozenset({"base", "catalogue", "evidence", "rehearsal"})
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
SOURCE_BYTES_MAX: Final = 1_000_000


class LoadedStrategy(Record, frozen=True, kw_only=True):
    """A strategy with the code it is made of.

    origin: shipped, user or package; text: its file.
    """

    strategy: Strategy
    name: str
    origin: str
    text: str

    @property
    def source(self) -> str:
        """Return its file and every file of the shipped folder that it imports.

        Each of them behind a line with its name.
        """
        return _bundle(self.text)

    @property
    def sha256(self) -> str:
        """Return the hash of the source, hexadecimal."""
        return hashlib.sha256(self.source.encode()).hexdigest()


def load_strategy(
    name: str,
    parameters: Mapping[str, Parameter],
    search: tuple[Path, ...] = (),
    *,
    is_recorded: bool = False,
) -> LoadedStrategy:
    """Load the strategy of that name; `search` holds the user's folders, the first one first.

    is_recorded: a run has used it, so a shipped one needs no look for others of its name.

    Raises ConfigError with one sentence for an unknown name (listing what exists), a name that two
    places claim, a file that cannot be read or run, and parameters that do not fit.
    """
    places = _places(name, search, is_recorded=is_recorded)
    if not places:
        known = ", ".join(sorted(strategy_names(search)))
        raise ConfigError(
            f"expected the name of a strategy out of {known}, found {name!r}: correct it, or write"
            " it with `hfl new-strategy`"
        )
    if len(places) > 1:
        raise ConfigError(
            f"expected one strategy named {name}, found {' and '.join(places)}: rename one of them"
        )
    ((place, found),) = places.items()
    if isinstance(found, Path):
        origin, text = "user", _read(found)
        # 5 ms to import, and needed for a user's own files only.
        from hfl.user_code import executed

        module = executed(name, text, found)
    elif isinstance(found, str):
        origin, text = "shipped", _shipped_text(name)
        module = importlib.import_module(found)
    else:
        origin, module, text = "package", *_packaged(found)
    if not hasattr(module, "Strategy"):
        raise ConfigError(
            f"strategy {name}: expected a class named Strategy in {place}, found none: add it"
        )
    return LoadedStrategy(
        strategy=construct(name, module.Strategy, parameters),
        name=name,
        origin=origin,
        text=text,
    )


def strategy_names(search: tuple[Path, ...] = ()) -> dict[str, str]:
    """Return every name that can be loaded and its origin: shipped, user or package."""
    names = {point.name: "package" for point in entry_points(group=ENTRY_POINT_GROUP)}
    for folder in search:
        names.update({path.stem: "user" for path in folder.glob("*.py")})
    names.update({path.stem: "shipped" for path in SHIPPED.glob("*.py")})
    return {
        name: origin
        for name, origin in sorted(names.items())
        if NAME.fullmatch(name) and name not in RESERVED
    }


def entry_points(*, group: str, name: str = "") -> "EntryPoints":
    """Return what installed packages offer."""
    # 30 ms to import, and rarely needed.
    from importlib import metadata

    if name:
        return metadata.entry_points(group=group, name=name)
    return metadata.entry_points(group=group)


def _places(
    name: str, search: tuple[Path, ...], *, is_recorded: bool
) -> "dict[str, str | Path | EntryPoint]":
    """Return every place that has this name, in words, and what to load there."""
    places: dict[str, str | Path | EntryPoint] = {}
    if not NAME.fullmatch(name) or name in RESERVED:
        return places
    if (SHIPPED / f"{name}.py").is_file():
        places[f"the shipped {name}.py"] = f"{PACKAGE}.{name}"
        if is_recorded:
            return places
    for folder in search:
        if (folder / f"{name}.py").is_file():
            places[str(folder / f"{name}.py")] = folder / f"{name}.py"
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        places[f"{point.value} of an installed package"] = point
    return places


# --- code -----------------------------------------------------------------------------------------


def _packaged(point: "EntryPoint") -> tuple[ModuleType, str]:
    try:
        module = importlib.import_module(point.module)
    except Exception as error:  # foreign code may raise anything
        raise ConfigError(
            f"strategy {point.name}: expected {point.value} to be importable, {said(error)}"
        ) from error
    path = getattr(module, "__file__", None) or ""
    if not path.endswith(".py"):
        raise ConfigError(
            f"strategy {point.name}: expected {point.value} as one Python file, found none:"
            " name the module itself in the entry point"
        )
    return module, _read(Path(path))


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
        if len(data) > SOURCE_BYTES_MAX:
            raise ConfigError(
                f"expected at most {SOURCE_BYTES_MAX} bytes in {path}, found {len(data)}:"
                " is it a strategy?"
            )
        return data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"expected {path} as readable UTF-8 text, found {type(error).__name__}: correct it"
        ) from error


def _shipped_text(name: str) -> str:
    return (SHIPPED / f"{name}.py").read_text(encoding="utf-8")


@lru_cache
def _bundle(text: str) -> str:
    """Return the text, and behind it every shipped strategy file it rests on, in name order."""
    needed: dict[str, str] = {}
    open_texts = [text]
    while open_texts:
        for helper in _imported(open_texts.pop()):
            if helper not in needed and helper != "base":
                needed[helper] = _shipped_text(helper)
                open_texts.append(needed[helper])
    return text + "".join(
        f"# --- {helper}.py\n{needed[helper]}"
        for helper in sorted(needed)
        if needed[helper] != text
    )


def _imported(text: str) -> Iterator[str]:
    """Yield the files of the shipped folder that a source imports."""
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for full_name in names:
            helper = full_name.removeprefix(f"{PACKAGE}.")
            if helper != full_name and (SHIPPED / f"{helper}.py").is_file():
                yield helper
