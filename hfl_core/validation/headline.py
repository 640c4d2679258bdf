"""Every headline figure of a series of returns with its interval. Knows no strategy."""

from functools import partial
from typing import Final

import numpy as np

from hfl_core.metrics.alpha_beta import alpha_beta
from hfl_core.metrics.annual_return import annual_return
from hfl_core.metrics.annual_volatility import annual_volatility
from hfl_core.metrics.calmar_ratio import calmar_ratio
from hfl_core.metrics.conditional_value_at_risk import conditional_value_at_risk
from hfl_core.metrics.information_ratio_annual import information_ratio_annual
from hfl_core.metrics.max_drawdown import max_drawdown
from hfl_core.metrics.omega_ratio import omega_ratio
from hfl_core.metrics.sharpe_ratio import sharpe_ratio
from hfl_core.metrics.sortino_ratio import sortino_ratio
from hfl_core.metrics.tail_ratio import tail_ratio
from hfl_core.metrics.value_at_risk import value_at_risk
from hfl_core.validation._checks import Array, Numbers, numbers, same_rows
from hfl_core.validation.block_length import ROWS_MIN, block_length
from hfl_core.validation.intervals import Interval, Method, Metric, intervals
from hfl_core.validation.resampling import Scheme

DRAWS: Final = 1_000


def headline(
    returns: Numbers,
    *,
    periods_per_year: float,
    seed: int,
    benchmark: Numbers | None = None,
    level: float = 0.95,
    draws: int = DRAWS,
) -> dict[str, Interval]:
    """Return the figures of a report, under the names of their metrics, each with an interval.

    returns: (n,) per period, oldest first; benchmark: (n,) of the same periods adds alpha, beta
    and information_ratio_annual, its rows drawn together with the returns'. Stationary blocks, as
    long as the returns or their sizes ask for, whichever is longer: calm and storm last. Percentile
    intervals: the correction of BCa is proven for independent rows.
    Raises DataError below 8 rows, with holes, lengths that differ, or as `intervals` does.
    """
    rows = numbers("returns", returns, at_least=ROWS_MIN)
    block = max(block_length(rows).stationary, block_length(np.abs(rows)).stationary)
    table = rows[:, None]
    chosen = {name: _of_returns(metric) for name, metric in _figures(periods_per_year).items()}
    if benchmark is not None:
        beside = numbers("benchmark", benchmark)
        same_rows("benchmark", len(beside), len(rows))
        table = np.column_stack([rows, beside])
        chosen |= _against(periods_per_year)
    return intervals(
        chosen,
        table,
        seed=seed,
        level=level,
        method=Method.PERCENTILE,
        scheme=Scheme.STATIONARY,
        block=block,
        draws=draws,
    )


def _figures(periods_per_year: float) -> dict[str, Metric]:
    yearly = (
        annual_return,
        annual_volatility,
        sharpe_ratio,
        sortino_ratio,
        calmar_ratio,
        omega_ratio,
    )
    plain = (max_drawdown, value_at_risk, conditional_value_at_risk, tail_ratio)
    return {
        **{one.__name__: partial(one, periods_per_year=periods_per_year) for one in yearly},
        **{one.__name__: one for one in plain},
    }


def _against(periods_per_year: float) -> dict[str, Metric]:
    def part(which: int) -> Metric:
        return lambda rows: alpha_beta(
            rows[:, 0], benchmark=rows[:, 1], periods_per_year=periods_per_year
        )[which]

    return {
        "alpha": part(0),
        "beta": part(1),
        "information_ratio_annual": lambda rows: information_ratio_annual(
            rows[:, 0], benchmark=rows[:, 1], periods_per_year=periods_per_year
        ),
    }


def _of_returns(metric: Metric) -> Metric:
    def asked(rows: Array) -> float:
        return metric(rows[:, 0])

    return asked
