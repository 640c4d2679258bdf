"""`hfl kill` and `hfl pause`.

The two commands that must work when everything else is broken, and at once.

Standard library only, arguments read by hand: from a shell to latched in at most 60 ms, whole
process. `hfl.cli` hands over to `main` before it imports anything else.
"""

# Paths are text: stops go through here, and pathlib would cost 18 ms of start-up.
# ruff: noqa: PTH110, PTH118

from __future__ import annotations

import os
import sys
import time

from hfl_config import paths
from hfl_core.control import ladder, stopping
from hfl_core.gateway import latch_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERBS = ("kill", "pause")
LEVEL = {"kill": latch_files.KILL, "pause": latch_files.REDUCE_ONLY}
_OPTIONS = ("--reason", "--home", "--request-id")
_MEANING = {
    "kill": """Stop the engine now. Positions and their protective stops STAY at the venue; only a
  close-all that was typed goes on. Only a human resumes.

  1. writes the latch file: from now on no order that raises exposure may begin
  2. calls the daemon, which cancels working entries within 2 s and ends
  3. no acknowledgement within 1 s, or not ended 3 s after it: SIGTERM, and 2 s later SIGKILL
  With no daemon running it latches and returns at once; the next start is halted.""",
    "pause": """Refuse new exposure and cancel working entries. Exits, trailing and protective
  stops go on. Only a human resumes.

  1. writes the latch file: from now on no order that raises exposure may begin
  2. tells the daemon; without an answer within 1 s the latch file alone holds (no process is ended)
  With no daemon running it latches and returns at once; the next start is paused.""",
}
_HELP = """Usage: hfl {verb} [--reason TEXT] [--home DIR] [--request-id ID] [--json]

{meaning}

  --reason TEXT      why, for the journal and for whoever resumes
  --home DIR         the installation to stop (default: HFL_HOME, else the XDG folders)
  --request-id ID    the same id again changes nothing (default: a fresh one)
  --json             one JSON object instead of lines

Exit codes:
  0  stopped, or latched with no daemon running
  1  unforeseen failure
  2  wrong arguments, nothing done
  3  latched, but not acknowledged, ended by a signal, or orders unconfirmed
  4  latched, but the process still runs
  5  not latched, but acknowledged or ended
  6  nothing worked: use the broker's own site
"""


class Arguments:
    """What was typed."""

    __slots__ = ("home", "is_help", "is_json", "reason", "request_id", "verb")

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.reason = ""
        self.home: str | None = None
        self.request_id = ""
        self.is_json = False
        self.is_help = False


def main(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Carry out `kill` or `pause`; argv begins with the verb. Returns the exit code."""
    started_s = time.monotonic()
    try:
        arguments = parse(argv)
        if arguments.is_help:
            sys.stdout.write(_HELP.format(verb=arguments.verb, meaning=_MEANING[arguments.verb]))
            return ladder.DONE
        home = paths.resolve(environ, arguments.home)
        request = _request(arguments, home, environ)
    except ValueError as error:
        sys.stderr.write(f"hfl: {error}\n")
        return ladder.USAGE
    outcome = stopping.carry_out(
        request, started_s=started_s, say=_silent if arguments.is_json else _line
    )
    if arguments.is_json:
        _write(_as_json(request, outcome))
    return outcome.exit_code


def parse(argv: Sequence[str]) -> Arguments:
    """Read the command line. Raises ValueError with one sentence for what it does not know."""
    verb, *rest = argv
    if verb not in VERBS:
        raise ValueError(f"expected {' or '.join(VERBS)}, found {verb!r}: see `hfl --help`")
    arguments = Arguments(verb)
    words = iter(rest)
    for word in words:
        name, has_value, value = word.partition("=")
        if word in ("--help", "-h"):
            arguments.is_help = True
        elif word == "--json":
            arguments.is_json = True
        elif name in _OPTIONS:
            text = value if has_value else next(words, None)
            if text is None:
                raise ValueError(
                    f"expected a value behind {name}, found none: see `hfl {verb} --help`"
                )
            setattr(arguments, name[2:].replace("-", "_"), text)
        else:
            raise ValueError(
                f"expected an option of `hfl {verb}`, found {word!r}: see `hfl {verb} --help`"
            )
    return arguments


def _request(
    arguments: Arguments, home: paths.HomePaths, environ: Mapping[str, str]
) -> stopping.Request:
    request_id = arguments.request_id or os.urandom(8).hex()
    level = LEVEL[arguments.verb]
    latch_files.check_stop(level, request_id)
    reason = arguments.reason or f"hfl {arguments.verb} was typed"
    actor = f"cli:{environ.get('USER') or os.getuid()}"

    def write_latch() -> str:
        written = latch_files.set_stop(home.latch, level, request_id, reason=reason, actor=actor)
        name = f"{level}-{request_id}"
        state = "" if written.is_new else " (was already set)"
        remark = f"; {written.detail}" if written.detail else ""
        if not os.path.exists(os.path.join(home.latch, latch_files.READY)):
            remark += f"; {home.latch} was not prepared by `hfl init`: is it the right home?"
        return f"{name}{state} in {home.latch}{remark}"

    return stopping.Request(
        verb=arguments.verb,
        request_id=request_id,
        reason=reason,
        actor=actor,
        run_dir=home.run,
        socket_path=home.emergency_socket,
        write_latch=write_latch,
    )


def _line(event: str, milliseconds: float, sentence: str) -> None:
    _write(f"{milliseconds:9.1f} ms  {event:<13}  {sentence}\n")


def _silent(event: str, milliseconds: float, sentence: str) -> None:
    """Say nothing: everything is in the JSON object at the end."""


def _write(text: str) -> None:
    # A closed terminal or a full pipe must not keep a stop from going on, nor change its exit code.
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - lives until the process ends


def _as_json(request: stopping.Request, outcome: stopping.Outcome) -> str:
    import json

    events = [event for event, _, _ in outcome.steps]
    steps = [
        {"event": event, "ms": milliseconds, "text": text}
        for event, milliseconds, text in outcome.steps
    ]
    answer = {
        "verb": request.verb,
        "request_id": request.request_id,
        "latched": "latched" in events,
        "acknowledged": "acknowledged" in events,
        "calls_begun": list(outcome.calls_begun),
        "exit_code": outcome.exit_code,
        "steps": steps,
    }
    return json.dumps(answer) + "\n"
