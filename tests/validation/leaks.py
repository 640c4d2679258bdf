"""What a seeded leak is: an honest-looking computation that knows too much, and its clean twin."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hfl_core.validation.fitting_leaks import Pipeline, fitting_leaks
from hfl_core.validation.look_ahead import Compute, World, look_ahead
from hfl_core.validation.purged_k_fold import purged_k_fold
from hfl_core.validation.spans import spans_ahead
from hfl_core.validation.tables import Table, table_of

Array = npt.NDArray[np.float64]
Columns = dict[str, Array]

HOURS = 24 * 8
DAY = 24


class Leak(NamedTuple):
    """leaky and clean return what a tool names; `named` must be among the former's, and alone."""

    name: str
    named: str
    leaky: Callable[[], set[str]]
    clean: Callable[[], set[str]]


def hourly_bars(seed: int = 1) -> Table:
    """Return bars whose rows are known at the end of their hour."""
    chance = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(0.01 * chance.standard_normal(HOURS)))
    opened = np.concatenate([[100.0], close[:-1]]) * np.exp(0.002 * chance.standard_normal(HOURS))
    reach = 0.004 * np.abs(chance.standard_normal((2, HOURS)))
    return table_of(
        np.arange(1, HOURS + 1),
        open=opened,
        high=np.maximum(opened, close) * (1 + reach[0]),
        low=np.minimum(opened, close) * (1 - reach[1]),
        close=close,
        volume=chance.integers(10, 1_000, HOURS).astype(np.float64),
    )


def seen(compute: Compute, world: World, horizon: int = 0, keys: tuple[str, ...] = ()) -> set[str]:
    """Return the features that the detector names."""
    columns = compute(world).columns
    found = look_ahead(
        compute, world, seed=7, horizon=dict.fromkeys(columns, horizon), keys=keys, cuts=16
    )
    return {peek.feature for peek in found}


def on_bars(
    name: str,
    feature: str,
    leaky: Callable[[Columns], Array],
    clean: Callable[[Columns], Array],
    *,
    horizon: int = 0,
) -> Leak:
    """Return a leak of a feature of the bars alone."""

    def asked(function: Callable[[Columns], Array]) -> Callable[[], set[str]]:
        def compute(world: World) -> Table:
            table = world["bars"]
            return Table(table.known_at, {feature: function(dict(table.columns))})

        return lambda: seen(compute, {"bars": hourly_bars()}, horizon)

    return Leak(name, feature, asked(leaky), asked(clean))


def on_world(
    name: str, feature: str, world: World, leaky: Compute, clean: Compute, *, keys: str = ""
) -> Leak:
    """Return a leak of a feature of several tables."""
    named = (keys,) if keys else ()
    return Leak(
        name,
        feature,
        lambda: seen(leaky, world, keys=named),
        lambda: seen(clean, world, keys=named),
    )


ROWS = 90
SPANS = spans_ahead(ROWS, horizon=2)
FOLDS = purged_k_fold(SPANS, folds=3, embargo=1)
FEATURES = np.random.default_rng(11).normal(size=(ROWS, 6))
LABELS = (FEATURES[:, 0] + np.random.default_rng(12).normal(size=ROWS) > 0).astype(np.float64)


def fitting(name: str, named: str, leaky: Pipeline, clean: Pipeline) -> Leak:
    """Return a leak of a pipeline that learns and predicts."""

    def asked(pipeline: Pipeline) -> Callable[[], set[str]]:
        return lambda: {
            leak.fault.name for leak in fitting_leaks(pipeline, FEATURES, LABELS, FOLDS, seed=3)
        }

    return Leak(name, named, asked(leaky), asked(clean))
