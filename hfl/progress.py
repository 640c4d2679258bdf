"""A progress bar for long work: only on a terminal, only when it takes longer than a moment."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE_S: Final = 0.5
STEP: Final = 256


class Progress:
    """Shows how far something of a known length has come."""

    def __init__(self, what: str, *, total: int, is_quiet: bool = False) -> None:
        self.is_shown = not is_quiet and sys.stderr.isatty()
        self._what = what
        self._total = total
        self._began_s = time.monotonic()
        self._calls = 0
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def at(self, done: int) -> None:
        """Say how far it is; called often, does something now and then."""
        self._calls += 1
        if not self.is_shown or self._calls % STEP:
            return
        if self._bar is None:
            if time.monotonic() - self._began_s < PATIENCE_S:
                return
            self._begin()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done)

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task(self._what, total=self._total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
