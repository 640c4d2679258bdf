"""The escalation ladder of a stop as a pure state machine, shared by command line and screen.

A stop climbs only as far as it must. First the latch file is written, whatever else is broken.
Then the daemon is called on its emergency socket. A `kill` that is not acknowledged within 1 s, or
whose process has not ended 3 s after its acknowledgement (2 s of them are for cancelling entries),
is followed by SIGTERM, and 2 s later by SIGKILL; then the venue is asked what is left. `pause` and
`close_all` never signal: the gateway reads the latch file before every order. What is not in the
table raises ValueError.

Does no I/O and reads no clock: `stopping.py` carries it out, and a screen may do so in its own
way. Plain classes and no imports, because `hfl kill` comes through here.
"""

from __future__ import annotations

# Exit codes of `hfl kill` and `hfl pause` (and of anything else that climbs this ladder);
# documented and stable.
DONE = 0  # latched; acknowledged (kill: and the process has ended), or no daemon was running
FAILED = 1  # something unforeseen
USAGE = 2  # the command line could not be understood: nothing was done
UNCONFIRMED = (
    3  # latched, but not acknowledged, ended by a signal, or orders at the venue unconfirmed
)
STILL_RUNNING = 4  # latched, but the process could not be ended
NOT_LATCHED = 5  # the latch file could not be written, but the daemon acknowledged or was ended
NOTHING = 6  # neither latched nor acknowledged nor ended: use the broker's own site

VERBS = ("kill", "pause", "close_all")
PHASES = (
    "latching",
    "calling",
    "exiting",
    "terminating",
    "killing",
    "checking",
    "done",
)
EVENTS = (
    "latched",
    "latch_failed",
    "acknowledged",
    "unreachable",
    "no_daemon",
    "exited",
    "deadline",
    "signal_failed",
    "checked",
    "unconfirmed",
    "unchecked",
)
ACTIONS = ("latch", "call", "wait", "terminate", "kill", "check", "finish")
FIRST_PHASE = "latching"
FIRST_ACTION = "latch"
# How long a phase may last, from entering it. The others are one bounded action.
LIMIT_S = {"calling": 1.0, "exiting": 3.0, "terminating": 2.0, "killing": 2.0}

_KILL = {
    ("latching", "latched"): ("calling", "call"),
    ("latching", "latch_failed"): ("calling", "call"),
    ("calling", "unreachable"): ("calling", "call"),
    ("calling", "acknowledged"): ("exiting", "wait"),
    ("calling", "no_daemon"): ("checking", "check"),
    ("calling", "exited"): ("checking", "check"),
    ("calling", "deadline"): ("terminating", "terminate"),
    ("exiting", "exited"): ("checking", "check"),
    ("exiting", "deadline"): ("terminating", "terminate"),
    ("terminating", "exited"): ("checking", "check"),
    ("terminating", "deadline"): ("killing", "kill"),
    ("terminating", "signal_failed"): ("killing", "kill"),
    ("killing", "exited"): ("checking", "check"),
    ("killing", "deadline"): ("checking", "check"),
    ("killing", "signal_failed"): ("checking", "check"),
    ("checking", "checked"): ("done", "finish"),
    ("checking", "unconfirmed"): ("done", "finish"),
    ("checking", "unchecked"): ("done", "finish"),
}
_NOTIFY = {
    ("latching", "latched"): ("calling", "call"),
    ("latching", "latch_failed"): ("calling", "call"),
    ("calling", "unreachable"): ("calling", "call"),
    ("calling", "acknowledged"): ("done", "finish"),
    ("calling", "no_daemon"): ("done", "finish"),
    ("calling", "exited"): ("done", "finish"),
    ("calling", "deadline"): ("done", "finish"),
}
TABLES = {"kill": _KILL, "pause": _NOTIFY, "close_all": _NOTIFY}


def advance(verb: str, phase: str, event: str) -> tuple[str, str]:
    """Return the next phase and the action that begins it.

    Raises ValueError for what is not in the table.
    """
    if verb not in TABLES:
        raise ValueError(f"expected a verb of {', '.join(VERBS)}, found {verb!r}")
    step = TABLES[verb].get((phase, event))
    if step is None:
        raise ValueError(f"expected an event of {verb} in {phase}, found {event!r}")
    return step


def exit_code(verb: str, events: tuple[str, ...]) -> int:
    """Return what a finished climb amounts to. events: all that happened, in order."""
    is_gone = "exited" in events or "no_daemon" in events
    is_answered = "acknowledged" in events
    if "latched" not in events:
        # Nobody was there to acknowledge, and nothing on disk will tell the next start.
        return NOT_LATCHED if is_answered or "exited" in events else NOTHING
    if verb == "kill" and not is_gone:
        return STILL_RUNNING
    is_clean = "deadline" not in events and "unconfirmed" not in events
    return DONE if is_clean and (is_answered or is_gone) else UNCONFIRMED


class Ladder:
    """One climb: remembers where it is, what happened and when.

    All times are monotonic seconds that the caller passes.
    """

    __slots__ = ("_entered_s", "action", "events", "phase", "trail", "verb")

    def __init__(self, verb: str, *, now_s: float) -> None:
        if verb not in TABLES:
            raise ValueError(f"expected a verb of {', '.join(VERBS)}, found {verb!r}")
        self.verb = verb
        self.phase = FIRST_PHASE
        self.action = FIRST_ACTION
        self.events: tuple[str, ...] = ()
        self.trail: tuple[tuple[str, float], ...] = ()
        self._entered_s = now_s

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.phase == "done"

    def feed(self, event: str, *, now_s: float) -> str:
        """Take what happened and return the action to carry out next.

        Raises ValueError for what is not in the table.
        """
        phase, self.action = advance(self.verb, self.phase, event)
        if phase != self.phase:
            self._entered_s = now_s
        self.phase = phase
        # Fifty tries of a silent socket are one thing that happened.
        if event != "unreachable" or self.events[-1:] != (event,):
            self.events = (*self.events, event)
            self.trail = (*self.trail, (event, now_s))
        return self.action

    def remaining_s(self, *, now_s: float) -> float:
        """Return how long the phase may still last, never below zero; then feed `deadline`."""
        return max(0.0, self._entered_s + LIMIT_S.get(self.phase, 0.0) - now_s)

    def exit_code(self) -> int:
        """Return what the finished climb amounts to."""
        return exit_code(self.verb, self.events)
