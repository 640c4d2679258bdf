"""Where blocking calls run: a bounded pool of threads, or at once in the caller for simulations."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, Protocol

WORKERS: Final = 4

Job = Callable[[], None]


class Workers(Protocol):
    """Runs jobs that never raise."""

    @property
    def is_inline(self) -> bool: ...
    def submit(self, job: Job) -> None: ...
    def close(self) -> None: ...


class InlineWorkers:
    """Runs every job at once: simulations and backtests, where calls never block."""

    is_inline: Final = True

    def submit(self, job: Job) -> None:
        """Run the job."""
        job()

    def close(self) -> None:
        """Nothing to end."""


class ThreadWorkers:
    """A fixed number of daemon threads.

    A call that hangs for ever cannot keep the process alive.
    """

    is_inline: Final = False

    def __init__(self, count: int = WORKERS, *, name: str = "broker") -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job."""
        self._jobs.put(job)

    def close(self) -> None:
        """Ask every idle thread to end; hung ones die with the process."""
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            job()
