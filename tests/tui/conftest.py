"""One real journal for the viewer's tests, and small ones made from its rows."""

import pytest

from hfl.home import home_paths
from hfl_config.create import create_home
from tests.hfl.journals import Made, make_journal


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a home with one finished run of 700 slots of three instruments."""
    return make_journal(tmp_path_factory.mktemp("screen") / "home")


@pytest.fixture
def home(made, tmp_path):
    """Return a home with the made journal, prepared as `hfl init` does."""
    target = tmp_path / "home"
    create_home(home_paths(str(target)))
    journal = made.home.journal.journal
    for found in journal.parent.iterdir():
        (target / "journal" / found.name).write_bytes(found.read_bytes())
    return target
