"""Every feature that a published or TA-Lib table covers meets it on real bars."""

import json
import math
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hfl_core.features.base import HLC, FeatureSpec
from hfl_core.features.catalogue import make

# column of a truth table -> (feature, parameters, output)
TALIB = {
    "sma_20": ("sma", (20,), "value"),
    "sma_50": ("sma", (50,), "value"),
    "ema_12": ("ema", (12,), "value"),
    "ema_26": ("ema", (26,), "value"),
    "rsi_14": ("rsi", (14,), "value"),
    "atr_14": ("atr", (14,), "value"),
    "tr": ("atr", (14,), "true_range"),
    "macd": ("macd", (12, 26, 9), "value"),
    "macd_signal": ("macd", (12, 26, 9), "signal"),
    "macd_hist": ("macd", (12, 26, 9), "histogram"),
    "bb_upper": ("bollinger", (20, 2), "upper"),
    "bb_mid": ("bollinger", (20, 2), "middle"),
    "bb_lower": ("bollinger", (20, 2), "lower"),
    "stddev_20": ("stdev", (20,), "value"),
    "adx_14": ("adx", (14,), "value"),
    "plus_di_14": ("adx", (14,), "pdi"),
    "minus_di_14": ("adx", (14,), "mdi"),
    "roc_10": ("roc", (10,), "value"),
}
PUBLISHED: dict[str, dict[str, Any]] = {
    "sma": {
        "sma": ("sma", (20,), "value"),
    },
    "ema": {
        "ema": ("ema", (20,), "value"),
    },
    "rsi": {
        "rsi": ("rsi", (14,), "value"),
    },
    "atr": {
        "tr": ("atr", (14,), "true_range"),
        "atr": ("atr", (14,), "value"),
    },
    "macd": {
        "macd": ("macd", (12, 26, 9), "value"),
        "signal": ("macd", (12, 26, 9), "signal"),
        "histogram": ("macd", (12, 26, 9), "histogram"),
    },
    "bb": {
        "sma": ("bollinger", (20, 2), "middle"),
        "upperBand": ("bollinger", (20, 2), "upper"),
        "lowerBand": ("bollinger", (20, 2), "lower"),
        "zScore": ("bollinger", (20, 2), "zscore"),
        "width": ("bollinger", (20, 2), "width"),
    },
    "adx": {
        "pdi": ("adx", (14,), "pdi"),
        "mdi": ("adx", (14,), "mdi"),
        "adx": ("adx", (14,), "value"),
    },
    "roc": {
        "roc": ("roc", (14,), "value"),
    },
    "stdev": {
        "stdDev": ("stdev", (14,), "value"),
        "mean": ("stdev", (14,), "mean"),
        "zScore": ("stdev", (14,), "zscore"),
    },
    "donchian": {
        "upperBand": ("donchian", (20,), "upper"),
        "lowerBand": ("donchian", (20,), "lower"),
        "centerline": ("donchian", (20,), "middle"),
    },
}
TALIB_FILES = ("crypto_BTC-USDT_1h", "stocks_SPY_1d", "stocks_GOOG-bt_1d", "forex_EUR-USD_1h")


def read(path: Path, columns: str) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT {columns} FROM read_parquet(?) ORDER BY ts", [str(path)]
        ).fetchall()


def bars_of(path: Path, last: int | None = None) -> list[tuple[float, float, float]]:
    rows = [
        (high, low, close)
        for open_, high, low, close in read(path, '"open", high, low, "close"')
        if all(x is not None and not math.isnan(x) for x in (open_, high, low, close))
    ]
    return rows[-last:] if last else rows


def push(feature: Any, bar: tuple[float, float, float]) -> None:
    if feature.INPUTS == HLC:
        feature.push(*bar)
    else:
        feature.push(bar[2])


def check(column: str, wanted, bars, expected, tolerance) -> None:
    name, parameters, output = wanted
    feature = make(FeatureSpec(name, parameters, output))
    assert len(expected) == len(bars)
    largest = max(abs(x) for x in expected if x is not None and not math.isnan(x))
    compared = 0
    for row, (bar, target) in enumerate(zip(bars, expected, strict=True)):
        push(feature, bar)
        if target is None or math.isnan(target) or row < tolerance.get("from_row", 0):
            continue
        if not feature.is_ready:
            continue
        found = getattr(feature, output)
        allowed = max(
            tolerance.get("abs", 0.0),
            tolerance["rel"] * abs(target),
            tolerance.get("abs_of_max", 0.0) * largest,
        )
        assert abs(found - target) <= allowed, f"{column} row {row}: {found} against {target}"
        compared += 1
    assert compared >= len(bars) - 300


@pytest.mark.parametrize("case_id", TALIB_FILES)
def test_features_meet_talib_on_real_bars(shared_root: Path, case_id: str) -> None:
    cases = json.loads((shared_root / "truth/indicators_talib.json").read_text())["cases"]
    (case,) = [case for case in cases if case["id"] == f"talib-{case_id}"]
    bars = bars_of(shared_root / case["input"]["file"], case["input"]["rows_used"])
    for column, wanted in TALIB.items():
        expected = read(shared_root / case["expected"]["file"], f'"{column}"')
        check(column, wanted, bars, [row[0] for row in expected], case["tolerance"])


@pytest.mark.parametrize("function", sorted(PUBLISHED))
def test_features_meet_published_tables(shared_root: Path, function: str) -> None:
    cases = json.loads((shared_root / "truth/indicators_published.json").read_text())["cases"]
    (case,) = [case for case in cases if case["function"] == function]
    bars = bars_of(shared_root / case["input"]["file"])
    for column, wanted in PUBLISHED[function].items():
        expected = read(shared_root / case["expected"]["file"], f'"{column}"')
        check(column, wanted, bars, [row[0] for row in expected], case["tolerance"])


def test_features_are_ready_at_the_row_where_the_tables_begin(shared_root: Path) -> None:
    """Not before: a value read early would be from a window that is not full. Not later either."""
    cases = json.loads((shared_root / "truth/indicators_talib.json").read_text())["cases"]
    (case,) = [case for case in cases if case["id"] == "talib-stocks_SPY_1d"]
    bars = bars_of(shared_root / case["input"]["file"], case["input"]["rows_used"])[:120]
    # TA-Lib's di and tr begin before the rest of their feature does.
    for column in sorted(set(TALIB) - {"tr", "plus_di_14", "minus_di_14"}):
        name, parameters, output = TALIB[column]
        expected = [row[0] for row in read(shared_root / case["expected"]["file"], f'"{column}"')]
        first = next(row for row, x in enumerate(expected) if x is not None and not math.isnan(x))
        feature = make(FeatureSpec(name, parameters, output))
        for row, bar in enumerate(bars):
            push(feature, bar)

            assert feature.is_ready == (row >= first), f"{column} at row {row}, table from {first}"
            assert feature.is_ready or getattr(feature, output) == 0.0
