"""All figures of buy and hold of a market file's closes, against a benchmark where one is named."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hfl_core.metrics.alpha_beta import alpha_beta
from hfl_core.metrics.annual_return import annual_return
from hfl_core.metrics.annual_volatility import annual_volatility
from hfl_core.metrics.calmar_ratio import calmar_ratio
from hfl_core.metrics.conditional_value_at_risk import conditional_value_at_risk
from hfl_core.metrics.down_capture import down_capture
from hfl_core.metrics.excess_kurtosis import excess_kurtosis
from hfl_core.metrics.information_ratio_annual import information_ratio_annual
from hfl_core.metrics.information_ratio_per_period import information_ratio_per_period
from hfl_core.metrics.max_drawdown import max_drawdown
from hfl_core.metrics.max_drawdown_span import max_drawdown_span
from hfl_core.metrics.omega_ratio import omega_ratio
from hfl_core.metrics.sharpe_ratio import sharpe_ratio
from hfl_core.metrics.skewness import skewness
from hfl_core.metrics.sortino_ratio import sortino_ratio
from hfl_core.metrics.stability_of_timeseries import stability_of_timeseries
from hfl_core.metrics.tail_ratio import tail_ratio
from hfl_core.metrics.total_return import total_return
from hfl_core.metrics.up_capture import up_capture
from hfl_core.metrics.value_at_risk import value_at_risk
from tests.truth.files import Array, Columns, read

ALPHA_PERIODS = 252


def performance_of_close_series(
    inputs: Mapping[str, Any], _expected: Any, _tolerance: Mapping[str, Any], root: Path
) -> dict[str, object]:
    """Return every field that the case may ask for."""
    column = str(inputs.get("column", "close"))
    own = closes_of(root / inputs["file"], column)
    if "rows" in inputs and len(own.ts) != inputs["rows"]:
        raise ValueError(f"expected {inputs['rows']} rows, found {len(own.ts)}")
    found = own_figures(own, column, periods=inputs["periods_per_year"])
    if inputs.get("benchmark"):
        other = closes_of(root / inputs["benchmark"], column)
        found |= figures_against(own, other, column, periods=inputs["periods_per_year"])
    return found


def closes_of(path: Path, column: str) -> Columns:
    """Return the usable rows in time: a price above zero, the first of a double stamp."""
    columns = read(path, (column,))
    columns = columns.rows(columns[column] > 0.0)
    _, first = np.unique(columns.ts, return_index=True)
    return columns.rows(first)


def returns_of(columns: Columns, column: str) -> Array:
    """Return the simple returns between the rows."""
    closes = columns[column]
    return closes[1:] / closes[:-1] - 1.0


def own_figures(own: Columns, column: str, *, periods: float) -> dict[str, object]:
    """Return the figures that need no benchmark."""
    returns = returns_of(own, column)
    span = max_drawdown_span(own[column])
    return {
        "total_return": total_return(own[column]),
        "annual_return": annual_return(returns, periods_per_year=periods),
        "annual_volatility": annual_volatility(returns, periods_per_year=periods),
        "sharpe": sharpe_ratio(returns, periods_per_year=periods),
        "sortino": sortino_ratio(returns, periods_per_year=periods),
        "max_drawdown": max_drawdown(returns),
        "calmar": calmar_ratio(returns, periods_per_year=periods),
        "omega_0": omega_ratio(returns, periods_per_year=periods),
        "tail_ratio": tail_ratio(returns),
        "stability": stability_of_timeseries(returns),
        "var_95_hist": value_at_risk(returns, cutoff=0.05),
        "cvar_95_hist": conditional_value_at_risk(returns, cutoff=0.05),
        "skew": skewness(returns),
        "excess_kurtosis": excess_kurtosis(returns),
        "max_drawdown_peak": moment(own, span.peak) if span else None,
        "max_drawdown_trough": moment(own, span.trough) if span else None,
    }


def figures_against(
    own: Columns, other: Columns, column: str, *, periods: float
) -> dict[str, object]:
    """Return the figures of the pairs of rows with equal stamps."""
    own_ts, own_returns = own.ts[1:], returns_of(own, column)
    other_ts, other_returns = other.ts[1:], returns_of(other, column)
    _, left, right = np.intersect1d(own_ts, other_ts, return_indices=True)
    returns, benchmark = own_returns[left], other_returns[right]
    against = alpha_beta(returns, benchmark=benchmark, periods_per_year=ALPHA_PERIODS)
    return {
        "aligned_rows": len(returns),
        "alpha_annual": against.alpha,
        "beta": against.beta,
        "information_ratio_per_period": information_ratio_per_period(returns, benchmark=benchmark),
        "information_ratio_annual": information_ratio_annual(
            returns, benchmark=benchmark, periods_per_year=periods
        ),
        "up_capture": up_capture(returns, benchmark=benchmark, periods_per_year=ALPHA_PERIODS),
        "down_capture": down_capture(returns, benchmark=benchmark, periods_per_year=ALPHA_PERIODS),
    }


def moment(columns: Columns, row: int) -> datetime:
    """Return a row's stamp."""
    return datetime.fromtimestamp(int(columns.ts[row]) / 1e9, tz=UTC)
