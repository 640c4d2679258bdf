"""Fixtures and profiles that every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.support.shared import PROJECT_ROOT, missing_market, shared_folder

EXAMPLES = {"mutants": 30, "quick": 50, "ci": 100, "long": 5_000}

for _name, _examples in EXAMPLES.items():
    # No deadlines: two cores are shared. `ci` and `mutants` draw the same examples every time, so
    # that red is red again; `quick` and `long` explore and print what reproduces a failure. One
    # failure finds a mutant: nobody reads its smallest example.
    settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,
        derandomize=_name in {"ci", "mutants"},
        phases=(Phase.explicit, Phase.generate) if _name == "mutants" else tuple(Phase),
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the folder that holds pyproject.toml."""
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def shared_root() -> Path:
    """Return the folder of real data or skip: HFL_TRUTH_ROOT, else ../shared."""
    missing = missing_market()
    if missing:
        pytest.skip(missing)
    return shared_folder().resolve()


@pytest.fixture(scope="session")
def shared_wire_root(shared_root: Path) -> Path:
    """Return the folder of recorded vendor answers, or skip."""
    root = shared_root / "wire"
    if not root.is_dir():
        pytest.skip(f"recorded answers expected in {root}, found none")
    return root


@pytest.fixture
def hfl_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a fresh HFL_HOME of this test alone, set in the environment."""
    home = tmp_path / "hfl-home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("HFL_HOME", str(home))
    return home
