"""Stop all without the engine: latch, end the daemon, cancel all orders, close all positions.

Needs no daemon and no journal; a hung daemon is ended first (SIGTERM, then SIGKILL), because two
must not trade one account. What was done is written down and adopted by the next `hfl run`, which
starts halted until `hfl resume`. The paper venue fills closes at the next bar, so after that.

Exit codes: 0 flat and confirmed; 2 arguments; 5 latched, but the venue has not confirmed all of it;
6 not typed, not latched, or the daemon could not be ended.
"""

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Final

from hfl.home import Home
from hfl.reading import find_home
from hfl.terms import venue_options
from hfl.verb import BROKER, CONTROL, DONE, add_account, add_json
from hfl_config.diff import load_effective
from hfl_core.brokers.paper import Broker
from hfl_core.control import client
from hfl_core.control.panic import panic
from hfl_core.control.panic_values import PanicOrder, PanicReport
from hfl_core.domain.errors import BrokerError, ControlError, HflError
from hfl_core.gateway import latch_files
from hfl_core.runtime.clock import MachineClock
from hfl_core.venue.link import VenueOptions, start_venue
from hfl_journal.reader import JournalReader

WORD: Final = "PANIC"
# Nobody brings the paper venue bars while the engine is down, so waiting for fills is in vain.
FILL_WAIT_S: Final = 1.0


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add why, and what a script types."""
    del verb
    parser.add_argument("--reason", default="", help="why, for the journal and whoever resumes")
    parser.add_argument("--type", dest="typed", metavar="WORD", help=f"{WORD}, for scripts")
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Ask, act, report."""
    del verb
    home = find_home(arguments.home, arguments.account, arguments.mode)
    if _typed(arguments, home) != WORD:
        raise ControlError(f"expected the word {WORD}, found another: nothing was done")
    request_id = client.request_id()
    reason = arguments.reason or "hfl panic was typed"
    actor = f"cli:{os.environ.get('USER') or os.getuid()}"

    def set_latch() -> str:
        written = latch_files.set_stop(
            home.paths.latch, latch_files.KILL, request_id, reason=reason, actor=actor
        )
        return written.detail or f"kill-{request_id} in {home.paths.latch}"

    say = _silent if arguments.is_json else _say
    try:
        # Before anything that takes time: starting the venue, reading the configuration.
        set_latch()
    except OSError as error:
        say(f"the latch file could not be written yet: {error.strerror or error}")
    troubles = wake_venue(home)
    for trouble in troubles:
        say(trouble)
    order = PanicOrder(
        request_id=request_id,
        reason=reason,
        actor=actor,
        mode=home.mode,
        journal_id=_journal_id(home),
        lock_path=home.lock_file,
        spool_path=home.spool_file,
        set_latch=set_latch,
        fill_wait_s=FILL_WAIT_S,
    )
    socket_path = Path(home.paths.venue_socket(home.account))
    report = panic(order, Broker(socket_path, account=home.account), say=say)
    if arguments.is_json:
        fields = dataclasses.asdict(report)
        fields |= {"verdict": report.verdict, "clean": report.is_clean, "before": list(troubles)}
        sys.stdout.write(json.dumps(fields) + "\n")
    else:
        sys.stdout.write(_text(report))
    return _code(report)


def _typed(arguments: argparse.Namespace, home: Home) -> str:
    if arguments.typed is not None:
        return str(arguments.typed)
    if not sys.stdin.isatty() or arguments.is_json:
        raise ControlError(f"expected a human at a terminal, found none: scripts add --type {WORD}")
    sys.stdout.write(
        f"PANIC ends the daemon of {home.mode}-{home.account}, cancels every order and closes "
        f"every position.\nType {WORD} to do it, anything else to leave it: "
    )
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def wake_venue(home: Home) -> tuple[str, ...]:
    """Have the paper venue serve, so that it can be told; return what did not work."""
    options, troubles = _options(home)
    if not options.directory.is_dir():
        return (*troubles, f"no paper venue was ever started in {options.directory}")
    try:
        start_venue(options)
    except BrokerError as error:
        return (*troubles, str(error))
    return troubles


def _options(home: Home) -> tuple[VenueOptions, tuple[str, ...]]:
    """Return how to start the venue; a configuration that cannot be read must not be in the way."""
    try:
        loaded, _ = load_effective(home.paths, now_ns=MachineClock().wall_ns())
        # Planned misbehaviour is for drills of the daemon.
        return dataclasses.replace(venue_options(home, loaded), faults=""), ()
    except HflError as error:
        plain = VenueOptions(
            directory=Path(home.paths.venue_dir(home.account)),
            socket_path=Path(home.paths.venue_socket(home.account)),
            account=home.account,
        )
        return plain, (f"going on without the configuration: {error}",)


def _journal_id(home: Home) -> str:
    """Return which orders are ours; empty when nobody can say, then all of the account's are."""
    try:
        with JournalReader.open(home.journal.journal) as reader:
            return reader.meta.get("journal_id", "")
    except HflError:
        return ""


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def _silent(sentence: str) -> None:
    """Say nothing: everything is in the JSON document at the end."""


def _text(report: PanicReport) -> str:
    lines = [
        f"cancelled {len(report.cancelled)} orders, closed {len(report.closed)} positions",
    ]
    if report.unconfirmed:
        lines.append(f"unconfirmed: {', '.join(report.unconfirmed)}")
    if report.open_positions:
        lines.append(
            "the paper venue fills closes at the next bar: start `hfl run`, which waits halted, "
            "then let it take bars with `hfl resume`"
        )
    if not report.is_spooled:
        lines.append("what was done could not be written down: keep this output")
    lines.append("the next start is halted until `hfl resume`")
    return "\n".join(lines) + "\n"


def _code(report: PanicReport) -> int:
    if not report.is_latched or not report.is_daemon_ended:
        return CONTROL
    return DONE if report.is_clean else BROKER
