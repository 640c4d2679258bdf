"""The catalogue finds features by file name and refuses what does not fit in one sentence."""

import math
from pathlib import Path
from typing import Any

import pytest

import hfl_core.features
from hfl_core.features.base import FeatureSpec
from hfl_core.features.catalogue import make

PERIOD_FEATURES = ("sma", "ema", "rsi", "atr", "adx", "roc", "momentum", "stdev", "volatility")


def test_every_file_of_the_folder_is_a_feature_under_its_name():
    folder = Path(hfl_core.features.__file__).parent
    names = {p.stem for p in folder.glob("[a-z]*.py")} - {"base", "catalogue"}
    parameters = {
        "bollinger": (20, 2),
        "macd": (12, 26, 9),
        "regime": (100, 20, 1, 2),
    }
    outputs = {"bollinger": "middle", "donchian": "upper"}
    for name in names:
        feature = make(FeatureSpec(name, parameters.get(name, (14,)), outputs.get(name, "value")))

        assert type(feature).__module__ == f"hfl_core.features.{name}"
        assert feature.is_ready is False
    assert set(PERIOD_FEATURES) < names


@pytest.mark.parametrize(
    "name", ["nothing", "base", "catalogue", "_moments", "../sma", "a.b", "", "SMA"]
)
def test_unknown_name_is_refused(name):
    with pytest.raises(ValueError, match="expected the name of a feature, found") as refused:
        make(FeatureSpec(name, (5,)))

    assert repr(name) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", PERIOD_FEATURES)
@pytest.mark.parametrize("period", [0, -1, 2.5, math.nan, math.inf, -math.inf, 100_001, True, "20"])
def test_a_period_that_is_no_number_of_bars_is_refused(name, period):
    with pytest.raises(ValueError, match=rf"feature {name}: expected period as a whole number"):
        make(FeatureSpec(name, (period,)))


@pytest.mark.parametrize("width", [0, -1.0, math.nan, math.inf, True])
def test_a_band_width_that_is_not_above_zero_is_refused(width):
    with pytest.raises(ValueError, match="expected width as a number above zero"):
        make(FeatureSpec("bollinger", (20, width), "upper"))


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (FeatureSpec("sma"), r"expected 1 parameters \(period\), found 0"),
        (FeatureSpec("sma", (5, 6)), r"expected 1 parameters \(period\), found 2"),
        (FeatureSpec("sma", (5,), "upper"), "expected one of the outputs value, found 'upper'"),
        (FeatureSpec("sma", (5,), "push"), "expected one of the outputs value, found 'push'"),
        (FeatureSpec("macd", (26, 12, 9)), "expected fast below slow, found 26 and 12"),
        (FeatureSpec("regime", (20, 20, 1, 2)), "expected short below long, found 20 and 20"),
        (FeatureSpec("regime", (20, 5, 0, 2)), "expected trend as a number above zero"),
        (FeatureSpec("volatility", (1,)), "from 2 to"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(spec, sentence):
    with pytest.raises(ValueError, match=sentence):
        make(spec)


def test_a_feature_whose_own_import_fails_is_not_called_unknown(monkeypatch):
    """A missing library is a fault of the installation, not of the name."""

    def missing(name):
        raise ModuleNotFoundError("No module named 'numbers2'", name="numbers2")

    monkeypatch.setattr("hfl_core.features.catalogue.importlib.import_module", missing)
    with pytest.raises(ModuleNotFoundError, match="numbers2"):
        make(FeatureSpec("sma", (3,)))


def test_a_whole_float_is_a_period():
    feature: Any = make(FeatureSpec("sma", (3.0,)))
    for close in (1.0, 2.0, 6.0):
        feature.push(close)

    assert feature.value == 3.0
