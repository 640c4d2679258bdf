"""Find a metric by the name of its file in this folder. Knows none of them by name.

A new metric is a new file with a function of the same name; there is nothing to register.
"""

import importlib
import re
from collections.abc import Callable
from typing import Final, cast

_NAME: Final = re.compile(r"[a-z][A-Za-z0-9_]*")
_NOT_METRICS: Final = frozenset({"catalogue"})


def find(name: str) -> Callable[..., object] | None:
    """Return the metric of that name, or None if there is none."""
    if not _NAME.fullmatch(name) or name in _NOT_METRICS:
        return None
    full_name = f"hfl_core.metrics.{name}"
    try:
        module = importlib.import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise
        return None
    return cast("Callable[..., object]", getattr(module, name))
