"""What the journal's tests share.

Paths in a temporary directory, a clock that only moves when asked, a story of events.
"""

from pathlib import Path

import pytest

from hfl_journal.paths import JournalPaths
from tests.journal.story import StepClock


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
def paths(tmp_path: Path) -> JournalPaths:
    return JournalPaths(
        directory=tmp_path / "journal",
        key_directory=tmp_path / "config" / "keys",
        mode="paper",
        account="demo",
    )
