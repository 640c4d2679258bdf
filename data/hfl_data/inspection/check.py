"""What every check is: which rows it sees, what it is handed, what it says in the end."""

import importlib
import pkgutil
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeAlias, cast

from hfl_data import checks
from hfl_data.inspection.arrays import Block
from hfl_data.inspection.finding import Code, Finding
from hfl_data.inspection.subject import Subject


class View(StrEnum):
    """FILE: all rows as they stand; TIME: all rows by time; BARS: usable rows, each time once."""

    FILE = "file"
    TIME = "time"
    BARS = "bars"


class Check(Protocol):
    """One check of one file: sees it block by block, then tells."""

    def look(self, block: Block) -> None:
        """Judge the rows from block.begin to block.end."""
        ...

    def findings(self) -> list[Finding]:
        """Return what was found."""
        ...


OpenCheck: TypeAlias = Callable[[Subject], Check]


class Kind(NamedTuple):
    """A check by its file's name."""

    name: str
    view: View
    codes: tuple[Code, ...]
    open: OpenCheck


@lru_cache(maxsize=1)
def all_checks() -> tuple[Kind, ...]:
    """Return every check, found by its file, sorted by name."""
    modules = pkgutil.iter_modules(checks.__path__)
    names = sorted(module.name for module in modules if not module.name.startswith("_"))
    found = []
    for name in names:
        module = importlib.import_module(f"{checks.__name__}.{name}")
        opens = cast("OpenCheck", module.open_check)
        found.append(Kind(name, View(module.VIEW), tuple(module.CODES), opens))
    return tuple(found)
