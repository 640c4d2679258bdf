"""What importing a module really loads, asked of a fresh interpreter."""

import json
import subprocess
import sys

import pytest

from tests.style import tree

pytestmark = pytest.mark.process

HEAVY = frozenset(
    [
        "ccxt",
        "duckdb",
        "lightgbm",
        "matplotlib",
        "mlflow",
        "numba",
        "numpy",
        "pandas",
        "plotly",
        "pyarrow",
        "scipy",
        "sklearn",
        "talib",
        "torch",
        "transformers",
        "vectorbt",
        "xgboost",
        "yfinance",
    ]
)
# Research computes in numpy arrays; nothing that runs with the daemon imports it.
RESEARCH = ("hfl_core.indicators", "hfl_core.metrics", "hfl_core.validation")
LOADED = "import sys, json; before = set(sys.modules); import {}; "
REPORT = "print(json.dumps(sorted(set(sys.modules) - before)))"
KILL_PATH = (
    "hfl.cli",
    "hfl.quick",
    "hfl_config.paths",
    "hfl_core.control.ladder",
    "hfl_core.gateway.latch",
)


def loaded_by(module: str) -> set[str]:
    """Return the names of all modules that importing one adds, in an isolated interpreter."""
    code = LOADED.format(module) + REPORT
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def foreign(names: set[str]) -> set[str]:
    """Return the top-level names that are neither the standard library's nor ours."""
    tops = {name.partition(".")[0] for name in names}
    return {top for top in tops if top not in sys.stdlib_module_names} - set(tree.PACKAGES)


def test_the_probe_sees_what_a_module_pulls_in():
    assert "rich" in foreign(loaded_by("rich.table"))
    assert foreign(loaded_by("json")) == set()


@pytest.mark.parametrize("module", KILL_PATH)
def test_kill_path_loads_the_standard_library_only(module: str):
    assert foreign(loaded_by(module)) == set()


@pytest.mark.parametrize("module", ["asyncio", "sqlite3", "decimal", "ssl"])
def test_command_line_starts_without(module: str):
    assert module not in loaded_by("hfl.cli")


@pytest.mark.parametrize("package", ["hfl", "hfl_core", "hfl_journal", "hfl_config"])
def test_nothing_heavy_is_loaded_before_it_is_used(package: str):
    names = [
        name
        for name in tree.modules()
        if name.partition(".")[0] == package
        and not name.endswith("__main__")
        and not name.startswith(RESEARCH)
    ]
    loaded = loaded_by(", ".join(sorted(names)))

    assert foreign(loaded) & HEAVY == set()
    assert "textual" not in loaded


def test_the_pure_floors_load_nothing_foreign_but_the_base_of_values_and_the_machine():
    names = [name for name in tree.pure_modules() if not name.startswith(RESEARCH)]
    loaded = loaded_by(", ".join(sorted(names)))

    # typing_extensions and six are what those two themselves ask for.
    assert foreign(loaded) - {"typing_extensions", "six"} == {"msgspec", "transitions"}
    assert not loaded & {"sqlite3", "socket", "asyncio"}


def test_research_loads_numpy_and_nothing_that_trades():
    names = [name for name in tree.modules() if name.startswith(RESEARCH)]
    loaded = loaded_by(", ".join(sorted(names)))

    assert foreign(loaded) & HEAVY == {"numpy", "talib"}
    assert not {name for name in loaded if name.startswith(("hfl.", "hfl_core.engine"))}
