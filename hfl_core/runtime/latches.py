"""Carries the engine's stops to the latch and its files, and finds files it does not know."""

from pathlib import Path

from hfl_core.domain.effects import ClearLatch, SetLatch
from hfl_core.domain.events import LatchFound
from hfl_core.engine.book import Book
from hfl_core.gateway import latch_files
from hfl_core.gateway.latch import MemoryLatch


class LatchKeeper:
    """Writes and removes latch files; directory None means memory alone (backtests)."""

    def __init__(self, latch: MemoryLatch, directory: str | None) -> None:
        self._latch = latch
        self._directory = directory

    def set(self, effect: SetLatch) -> None:
        """Engage in memory first, then on disk."""
        self._latch.engage(effect.level, effect.latch_id)
        if self._directory is not None:
            latch_files.set_stop(
                self._directory,
                effect.level,
                effect.latch_id,
                reason=effect.reason,
                actor="engine",
            )

    def clear(self, effect: ClearLatch) -> None:
        """Remove exactly these stops.

        Files first, so that a crash in between leaves them in force.
        """
        if self._directory is not None:
            latch_files.clear(self._directory, effect.latch_ids)
        self._latch.release(effect.latch_ids)

    def unknown_files(self, book: Book) -> list[LatchFound]:
        """Return the stops that stand on disk and not in the journal, engaging them in memory."""
        if self._directory is None or not Path(self._directory).is_dir():
            return []
        found = []
        for level, latch_id in latch_files.read(self._directory).stops:
            if latch_id not in book.latches:
                self._latch.engage(level, latch_id)
                found.append(LatchFound(level=level, latch_id=latch_id, text="a latch file"))
        return found
