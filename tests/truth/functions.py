"""What computes a function name's cases: a metric or indicator of that name, or an adapter."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from hfl_core.indicators import catalogue as indicators
from hfl_core.metrics import catalogue as metrics
from tests.truth.backtests import backtest
from tests.truth.performance import performance_of_close_series
from tests.truth.scenarios import scenario
from tests.truth.tables import mixed_table, single_table

# What a case says about its numbers, for the reader.
NOTES = frozenset({"series", "method"})
# What a case may say although a metric does not need it.
SPARE = frozenset({"periods_per_year"})


class Function(NamedTuple):
    """Something that answers cases; one of a table compares it, too, and returns an Outcome."""

    call: Callable[[Mapping[str, Any], Any, Mapping[str, Any], Path], object]
    is_table: bool = False


def find(name: str) -> Function | None:
    """Return what computes the cases of a function name; None if nothing does."""
    if name in ADAPTERS:
        return ADAPTERS[name]
    metric = metrics.find(name)
    if metric is not None:
        return Function(_of_metric(metric))
    if indicators.find(name) is not None:
        return Function(partial(single_table, name), is_table=True)
    return None


def _of_metric(
    metric: Callable[..., object],
) -> Callable[[Mapping[str, Any], Any, Mapping[str, Any], Path], object]:
    takes = set(inspect.signature(metric).parameters)

    def call(inputs: Mapping[str, Any], _expected: Any, _tolerance: Any, _root: Path) -> object:
        given = {name: value for name, value in inputs.items() if name not in NOTES}
        unknown = set(given) - takes - SPARE
        if unknown:
            raise LookupError(f"expected {sorted(takes)}, found {sorted(unknown)}")
        return metric(**{name: value for name, value in given.items() if name in takes})

    return call


ADAPTERS: dict[str, Function] = {
    "backtest": Function(backtest),
    "simulate_bars_with_stop_roi_trailing": Function(scenario),
    "indicators": Function(mixed_table, is_table=True),
    "performance_of_close_series": Function(performance_of_close_series),
}
