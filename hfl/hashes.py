"""Which code decided.

Hashes of the components that a decision rests on, recorded with every run.
"""

import hashlib
import sqlite3
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from hfl.plugins import LoadedStrategy

# Component -> the packages whose source files it is made of.
COMPONENTS: Final = {
    "code": ("hfl_core", "hfl_data", "hfl_journal", "hfl_config", "hfl"),
    "engine": ("hfl_core.domain", "hfl_core.engine"),
    "rules": ("hfl_core.risk",),
    "features": ("hfl_core.features",),
}
# What must be equal for a decision to be made again; `code` as a whole may differ.
DECIDING: Final = ("config", "engine", "rules", "features", "strategy")
LIBRARIES: Final = ("transitions", "duckdb", "msgspec", "pydantic")


def component_hashes(
    strategies: "tuple[LoadedStrategy, ...]", *, config_hash: str
) -> tuple[tuple[str, str], ...]:
    """Return (component, SHA-256) in name order."""
    found = {name: _source_hash(packages) for name, packages in COMPONENTS.items()}
    found["config"] = config_hash
    joined = "".join(sorted({strategy.sha256 for strategy in strategies}))
    found["strategy"] = hashlib.sha256(joined.encode()).hexdigest()
    return tuple(sorted(found.items()))


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of everything a run rests on, in name order."""
    # 30 ms to import, and only a new run asks.
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": sys.version.split()[0], "sqlite": sqlite3.sqlite_version}
    for name in (*LIBRARIES, "hedgefund-lite"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return tuple(sorted(found.items()))


def changed(
    before: tuple[tuple[str, str], ...], now: tuple[tuple[str, str], ...]
) -> tuple[str, ...]:
    """Return the components that differ from an earlier run, in name order."""
    earlier = dict(before)
    return tuple(name for name, digest in now if name in earlier and earlier[name] != digest)


def _source_hash(packages: tuple[str, ...]) -> str:
    # 5 ms to import, and whoever reads a journal hardly ever hashes code.
    from importlib.resources import files

    digest = hashlib.sha256()
    for package in packages:
        for name, content in sorted(_sources(files(package), package)):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _sources(folder: "Traversable", prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            found.extend(_sources(entry, f"{prefix}/{entry.name}"))
        elif entry.name.endswith((".py", ".toml")):
            found.append((f"{prefix}/{entry.name}", entry.read_bytes()))
    return found
