"""Lift stops: shows why the bot was stopped and what is open, then a human types RESUME.

Exactly the stops that were shown are lifted. A loss or drawdown halt can only be lifted once its
period is over. Scripts say `--type RESUME --reason TEXT`. Needs a running daemon: after a kill
start it with `hfl run`, it waits halted until it is resumed.

Exit codes: 0 resumed, or nothing was stopped; 2 arguments; 6 no daemon, not typed, or refused.
"""

import argparse
import json
import sys
from typing import Final

from hfl.home import Home
from hfl.reading import find_home
from hfl.remote import await_outcome, command, no_daemon, poll, snapshot
from hfl.standing import Standing, Stop, standing_of
from hfl.verb import DONE, add_account, add_json
from hfl_core.domain.errors import ControlError
from hfl_core.domain.events import Resumed
from hfl_core.gateway import latch_files

WORD: Final = "RESUME"
# A stop that was written without the daemon is taken in within two looks of its pulse.
ADOPTION_S: Final = 4.0
LIFTED_S: Final = 3.0


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add what a script types."""
    del verb
    parser.add_argument("--type", dest="typed", metavar="WORD", help=f"{WORD}, for scripts")
    parser.add_argument("--reason", default="", help="why it is safe to go on, for the journal")
    parser.add_argument(
        "--id",
        action="append",
        default=[],
        metavar="ID",
        help="lift only this stop; again for more",
    )
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Show, ask, lift."""
    del verb
    home = find_home(arguments.home, arguments.account, arguments.mode)
    standing = _adopted(home)
    if not standing.stops:
        return _nothing(standing, is_json=arguments.is_json)
    stops = _chosen(standing, arguments.id)
    if not arguments.is_json:
        sys.stdout.write(standing.text())
    typed, reason = _asked(arguments, len(stops))
    if typed != WORD:
        raise ControlError(f"expected the word {WORD}, found {typed!r}: nothing was lifted")
    if not reason.strip():
        raise ControlError("expected a reason for going on, found none: add --reason TEXT")
    ids = [stop.latch_id for stop in stops]
    sent = command(
        home, "resume", reason=reason, arguments={"typed": WORD, "latch_ids": ",".join(ids)}
    )
    outcome = await_outcome(home, str(sent["request_id"]))
    if outcome.refused:
        raise ControlError(f"not resumed: {outcome.refused}")
    lifted = [i for e in outcome.events if isinstance(e, Resumed) for i in e.latch_ids]
    after = _after(home, frozenset(lifted))
    if arguments.is_json:
        left = [stop.latch_id for stop in after.stops]
        result = {"lifted": lifted, "in_force": left, "state": after.state}
        sys.stdout.write(json.dumps(result) + "\n")
        return DONE
    still = f"; still in force: {', '.join(s.latch_id for s in after.stops)}" if after.stops else ""
    sys.stdout.write(f"resumed: {', '.join(lifted)}; the bot is {after.state}{still}\n")
    return DONE


def _adopted(home: Home) -> Standing:
    """Return what stands, once the engine knows every stop on disk.

    Raises ControlError when there is no daemon.
    """
    found = snapshot(home)
    if found is None:
        on_disk = latch_files.read(home.paths.latch)
        raise _without_daemon(home, on_disk)

    def look() -> Standing | None:
        standing = standing_of(snapshot(home) or found)
        known = {stop.latch_id for stop in standing.stops}
        return standing if known.issuperset(latch_files.read(home.paths.latch).ids) else None

    state = latch_files.read(home.paths.latch)
    if state.detail:
        raise ControlError(f"everything is blocked until this is put right: {state.detail}")
    return poll(look, timeout_s=ADOPTION_S) or standing_of(snapshot(home) or found)


def _without_daemon(home: Home, on_disk: latch_files.LatchState) -> ControlError:
    error = no_daemon(home)
    if not on_disk.stops:
        return error
    named = ", ".join(f"{level} {latch_id}" for level, latch_id in on_disk.stops)
    return ControlError(f"{error} (it will start stopped by {named}, and wait)")


def _nothing(standing: Standing, *, is_json: bool) -> int:
    if standing.state == "halted":
        raise ControlError(
            f"expected a stop to lift, found the bot halted by itself ({standing.halt_reason}): "
            "see `hfl status` and `hfl doctor`"
        )
    if is_json:
        sys.stdout.write(json.dumps({"lifted": [], "in_force": [], "state": standing.state}) + "\n")
    else:
        sys.stdout.write(f"nothing is stopped; the bot is {standing.state}\n")
    return DONE


def _chosen(standing: Standing, ids: list[str]) -> tuple[Stop, ...]:
    known = {stop.latch_id: stop for stop in standing.stops}
    strange = [latch_id for latch_id in ids if latch_id not in known]
    if strange:
        raise ControlError(
            f"expected a stop in force ({', '.join(known)}), found {', '.join(strange)}: look again"
        )
    return tuple(known[latch_id] for latch_id in ids) if ids else standing.stops


def _asked(arguments: argparse.Namespace, count: int) -> tuple[str, str]:
    """Return the typed word and the reason, from the options or from the terminal."""
    if arguments.typed is not None:
        return arguments.typed, arguments.reason
    if not sys.stdin.isatty() or arguments.is_json:
        raise ControlError(
            f"expected a human at a terminal, found none: scripts add --type {WORD} --reason TEXT"
        )
    noun = "this stop" if count == 1 else f"these {count} stops"
    sys.stdout.write(f"Type {WORD} to lift {noun}, anything else to leave it: ")
    sys.stdout.flush()
    typed = sys.stdin.readline().strip()
    reason = arguments.reason
    if typed == WORD and not reason:
        sys.stdout.write("Why is it safe to go on? ")
        sys.stdout.flush()
        reason = sys.stdin.readline().strip()
    return typed, reason


def _after(home: Home, lifted: frozenset[str]) -> Standing:
    def look() -> Standing | None:
        found = snapshot(home)
        standing = standing_of(found) if found is not None else None
        is_over = standing is not None and not lifted & {s.latch_id for s in standing.stops}
        return standing if is_over else None

    return poll(look, timeout_s=LIFTED_S) or Standing(
        state="", halt_reason="", time_ns=0, stops=(), positions={}, orders=0
    )
