"""One real journal for what the screen is given."""

import pytest

from tests.hfl.journals import Made, make_journal


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a home with one finished run of 700 slots of three instruments."""
    return make_journal(tmp_path_factory.mktemp("given") / "home")
