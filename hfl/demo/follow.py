"""Reads the journal while the daemon writes it: the demo tells nothing that is not a row there."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from hfl.demo.stage import DemoError
from hfl_core.domain import events as ev
from hfl_core.domain.errors import JournalError
from hfl_core.ports import JournalRow
from hfl_journal.reader import JournalReader

LOOK_S: Final = 0.02
E = TypeVar("E", bound=ev.Event)


class Follower:
    """Every row so far, in order, and waiting for the next one of a kind."""

    def __init__(self, path: Path, is_running: Callable[[], bool]) -> None:
        self._path = path
        self._is_running = is_running
        self.rows: list[JournalRow] = []

    def look(self) -> None:
        """Take in what was committed since the last look."""
        if not self._path.exists():
            return
        try:
            with JournalReader.open(self._path) as reader:
                while page := reader.rows(self.rows[-1].seq if self.rows else 0):
                    self.rows.extend(page)
        except JournalError:
            # A journal is being created, or its log changes under a copy: the next look sees it.
            return

    def wait(
        self, found: Callable[[], JournalRow | None], what: str, *, seconds: float
    ) -> JournalRow:
        """Look until `found` returns a row. Raises DemoError when time or the daemon is over."""
        ends_s = time.monotonic() + seconds
        while True:
            was_running = self._is_running()
            self.look()
            row = found()
            if row is not None:
                return row
            if not was_running:
                raise DemoError(f"expected {what}, found that the daemon ended before")
            if time.monotonic() > ends_s:
                raise DemoError(f"expected {what} within {seconds:g} s, found none")
            time.sleep(LOOK_S)

    def events(self, kind: type[E], *, after: int = 0) -> Iterator[tuple[JournalRow, E]]:
        """Yield the rows of one kind behind a row."""
        for row in self.rows:
            if row.seq > after and isinstance(row.event, kind):
                yield row, row.event

    def first(
        self, kind: type[E], fits: Callable[[E], bool] = lambda _: True, *, after: int = 0
    ) -> JournalRow | None:
        """Return the first row of a kind that fits, or None."""
        return next((row for row, event in self.events(kind, after=after) if fits(event)), None)

    def last_seq(self) -> int:
        """Return the newest row's number."""
        return self.rows[-1].seq if self.rows else 0
