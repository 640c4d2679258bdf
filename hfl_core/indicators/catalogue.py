"""Find and compute an indicator by its name. Knows none of them by name.

A new indicator is a new file with a function `compute`; there is nothing to register. A hyphen in
a name is an underscore in the file's name.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Final, cast

from hfl_core.domain.errors import DataError
from hfl_core.indicators._columns import Bars, Columns
from hfl_core.lookup import module_named

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def find(name: str) -> Callable[..., Columns] | None:
    """Return the function of that indicator, or None if there is none."""
    if not _NAME.fullmatch(name):
        return None
    module = module_named(name.replace("-", "_"), "hfl_core.indicators")
    return None if module is None else cast("Callable[..., Columns]", module.compute)


def compute(
    name: str, bars: Bars, parameters: Sequence[float] = (), *, benchmark: Bars | None = None
) -> Columns:
    """Return an indicator's columns, one value a bar; parameters in its own order, all or none.

    benchmark: the market's bars for an indicator of two series, row by row beside bars.
    Raises DataError for an unknown name, parameters that do not fit, or a missing benchmark.
    """
    function = find(name)
    if function is None:
        raise DataError(
            f"expected the name of an indicator, found {name!r}: use the name of a file in"
            " hfl_core/indicators, such as sma or stoch-rsi"
        )
    kinds = inspect.signature(function).parameters
    names = [one for one in kinds if one not in ("bars", "benchmark")]
    if parameters and len(parameters) != len(names):
        raise DataError(
            f"expected {len(names)} parameters for {name} ({', '.join(names)}), found"
            f" {len(parameters)}: give each of them or none"
        )
    given = dict(zip(names, parameters, strict=False))
    if "benchmark" not in kinds:
        return function(bars, **given)
    if benchmark is None:
        raise DataError(f"expected a benchmark for {name}, found none: name the market's bars")
    return function(bars, benchmark, **given)
