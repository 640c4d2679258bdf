"""Indicator columns against tables: one row per input row, the same stamps, rows from 0."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hfl_core.indicators._columns import Bars, Columns, bars_of
from hfl_core.indicators.catalogue import compute
from tests.truth.compare import EXACT, Outcome, instant, worst
from tests.truth.files import PRICES, Array, read
from tests.truth.files import Columns as Table

# Column of an `indicators` table, indicator, parameters (\1: the number in the name), output.
MIXED: tuple[tuple[str, str, str, str], ...] = (
    (r"sma_(\d+)", "sma", r"\1", "sma"),
    (r"ema_(\d+)", "ema", r"\1", "ema"),
    (r"wma_(\d+)", "wma", r"\1", "wma"),
    (r"rsi_(\d+)", "rsi", r"\1", "rsi"),
    (r"tr", "atr", "14", "tr"),
    (r"atr_(\d+)", "atr", r"\1", "atr"),
    (r"natr_(\d+)", "atr", r"\1", "atrp"),
    (r"macd", "macd", "12, 26, 9", "macd"),
    (r"macd_signal", "macd", "12, 26, 9", "signal"),
    (r"macd_hist", "macd", "12, 26, 9", "histogram"),
    (r"bb_upper", "bb", "20, 2", "upperBand"),
    (r"bb_mid", "bb", "20, 2", "sma"),
    (r"bb_lower", "bb", "20, 2", "lowerBand"),
    (r"stddev_(\d+)", "stdev", r"\1", "stdDev"),
    (r"adx_(\d+)", "adx", r"\1", "adx"),
    (r"plus_di_(\d+)", "adx", r"\1", "pdi"),
    (r"minus_di_(\d+)", "adx", r"\1", "mdi"),
    (r"stoch_k", "stoch", "14, 3, 3", "oscillator"),
    (r"stoch_d", "stoch", "14, 3, 3", "signal"),
    (r"cci_(\d+)", "cci", r"\1", "cci"),
    (r"willr_(\d+)", "willr", r"\1", "williamsR"),
    (r"roc_(\d+)", "roc", r"\1", "roc"),
    (r"mom_(\d+)", "roc", r"\1", "momentum"),
    (r"obv", "obv", "", "obv"),
    (r"mfi_(\d+)", "mfi", r"\1", "mfi"),
    (r"sar", "psar", "0.02, 0.2", "sar"),
    (r"aroon_up_(\d+)", "aroon", r"\1", "aroonUp"),
    (r"aroon_down_(\d+)", "aroon", r"\1", "aroonDown"),
    (r"kama_(\d+)", "kama", r"\1, 2, 30", "kama"),
)


def numbers(text: str) -> tuple[float, ...]:
    """Return the parameters of a text such as `12, 26, 9`; none of `-`."""
    return tuple(float(part) for part in text.split(",") if part.strip() not in ("", "-"))


def mixed_table(
    inputs: Mapping[str, Any], expected: Mapping[str, Any], tolerance: Mapping[str, Any], root: Path
) -> Outcome:
    """Return how a table with columns of many indicators is met, on a file's last rows."""
    table = last_rows(root / inputs["file"], inputs)
    bars = bars_from(table)
    found = {name: one_column(name, bars) for name in expected["columns"]}
    return against(root / expected["file"], expected, tolerance, table, found)


def one_column(name: str, bars: Bars) -> Array:
    """Return the indicator's output that a column's name means."""
    for pattern, indicator, parameters, output in MIXED:
        match = re.fullmatch(pattern, name)
        if match:
            return compute(indicator, bars, numbers(match.expand(parameters)))[output]
    raise LookupError(f"expected the column of an indicator, found {name}")


def single_table(
    name: str, inputs: Mapping[str, Any], expected: Any, tolerance: Mapping[str, Any], root: Path
) -> Outcome:
    """Return how one indicator's table is met."""
    table = read(root / inputs["file"])
    benchmark = inputs.get("benchmark")
    other = bars_from(read(root / benchmark)) if benchmark else None
    parameters = numbers(str(inputs.get("parameters", "")))
    found = compute(name, bars_from(table), parameters, benchmark=other)
    return against(root / expected["file"], expected, tolerance, table, found)


def bars_from(table: Table) -> Bars:
    """Return a table's bars; a file without a volume column has no volume."""
    high, low, close = table["high"], table["low"], table["close"]
    return bars_of(high=high, low=low, close=close, volume=table.get("volume"))


def last_rows(path: Path, inputs: Mapping[str, Any]) -> Table:
    """Return the last rows of a file with all four prices, as many as the case says."""
    table = read(path)
    has_hole = np.isnan(np.stack([table[name] for name in PRICES])).any(axis=0)
    table = table.rows(np.flatnonzero(~has_hole))
    asked = re.search(r"last (\d+) rows", str(inputs.get("rows", "")))
    count = int(asked[1]) if asked else int(inputs.get("rows_used", len(table.ts)))
    table = table.rows(slice(-count, None))
    if "rows_used" in inputs and len(table.ts) != inputs["rows_used"]:
        raise ValueError(f"expected {inputs['rows_used']} rows, found {len(table.ts)}")
    first = inputs.get("first_ts")
    if first and int(instant(first).timestamp() * 1e9) != table.ts[0]:
        raise ValueError(f"expected the first row at {first}, found {table.ts[0]} ns")
    return table


def against(
    path: Path,
    expected: Mapping[str, Any],
    tolerance: Mapping[str, Any],
    table: Table,
    found: Columns,
) -> Outcome:
    """Return how columns meet the file of expected ones."""
    wanted = read(path)
    if len(wanted.ts) != len(table.ts) or (wanted.ts != table.ts).any():
        return Outcome(fault=f"expected the stamps of {path.name}, found others")
    return worst(
        met(found[name], wanted[name], tolerance, name=name)
        if name in found
        else Outcome(fault=f"expected a column {name}, found none")
        for name in expected["columns"]
    )


def met(got: Array, wanted: Array, tolerance: Mapping[str, Any], *, name: str) -> Outcome:
    """Return how one column is met where it is compared."""
    is_compared = np.arange(len(wanted)) >= tolerance.get("from_row", 0)
    is_known = ~np.isnan(wanted) & is_compared
    if tolerance.get("nulls") == "equal":
        surplus = np.flatnonzero(np.isnan(wanted) & is_compared & ~np.isnan(got))
        if len(surplus):
            row = int(surplus[0])
            return Outcome(fault=f"{name} row {row}: expected null, found {got[row]}")
    rows = np.flatnonzero(is_known)
    if not len(rows):
        return EXACT
    largest = float(np.nanmax(np.abs(wanted)))
    allowed = np.maximum(
        tolerance.get("rel", 0.0) * np.abs(wanted[rows]), tolerance.get("abs", 0.0)
    )
    allowed = np.maximum(allowed, tolerance.get("abs_of_max", 0.0) * largest)
    deviations = np.nan_to_num(np.abs(got[rows] - wanted[rows]), nan=math.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(deviations == 0.0, 0.0, deviations / allowed)
    worst_row = int(shares.argmax())
    row = int(rows[worst_row])
    is_met = deviations[worst_row] <= allowed[worst_row]
    fault = "" if is_met else f"{name} row {row}: expected {wanted[row]}, found {got[row]}"
    return Outcome(float(deviations.max()), float(shares[worst_row]), fault)
