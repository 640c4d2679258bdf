"""Fixtures of the latch."""

import pytest

from hfl_core.gateway import latch_files
from tests.gateway.kit import Disk


@pytest.fixture
def directory(tmp_path):
    """Return a latch directory as `hfl init` leaves it."""
    path = tmp_path / "run" / "latch"
    latch_files.prepare(str(path))
    return path


@pytest.fixture
def disk(monkeypatch):
    """Return the disk that the latch's files are on from here."""
    watched = Disk()
    monkeypatch.setattr(latch_files, "os", watched)
    return watched
