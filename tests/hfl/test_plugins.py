"""Strategies are found by name in three places, and what cannot be used is said in one sentence."""

import hashlib
import sys
from decimal import Decimal
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

from hfl import plugins
from hfl.plugins import load_strategy, strategy_names
from hfl_core.domain.errors import ConfigError
from hfl_core.strategies import _template, trend
from hfl_core.strategies.catalogue import parameters_of

TEMPLATE = Path(_template.__file__).read_text(encoding="utf-8")


def folder_with(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def sentence(refused: pytest.ExceptionInfo[ConfigError]) -> str:
    text = str(refused.value)
    assert "\n" not in text
    return text


def test_a_shipped_strategy_comes_with_its_parameters_and_every_file_it_rests_on():
    loaded = load_strategy("trend", {"fast": 5, "slow": 10, "band": 1})

    assert loaded.strategy == trend.Strategy(fast=5, slow=10, band=1.0)
    assert loaded.origin == "shipped"
    assert loaded.source.startswith(Path(trend.__file__).read_text(encoding="utf-8"))
    assert "# --- evidence.py\n" in loaded.source
    assert loaded.sha256 == hashlib.sha256(loaded.source.encode()).hexdigest()


def test_the_ensemble_carries_the_source_of_its_members():
    source = load_strategy("ensemble", {}).source

    for member in ("trend", "momentum", "reversion", "breakout", "evidence"):
        assert source.count(f"# --- {member}.py\n") == 1


def test_exact_numbers_of_the_configuration_become_the_fields_own():
    loaded = load_strategy(
        "trend", {"fast": Decimal(5), "slow": Decimal("10.0"), "band": Decimal("0.1")}
    )

    assert repr(loaded.strategy) == repr(trend.Strategy(fast=5, slow=10, band=0.1))


def test_parameters_are_listed_with_their_defaults():
    listed = dict(parameters_of("ensemble", type(load_strategy("ensemble", {}).strategy)))

    assert listed["trend"] == "0.35"
    assert "voices" not in listed


@pytest.mark.parametrize(
    "name", ["nothing", "base", "catalogue", "_template", "../trend", "Trend", "", "a.b"]
)
def test_an_unknown_name_lists_what_exists(name, tmp_path):
    folder = folder_with(tmp_path / "strategies", mine=TEMPLATE)
    with pytest.raises(ConfigError) as refused:
        load_strategy(name, {}, (folder,))

    text = sentence(refused)
    assert f"found {name!r}" in text
    assert "breakout, ensemble, mine, momentum, reversion, sma_cross, trend" in text


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"fastt": 5}, "expected parameters out of fast, slow, adx,"),
        ({"fast": "5"}, "expected fast as a whole number, found '5'"),
        ({"fast": 5.5}, "expected fast as a whole number, found 5.5"),
        ({"fast": True}, "expected fast as a whole number, found True"),
        ({"fast": Decimal("5.00000000000000000001")}, "expected fast as a whole number"),
        ({"fast": 10**400}, "expected fast as a whole number"),
        ({"band": "wide"}, "expected band as a number, found 'wide'"),
        ({"band": float("nan")}, "expected band as a number, found nan"),
        ({"band": Decimal("Infinity")}, "expected band as a number"),
        ({"fast": 60}, "expected fast below slow, found 60 and 50"),
        ({"adx": 0}, "expected adx as a whole number of bars from 2"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(parameters, wanted):
    with pytest.raises(ConfigError) as refused:
        load_strategy("trend", parameters)

    text = sentence(refused)
    assert text.startswith("strategy trend: ")
    assert wanted in text


def test_a_users_file_runs_exactly_as_hashed(tmp_path):
    folder = folder_with(
        tmp_path / "strategies", mine=TEMPLATE.replace("window: int = 50", "window: int = 7")
    )
    loaded = load_strategy("mine", {"band": Decimal("0.25")}, (tmp_path / "missing", folder))

    assert loaded.origin == "user"
    assert loaded.strategy.features()[0].parameters == (7,)
    assert loaded.strategy.band == 0.25  # type: ignore[attr-defined]
    assert loaded.source.startswith((folder / "mine.py").read_text(encoding="utf-8"))
    assert not (folder / "__pycache__").exists()

    folder_with(folder, mine=TEMPLATE.replace("window: int = 50", "window: int = 9"))
    changed = load_strategy("mine", {}, (folder,))

    assert changed.strategy.features()[0].parameters == (9,)
    assert changed.sha256 != loaded.sha256
    assert loaded.strategy.features()[0].parameters == (7,)


def test_a_users_file_may_postpone_its_annotations_and_take_texts_and_switches(tmp_path):
    text = "from __future__ import annotations\n" + TEMPLATE.replace(
        "    band: float", "    side: str = 'both'\n    is_loud: bool = False\n    band: float"
    )
    folder = folder_with(tmp_path / "strategies", mine=text)
    strategy: Any = load_strategy("mine", {"side": "long", "is_loud": True}, (folder,)).strategy

    assert (strategy.side, strategy.is_loud) == ("long", True)
    for key, value in (("side", 1), ("is_loud", 1), ("is_loud", "yes")):
        with pytest.raises(ConfigError, match=f"expected {key} as"):
            load_strategy("mine", {key: value}, (folder,))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("def broken(:\n", "found SyntaxError"),
        ("import nothing_of_that_name\n", "found ModuleNotFoundError"),
        ("raise SystemExit(3)\n", "found SystemExit"),
        ("x = 1\n", "expected a class named Strategy"),
        ("class Strategy:\n    pass\n", "expected a frozen dataclass named Strategy"),
        ("Strategy = 5\n", "expected a frozen dataclass named Strategy"),
        (TEMPLATE.replace("frozen=True", "frozen=False"), "found one that is no frozen dataclass"),
        (TEMPLATE.replace("def scan", "def skan"), "found one without scan"),
        (TEMPLATE.replace("atr: int = 14", "atr: list[int] | None = None"), "found atr as"),
        (TEMPLATE.replace('"sma"', '"smaa"'), "expected the name of a feature, found 'smaa'"),
        (TEMPLATE.replace('"window", self.window', '"window", self.windo'), "found AttributeError"),
        ("\udcff", "found UnicodeDecodeError"),
        ("#" * 1_000_001, "expected at most 1000000 bytes"),
    ],
    ids=lambda value: value[:30] if len(value) < 100 else "file",
)
def test_a_users_file_that_cannot_be_used_is_refused(tmp_path, text, wanted):
    folder = folder_with(tmp_path / "strategies")
    (folder / "mine.py").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigError) as refused:
        load_strategy("mine", {}, (folder,))

    assert wanted in sentence(refused)


def test_a_folder_in_place_of_a_file_is_no_strategy(tmp_path):
    (tmp_path / "mine.py").mkdir()
    with pytest.raises(ConfigError, match="expected the name of a strategy"):
        load_strategy("mine", {}, (tmp_path,))


def test_a_name_in_two_places_is_refused(tmp_path):
    first = folder_with(tmp_path / "first", trend=TEMPLATE, mine=TEMPLATE)
    second = folder_with(tmp_path / "second", mine=TEMPLATE)
    for name in ("trend", "mine"):
        with pytest.raises(
            ConfigError, match=f"expected one strategy named {name}, found"
        ) as refused:
            load_strategy(name, {}, (first, second))

        assert "first" in sentence(refused)


def test_a_package_brings_strategies_by_entry_point(tmp_path, monkeypatch):
    folder_with(tmp_path / "site", foreign_strategy=TEMPLATE)
    points = EntryPoints(
        [
            EntryPoint("foreign", "foreign_strategy", plugins.ENTRY_POINT_GROUP),
            EntryPoint("absent", "foreign_missing", plugins.ENTRY_POINT_GROUP),
            EntryPoint("builtin", "sys", plugins.ENTRY_POINT_GROUP),
        ]
    )
    monkeypatch.setattr(plugins, "entry_points", points.select)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    loaded = load_strategy("foreign", {"window": 30})
    assert (loaded.origin, loaded.strategy.features()[0].parameters) == ("package", (30,))
    assert loaded.source.startswith(TEMPLATE)
    assert strategy_names()["foreign"] == "package"
    with pytest.raises(ConfigError, match="expected foreign_missing to be importable"):
        load_strategy("absent", {})
    with pytest.raises(ConfigError, match="expected sys as one Python file"):
        load_strategy("builtin", {})
    sys.modules.pop("foreign_strategy", None)
