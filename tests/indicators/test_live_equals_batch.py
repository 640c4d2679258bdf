"""The incremental features of the live step say what the batch indicators say, bar by bar."""

import math
from typing import Any

import numpy as np
import pytest

from hfl_core.features.base import HLC, FeatureSpec
from hfl_core.features.catalogue import make
from hfl_core.indicators.catalogue import compute
from tests.indicators.worlds import bars, world

# feature, parameters, output -> indicator, its parameters, output. Where the batch form is not
# defined (0 / 0) the live one answers 0, as a rule of a strategy has to.
PAIRS = {
    ("sma", (20,), "value"): ("sma", (20,), "sma"),
    ("sma", (1,), "value"): ("sma", (1,), "sma"),
    ("ema", (12,), "value"): ("ema", (12,), "ema"),
    ("rsi", (14,), "value"): ("rsi", (14,), "rsi"),
    ("atr", (14,), "value"): ("atr", (14,), "atr"),
    ("atr", (14,), "true_range"): ("atr", (14,), "tr"),
    ("adx", (14,), "value"): ("adx", (14,), "adx"),
    ("adx", (14,), "pdi"): ("adx", (14,), "pdi"),
    ("adx", (14,), "mdi"): ("adx", (14,), "mdi"),
    ("macd", (12, 26, 9), "value"): ("macd", (12, 26, 9), "macd"),
    ("macd", (12, 26, 9), "signal"): ("macd", (12, 26, 9), "signal"),
    ("macd", (12, 26, 9), "histogram"): ("macd", (12, 26, 9), "histogram"),
    ("bollinger", (20, 2), "middle"): ("bb", (20, 2), "sma"),
    ("bollinger", (20, 2), "upper"): ("bb", (20, 2), "upperBand"),
    ("bollinger", (20, 2), "lower"): ("bb", (20, 2), "lowerBand"),
    ("bollinger", (20, 2), "zscore"): ("bb", (20, 2), "zScore"),
    ("bollinger", (20, 2), "width"): ("bb", (20, 2), "width"),
    ("donchian", (20,), "upper"): ("donchian", (20,), "upperBand"),
    ("donchian", (20,), "lower"): ("donchian", (20,), "lowerBand"),
    ("donchian", (20,), "middle"): ("donchian", (20,), "centerline"),
    ("roc", (10,), "value"): ("roc", (10,), "roc"),
    ("stdev", (14,), "value"): ("stdev", (14,), "stdDev"),
    ("stdev", (14,), "mean"): ("stdev", (14,), "mean"),
    ("stdev", (14,), "zscore"): ("stdev", (14,), "zScore"),
}


def live(pair, rows):
    feature_name, parameters, output = pair
    feature: Any = make(FeatureSpec(feature_name, parameters, output))
    found = []
    for high, low, close, _volume in zip(*rows, strict=True):
        if feature.INPUTS == HLC:
            feature.push(high, low, close)
        else:
            feature.push(close)
        found.append(getattr(feature, output) if feature.is_ready else math.nan)
    return np.array(found)


@pytest.mark.parametrize("seed", range(40, 52))
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}.{pair[2]}")
def test_the_live_feature_equals_the_batch_column(pair, seed):
    rows = world(seed, 150)
    name, parameters, output = PAIRS[pair]

    running = live(pair, rows)
    batch = compute(name, bars(*rows), parameters)[output]

    is_ready = ~np.isnan(running)
    undefined = is_ready & np.isnan(batch)
    assert (running[undefined] == 0.0).all()
    both = is_ready & ~undefined
    assert both.sum() >= 60
    assert running[both] == pytest.approx(batch[both], rel=1e-9, abs=1e-7)
