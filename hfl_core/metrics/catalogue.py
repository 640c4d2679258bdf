"""Find a metric by the name of its file in this folder. Knows none of them by name.

A new metric is a new file with a function of the same name; there is nothing to register.
"""

from collections.abc import Callable
from typing import cast

from hfl_core.lookup import module_named


def find(name: str) -> Callable[..., object] | None:
    """Return the metric of that name, or None if there is none."""
    module = module_named(name, "hfl_core.metrics")
    return None if module is None else cast("Callable[..., object]", getattr(module, name))
