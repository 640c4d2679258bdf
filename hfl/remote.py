"""Commands to a running daemon over its emergency socket, and what came of them by its journal."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from hfl.home import Home
from hfl_core.control import client
from hfl_core.domain import events as ev
from hfl_core.domain.errors import ControlError
from hfl_journal.reader import JournalReader

T = TypeVar("T")

ANSWER_S: Final = 5.0
OUTCOME_S: Final = 10.0
POLL_S: Final = 0.02
# A command's outcomes stand right behind it, in the same transaction.
OUTCOMES_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command led to, as journaled. refused: why not, empty when it was carried out."""

    refused: str
    events: tuple[ev.Event, ...]


def command(
    home: Home, verb: str, *, reason: str, arguments: Mapping[str, str], actor: str = "cli"
) -> dict[str, object]:
    """Send one command and return the answer's fields, with its request_id.

    Raises ControlError when there is no daemon or it refuses.
    """
    request = {
        "verb": verb,
        "request_id": client.request_id(),
        "reason": reason,
        "actor": actor,
        "arguments": dict(arguments),
    }
    try:
        reply = client.call(home.paths.emergency_socket, request, timeout_s=ANSWER_S)
    except (OSError, ValueError) as error:
        raise no_daemon(home) from error
    if not reply.is_ok:
        raise ControlError(f"the daemon refused {verb}: {reply.detail}")
    return dict(reply.fields)


def ask(home: Home, verb: str, *, timeout_s: float = 1.0) -> dict[str, object] | None:
    """Ask a reading verb; None when no daemon answers."""
    try:
        reply = client.call(
            home.paths.emergency_socket,
            {"verb": verb, "request_id": client.request_id()},
            timeout_s=timeout_s,
        )
    except (OSError, ValueError):
        return None
    return dict(reply.fields) if reply.is_ok else None


def snapshot(home: Home) -> dict[str, object] | None:
    """Return what the engine's thread last said of itself; None when no daemon answers."""
    answer = ask(home, "risk_check")
    taken = answer.get("snapshot") if answer is not None else None
    return taken if isinstance(taken, dict) else None


def no_daemon(home: Home) -> ControlError:
    """Return the sentence for a command that needs a daemon where none answers."""
    return ControlError(
        f"expected a running daemon of {home.mode}-{home.account}, found none that answers at "
        f"{home.paths.emergency_socket}: start it with `hfl run` and try again"
    )


def await_outcome(home: Home, request_id: str, *, timeout_s: float = OUTCOME_S) -> Outcome:
    """Wait until the engine has journaled a command; return what it led to.

    Raises ControlError when the engine does not come to it in time.
    """
    with JournalReader.open(home.journal.journal) as reader:

        def look() -> Outcome | None:
            for row in reader.rows_about(request_id):
                if isinstance(row.event, ev.CommandReceived):
                    behind = reader.rows(row.seq, OUTCOMES_MAX)
                    events = tuple(each.event for each in behind if each.cause_seq == row.seq)
                    refused = [e.why for e in events if isinstance(e, ev.CommandRefused)]
                    return Outcome(refused=refused[0] if refused else "", events=events)
            return None

        found = poll(look, timeout_s=timeout_s)
    if found is None:
        raise ControlError(
            f"expected the engine to take the command within {timeout_s:g} s, found it busy: it "
            "was handed in and may still be carried out, look with `hfl status`"
        )
    return found


def poll(look: Callable[[], T | None], *, timeout_s: float) -> T | None:
    """Return the first answer that is not None, or None when time is over."""
    ends_s = time.monotonic() + timeout_s
    while True:
        found = look()
        if found is not None or time.monotonic() >= ends_s:
            return found
        time.sleep(POLL_S)
