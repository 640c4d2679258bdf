"""A thread for questions that may take a while; of each kind only the newest one is answered."""

import contextlib
import threading
from collections.abc import Callable
from functools import partial

Job = Callable[[Callable[[], bool]], Callable[[], None]]
Hand = Callable[[Callable[[], None]], object]


class Lane:
    """Works off questions one after the other. hand: takes an answer over to the screen's thread.

    A job is given a function that tells whether its answer is still wanted, and returns what to
    do with it; a newer question of the same kind makes an older one unwanted.
    """

    def __init__(self, name: str, *, hand: Hand) -> None:
        self._name = name
        self._hand = hand
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition()
        self._newest: dict[str, int] = {}
        self._is_ending = False
        self._thread: threading.Thread | None = None

    def ask(self, kind: str, job: Job) -> None:
        """Put a question; an older one of its kind that has not begun is left out."""
        with self._changed:
            self._newest[kind] = self._newest.get(kind, 0) + 1
            self._jobs[kind] = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def forget(self, kind: str) -> None:
        """Nobody wants the answers of a kind any more."""
        with self._changed:
            self._newest[kind] = self._newest.get(kind, 0) + 1
            self._jobs.pop(kind, None)

    def end(self) -> None:
        """Leave; what is under way is not waited for."""
        with self._changed:
            self._is_ending = True
            self._jobs.clear()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._is_ending:
                    self._changed.wait()
                if self._is_ending:
                    return
                kind = next(iter(self._jobs))
                job, number = self._jobs.pop(kind), self._newest[kind]
            answer = job(partial(self._is_wanted, kind, number))
            if self._is_wanted(kind, number):
                self.hand(answer)

    def hand(self, answer: Callable[[], None]) -> None:
        """Take an answer over to the screen's thread; a screen that is gone does not mind."""
        with contextlib.suppress(RuntimeError):
            self._hand(answer)

    def _is_wanted(self, kind: str, number: int) -> bool:
        return not self._is_ending and self._newest[kind] == number
