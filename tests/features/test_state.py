"""A restored feature goes on bit for bit as the uninterrupted one would; nothing drifts."""

import json
import math
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.features import catalogue
from hfl_core.features.base import CLOSE, HLC, FeatureSpec


def make(spec) -> Any:
    return catalogue.make(spec)


SPECS = [
    FeatureSpec("sma", (5,)),
    FeatureSpec("sma", (1,)),
    FeatureSpec("ema", (4,)),
    FeatureSpec("rsi", (4,)),
    FeatureSpec("atr", (4,)),
    FeatureSpec("adx", (4,)),
    FeatureSpec("bollinger", (5, 2), "middle"),
    FeatureSpec("donchian", (5,), "upper"),
    FeatureSpec("roc", (4,)),
    FeatureSpec("momentum", (4,)),
    FeatureSpec("stdev", (5,)),
    FeatureSpec("volatility", (5,)),
    FeatureSpec("macd", (3, 6, 4)),
    FeatureSpec("regime", (8, 4, 1, 2)),
]
LABELS = [spec.label for spec in SPECS]
BARS = st.lists(
    st.tuples(
        st.floats(min_value=1e-9, max_value=1e12),
        st.sampled_from([0.0, 0.01, 0.7]),
        st.sampled_from([0.0, 0.01, 0.7]),
    ),
    min_size=1,
    max_size=50,
)


def push(feature, bar):
    close, up, down = bar
    if feature.INPUTS == HLC:
        feature.push(close * (1 + up), close * (1 - down), close)
    else:
        assert feature.INPUTS == CLOSE
        feature.push(close)


def picture(feature):
    return feature.is_ready, tuple(getattr(feature, output) for output in feature.OUTPUTS)


@pytest.mark.parametrize("spec", SPECS, ids=LABELS)
@given(bars=BARS, cut=st.integers(0, 50))
def test_restored_feature_continues_exactly(spec, bars, cut):
    original, restored = make(spec), make(spec)
    for bar in bars[:cut]:
        push(original, bar)
    saved = original.state()
    text = json.dumps(saved, allow_nan=False)
    restored.restore(json.loads(text))
    assert restored.state() == saved
    for bar in bars[cut:]:
        push(original, bar)
        push(restored, bar)

        assert picture(restored) == picture(original)
        assert restored.state() == original.state()

    # The state is a copy: what came after it must not have changed it.
    assert json.dumps(saved, allow_nan=False) == text


@pytest.mark.parametrize("spec", SPECS, ids=LABELS)
@given(bars=BARS, more=BARS)
def test_restore_rewinds_a_feature_that_went_on(spec, bars, more):
    feature, straight = make(spec), make(spec)
    for bar in bars:
        push(feature, bar)
        push(straight, bar)
    saved = feature.state()
    push_method = feature.push
    for bar in more:
        push(feature, bar)
    feature.restore(saved)

    assert feature.state() == straight.state()
    # Bound methods taken before the restore still reach the same feature.
    assert push_method.__self__ is feature


@pytest.mark.parametrize("spec", SPECS, ids=LABELS)
def test_a_feature_is_slots_and_answers_with_floats(spec):
    feature = make(spec)
    rng = random.Random(5)
    for _ in range(60):
        push(feature, (100 + rng.random(), 0.01, 0.01))

    assert not hasattr(feature, "__dict__")
    assert feature.is_ready is True
    assert all(type(value) is float and math.isfinite(value) for value in picture(feature)[1])
    assert spec.output in feature.OUTPUTS


@pytest.mark.parametrize("name", ["sma", "bollinger", "donchian"])
def test_a_state_of_other_parameters_is_refused_in_one_sentence(name):
    more = (2,) if name == "bollinger" else ()
    output = {"sma": "value", "bollinger": "middle", "donchian": "upper"}[name]
    other, mine = (make(FeatureSpec(name, (n, *more), output)) for n in (5, 6))

    with pytest.raises(ValueError, match=r"expected a saved state of .*found one with \[5"):
        mine.restore(other.state())


def test_sixty_thousand_pushes_leave_no_drift():
    """The plain running sum is off by far more than the bound on the very same series."""
    rng = random.Random(11)
    sma, stdev = make(FeatureSpec("sma", (20,))), make(FeatureSpec("stdev", (20,)))
    window, plain_sum, worst, worst_plain = [0.0] * 20, 0.0, 0.0, 0.0
    for bar in range(60_000):
        close = 1e9 * rng.random() if bar < 40_000 else 1.0 + rng.random() * 1e-3
        plain_sum += close - window[0]
        window = [*window[1:], close]
        sma.push(close)
        stdev.push(close)
        if bar > 59_500:
            exact = sum(map(Fraction, window)) / 20
            worst = max(worst, abs(float((Fraction(sma.value) - exact) / exact)))
            worst_plain = max(worst_plain, abs(float((Fraction(plain_sum / 20) - exact) / exact)))
            spread = sum((Fraction(x) - exact) ** 2 for x in window) / 20

            assert abs(stdev.value - math.sqrt(spread)) <= 8 * 20 * 2.0**-53

    assert worst <= 21 * 2.0**-53
    assert worst_plain > 1000 * worst
