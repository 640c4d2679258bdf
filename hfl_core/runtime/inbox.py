"""The one way into the engine's thread: a bounded queue, operator commands first."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.domain.events import Event

ANSWERS_MAX: Final = 10_000
COMMANDS_MAX: Final = 256


class Letter(NamedTuple):
    """One input on its way to the engine: who sent it and what it is."""

    event: Event
    actor: str


class Inbox:
    """Thread-safe; commands overtake answers, answers keep their order.

    `expect` and `put_answers` keep count of the effects still out: one call each for every effect.
    What `fail` was given ends the run: the engine's thread raises it before it takes anything else.
    """

    def __init__(self) -> None:
        self._answers: deque[Letter] = deque()
        self._commands: deque[Letter] = deque()
        self._lock = threading.Lock()
        self._ready = threading.Condition(self._lock)
        self._outstanding = 0
        self._failure: Exception | None = None

    def expect(self) -> None:
        """Count one effect whose answer will come."""
        with self._lock:
            self._outstanding += 1

    @property
    def outstanding(self) -> int:
        """Return how many effects have not been answered yet."""
        return self._outstanding

    def put_command(self, event: Event, *, actor: str) -> bool:
        """Queue a command; return False when the queue is full and it was not taken."""
        with self._ready:
            if len(self._commands) >= COMMANDS_MAX:
                return False
            self._commands.append(Letter(event, actor))
            self._ready.notify()
            return True

    def put_answers(self, events: list[Event], *, actor: str) -> None:
        """Queue everything that came of one expected effect, in order; too many end the run."""
        with self._ready:
            if self._has_room(len(events)):
                self._answers.extend([Letter(event, actor) for event in events])
                self._outstanding -= 1
            self._ready.notify()

    def put_own(self, events: Sequence[Event], *, actor: str) -> None:
        """Queue answers that were not expected, for they came at once, on the engine's thread."""
        if self._has_room(len(events)):
            for event in events:
                self._answers.append(Letter(event, actor))

    def fail(self, error: Exception) -> None:
        """End the run with an error, from any thread; the first one counts."""
        with self._ready:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._failure = self._failure or error
        self._ready.notify()

    def _has_room(self, count: int) -> bool:
        waiting = len(self._answers) + count
        if waiting <= ANSWERS_MAX:
            return True
        self._failure = self._failure or BrokerError(
            f"expected at most {ANSWERS_MAX} answers waiting for the engine, found "
            f"{waiting}: start again with `hfl run`, which asks the venue for what was "
            "not taken in",
            reached=Reached.UNKNOWN,
        )
        return False

    def take(self, timeout_s: float) -> Letter | None:
        """Return the next letter, waiting at most timeout_s; None when there is none.

        Raises what `fail` was given.
        """
        if timeout_s > 0 and self.is_empty:
            with self._ready:
                if self.is_empty:
                    self._ready.wait(timeout_s)
        if self._failure is not None:
            raise self._failure
        # Only the engine's thread takes, and deques are safe to append to meanwhile: no lock.
        if self._commands:
            return self._commands.popleft()
        return self._answers.popleft() if self._answers else None

    def wake(self) -> None:
        """End a `take` that waits: something else than a letter is there; from any thread."""
        with self._ready:
            self._ready.notify()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is waiting, not even the end of the run."""
        return not self._commands and not self._answers and self._failure is None
