"""The stop itself, off the event loop: two presses, the latch file first, then the ladder.

Called on the driver's input thread as well as by the screens. Nothing here waits for the event loop
or writes to the terminal, so that a frozen screen stops the bot as fast as a live one.
"""

import threading
import time
from dataclasses import dataclass
from typing import Final

from hfl_tui.ports import Stop, Stopper

# Two presses within this pause the bot.
WINDOW_S: Final = 2.0
# A stop that is asked for again while it is under way, or just was, is the same one.
SAME_S: Final = 5.0
PAUSE: Final = "pause"
CLOSE_ALL: Final = "close_all"
KILL: Final = "kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the ladder: the event, milliseconds since the stop began, a sentence."""

    event: str
    milliseconds: float
    sentence: str
    wall_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """One stop, as far as it has come. exit_code: None while it climbs."""

    verb: str
    request_id: str
    began_wall_ns: int
    steps: tuple[Step, ...] = ()
    exit_code: int | None = None

    @property
    def events(self) -> tuple[str, ...]:
        """Return what happened so far, in order."""
        return tuple(step.event for step in self.steps)


class Siren:
    """Makes stops happen; `trail` is the newest one, for whoever looks."""

    def __init__(self, stopper: Stopper) -> None:
        self._stopper = stopper
        self._lock = threading.Lock()
        self._pressed_s: float | None = None
        self._began_s = 0.0
        self._trail: Trail | None = None
        self._threads: list[threading.Thread] = []

    @property
    def trail(self) -> Trail | None:
        """Return the newest stop, None when there was none."""
        return self._trail

    @property
    def is_recent(self) -> bool:
        """Tell whether the newest stop is under way, or was a moment ago."""
        trail = self._trail
        if trail is None:
            return False
        return trail.exit_code is None or time.monotonic() - self._began_s < SAME_S

    def press(self, now_s: float) -> bool:
        """Take one press of the stop key (now_s: monotonic); the second in time pauses the bot."""
        last, self._pressed_s = self._pressed_s, now_s
        if last is None or now_s - last > WINDOW_S:
            return False
        self.stop(PAUSE)
        return True

    def stop(self, verb: str) -> Trail:
        """Write the latch file here and now, then climb the ladder on a thread of its own."""
        with self._lock:
            now_s = time.monotonic()
            trail = self._trail
            if trail is not None and trail.verb == verb and now_s - self._began_s < SAME_S:
                return trail
            stop = self._stopper.prepare(verb)
            self._began_s = now_s
            began_ns = time.time_ns()  # noqa: TID251 - told to a person; the ladder has its own clock
            self._trail = Trail(verb=verb, request_id=stop.request_id, began_wall_ns=began_ns)
            self._latch(stop)
        thread = threading.Thread(target=self._climb, args=(stop,), name="hfl-stop", daemon=True)
        self._threads.append(thread)
        thread.start()
        return self._trail

    def wait(self, timeout_s: float) -> None:
        """Wait until every stop is at its end, so that leaving does not cut one short."""
        ends_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, ends_s - time.monotonic()))

    def _latch(self, stop: Stop) -> None:
        try:
            self._add(stop.request_id, "latched", stop.latch())
        except (OSError, ValueError) as error:
            # The ladder tries once more, and calls the daemon in any case.
            self._add(stop.request_id, "latch_failed", f"{error}; going on")

    def _climb(self, stop: Stop) -> None:
        def say(event: str, milliseconds: float, sentence: str) -> None:
            del milliseconds
            trail = self._trail
            is_repeated = trail is not None and event == "latched" and "latched" in trail.events
            if not is_repeated:
                self._add(stop.request_id, event, sentence)

        try:
            code = stop.climb(say)
        except Exception as error:  # noqa: BLE001 - the last step of a stop tells whatever it was
            self._add(stop.request_id, "failed", f"{type(error).__name__}: {error}")
            code = 1
        trail = self._trail
        if trail is not None and trail.request_id == stop.request_id:
            self._trail = Trail(
                verb=trail.verb,
                request_id=trail.request_id,
                began_wall_ns=trail.began_wall_ns,
                steps=trail.steps,
                exit_code=code,
            )

    def _add(self, request_id: str, event: str, sentence: str) -> None:
        trail = self._trail
        if trail is None or trail.request_id != request_id:
            return
        step = Step(
            event=event,
            milliseconds=round((time.monotonic() - self._began_s) * 1000, 1),
            sentence=sentence,
            wall_ns=time.time_ns(),  # noqa: TID251 - told to a person
        )
        self._trail = Trail(
            verb=trail.verb,
            request_id=trail.request_id,
            began_wall_ns=trail.began_wall_ns,
            steps=(*trail.steps, step),
            exit_code=trail.exit_code,
        )
