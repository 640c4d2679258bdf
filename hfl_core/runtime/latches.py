"""Carries the engine's stops to the latch and its files, and finds files it does not know."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

from hfl_core.domain.effects import ClearLatch, SetLatch
from hfl_core.domain.events import LatchFound
from hfl_core.engine.book import Book
from hfl_core.gateway import latch_files
from hfl_core.gateway.latch import MemoryLatch

FILE_BYTES_MAX: Final = 16 * 1024


class LatchKeeper:
    """Writes and removes latch files; directory None means memory alone (backtests)."""

    def __init__(self, latch: MemoryLatch, directory: str | None) -> None:
        self._latch = latch
        self._directory = directory

    def set(self, effect: SetLatch) -> None:
        """Engage in memory first, then on disk."""
        self._latch.engage(effect.level, effect.latch_id)
        if self._directory is None:
            return
        # Memory and journal hold the stop; a full disk must not end what guards the positions.
        with suppress(OSError):
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
        try:
            if self._directory is not None:
                latch_files.clear(self._directory, effect.latch_ids)
        except OSError:
            # What could not be removed stays in force; `unknown_files` finds it again.
            return
        self._latch.release(effect.latch_ids)

    def unknown_files(self, book: Book) -> list[LatchFound]:
        """Return the stops that stand on disk and not in the journal, engaging them in memory."""
        if self._directory is None or not Path(self._directory).is_dir():
            return []
        found = []
        for level, latch_id in latch_files.read(self._directory).stops:
            if latch_id not in book.latches:
                self._latch.engage(level, latch_id)
                text = _text_of(Path(self._directory, f"{level}-{latch_id}"))
                found.append(LatchFound(level=level, latch_id=latch_id, text=text))
        return found


def _text_of(path: Path) -> str:
    """Return why and by whom a stop was written, as far as its file says; the name alone stops."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(FILE_BYTES_MAX))
        return f"{content['reason']} (by {content['actor']})"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "a latch file"
