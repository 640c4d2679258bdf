"""Purity: floors 0 to 2 reach nothing but their arguments."""

from pathlib import Path

import pytest

from tests.style import checks, tree

# Module -> what it may do although it stands on a pure floor, and why.
ALLOWED_IMPURITIES: dict[str, str] = {
    "hfl_core.features.catalogue": "importlib",  # finds the one-file-each features, once
    "hfl_core.lookup": "importlib",  # finds the one-file-each indicators and metrics
}
# Features, strategies and opinions compute in floats; raw rows are floats until they cross over.
FLOAT_FLOORS = (
    "hfl_core.features",
    "hfl_core.indicators",
    "hfl_core.metrics",
    "hfl_core.strategies",
    "hfl_core.validation",
    "hfl_data",
    "hfl_models",
)
# Module -> the one name that may be a float there, and why.
ALLOWED_FLOATS = {
    "hfl_core.engine.decider": "entry_price",  # handed to strategies, whose view is in floats
}


def impurities_of(name: str) -> list[str]:
    found = checks.impurities(tree.tree_of(tree.pure_modules()[name]))
    allowed = ALLOWED_IMPURITIES.get(name)
    return [line for line in found if allowed is None or allowed not in line]


@pytest.mark.parametrize("name", sorted(tree.pure_modules()))
def test_pure_floor_touches_nothing_outside(name: str):
    assert impurities_of(name) == []


def test_every_allowed_impurity_is_still_there():
    for name, what in ALLOWED_IMPURITIES.items():
        found = checks.impurities(tree.tree_of(tree.pure_modules()[name]))

        assert any(what in line for line in found), name


def money_floats(name: str, path: Path) -> list[str]:
    allowed = ALLOWED_FLOATS.get(name)
    found = checks.float_money(tree.tree_of(path))
    return [line for line in found if allowed is None or f"{allowed}:" not in line]


def test_every_allowed_float_is_still_there():
    for name, what in ALLOWED_FLOATS.items():
        found = checks.float_money(tree.tree_of(tree.modules()[name]))

        assert any(f"{what}:" in line for line in found), name


def test_money_is_never_a_float():
    found = {
        name: faults
        for name, path in tree.modules().items()
        if not name.startswith(FLOAT_FLOORS)
        if (faults := money_floats(name, path))
    }

    assert found == {}
