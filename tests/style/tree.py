"""The project's own files for the tidy tests: found without git, less what .gitignore names."""

import ast
import fnmatch
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Import package -> its folder, as pyproject.toml packs them.
PACKAGES = {
    Path(folder).name: ROOT / folder
    for folder in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"][
        "targets"
    ]["wheel"]["packages"]
}
PURE_FLOORS = (
    "hfl_core.domain",
    "hfl_core.lookup",
    "hfl_core.features",
    "hfl_core.indicators",
    "hfl_core.metrics",
    "hfl_core.strategies",
    "hfl_core.risk",
    "hfl_core.validation",
    "hfl_core.engine",
    "hfl_core.ports",
)


def ignored_patterns() -> tuple[str, ...]:
    """Return the patterns of .gitignore: plain names, or anchored ones beginning with a slash."""
    lines = (line.strip() for line in (ROOT / ".gitignore").read_text().splitlines())
    return (".git", *(line.rstrip("/") for line in lines if line and line[0] not in "#!"))


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file of the project, sorted."""
    patterns = ignored_patterns()
    found: list[Path] = []
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            names = (path.name, f"/{name_of(path)}")
            if any(fnmatch.fnmatch(name, pattern) for pattern in patterns for name in names):
                continue
            if path.is_dir():
                folders.append(path)
            else:
                found.append(path)
    return tuple(sorted(found))


@cache
def python_files() -> tuple[Path, ...]:
    """Return every Python file of the project."""
    return tuple(path for path in project_files() if path.suffix == ".py")


@cache
def modules() -> dict[str, Path]:
    """Return import name -> file for everything that is packed."""
    found = {}
    for name, folder in PACKAGES.items():
        for path in python_files():
            if path.is_relative_to(folder):
                parts = [name, *path.relative_to(folder).with_suffix("").parts]
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def pure_modules() -> dict[str, Path]:
    """Return the modules of floors 0 to 2, where nothing may touch the world."""
    return {
        name: path
        for name, path in modules().items()
        if any(name == floor or name.startswith(f"{floor}.") for floor in PURE_FLOORS)
    }


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def name_of(path: Path) -> str:
    """Return a file's name as people say it."""
    return path.relative_to(ROOT).as_posix()


@cache
def ratchet() -> dict[str, dict[str, int]]:
    """Return the exceptions that may only shrink."""
    found: dict[str, dict[str, int]] = tomllib.loads(
        (ROOT / "tests" / "style" / "ratchet.toml").read_text()
    )
    return found
