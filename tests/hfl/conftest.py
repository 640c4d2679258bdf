"""One real journal for all reading verbs of this folder; tests that damage one copy it."""

import shutil
from pathlib import Path

import pytest

from tests.hfl.journals import Made, make_journal


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a home with one finished run of 700 slots of three instruments."""
    return make_journal(tmp_path_factory.mktemp("reading") / "home")


@pytest.fixture
def copied(made: Made, tmp_path: Path) -> Path:
    """Return a copy of the home that a test may damage."""
    target = tmp_path / "copy"
    shutil.copytree(made.folder, target)
    return target


@pytest.fixture
def hfl(capsys):
    """Return what runs a verb and gives (exit code, stdout, stderr)."""
    from hfl.cli import main

    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call
