"""Find a module of a package by the name of its file. Knows no package and what is in none."""

import importlib
import re
from types import ModuleType
from typing import Final

_NAME: Final = re.compile(r"[a-z][A-Za-z0-9_]*")
# What looks names up is not among what is looked up.
_CATALOGUE: Final = "catalogue"


def module_named(name: str, package: str) -> ModuleType | None:
    """Return the module of that name in a package, or None if there is none to be found by name.

    Raises ModuleNotFoundError for a module that is there and imports one that is not.
    """
    if not _NAME.fullmatch(name) or name == _CATALOGUE:
        return None
    full_name = f"{package}.{name}"
    try:
        return importlib.import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise
        return None
