"""The keeper: a stop goes to memory first, is lifted from disk first, and files are found."""

import shutil
from pathlib import Path

import pytest

from hfl_core.domain.effects import ClearLatch, SetLatch
from hfl_core.domain.events import StopLatched
from hfl_core.engine.book import Book
from hfl_core.gateway import latch_files
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.runtime.latches import LatchKeeper
from tests.engine.test_book import told


@pytest.fixture
def folder(tmp_path: Path) -> str:
    path = str(tmp_path / "latch")
    latch_files.prepare(path)
    return path


def stop(latch_id: str = "p1", level: str = "reduce_only") -> SetLatch:
    return SetLatch(level=level, latch_id=latch_id, reason="lunch")


def test_a_stop_stands_in_memory_and_on_disk_until_it_is_lifted(folder: str):
    latch = MemoryLatch(folder)
    keeper = LatchKeeper(latch, folder)
    keeper.set(stop())
    during = (latch.state().level, latch_files.read(folder).stops)
    keeper.clear(ClearLatch(latch_ids=("p1",)))

    assert during == ("reduce_only", (("reduce_only", "p1"),))
    assert (latch.state().level, latch_files.read(folder).stops) == ("none", ())


def test_a_disk_that_takes_nothing_leaves_the_stop_in_memory(folder: str):
    shutil.rmtree(folder)
    latch = MemoryLatch(None)
    LatchKeeper(latch, folder).set(stop())

    assert latch.state().level == "reduce_only"


def test_what_cannot_be_removed_from_disk_stays_in_force(
    folder: str, monkeypatch: pytest.MonkeyPatch
):
    latch = MemoryLatch(folder)
    keeper = LatchKeeper(latch, folder)
    keeper.set(stop())

    def fail(directory: str, ids: tuple[str, ...]) -> None:
        raise OSError("read-only")

    monkeypatch.setattr(latch_files, "clear", fail)
    keeper.clear(ClearLatch(latch_ids=("p1",)))

    assert latch.state().level == "reduce_only"


def test_a_file_that_the_journal_does_not_know_is_found_and_engaged(folder: str):
    latch_files.set_stop(folder, "kill", "by-hand", reason="enough", actor="human")
    latch = MemoryLatch(None)
    found = LatchKeeper(latch, folder).unknown_files(Book())

    assert [(event.level, event.latch_id) for event in found] == [("kill", "by-hand")]
    assert latch.state().level == "kill"


def test_a_file_that_the_journal_knows_is_no_news(folder: str):
    latch_files.set_stop(folder, "kill", "k1", reason="enough", actor="human")
    book = told(StopLatched(level="kill", latch_id="k1", reason="", actor="human"))

    assert LatchKeeper(MemoryLatch(folder), folder).unknown_files(book) == []


@pytest.mark.parametrize("directory", [None, "/nonexistent/latch"])
def test_without_a_folder_there_are_no_files(directory: str | None):
    assert LatchKeeper(MemoryLatch(None), directory).unknown_files(Book()) == []
