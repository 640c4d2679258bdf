"""`python -m hfl_core.venue --dir DIR --socket PATH`: run the paper venue as a process of its own.

Exit codes: 0 ended by itself when idle (or, detached, began to serve), 2 cannot start, 3 another
one serves, 75 a planned restart.
"""

import argparse
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import DataError
from hfl_core.domain.money import exact
from hfl_core.venue.faults import FAULTS, FaultPlan, parse_faults
from hfl_core.venue.link import EXIT_ALREADY_RUNNING
from hfl_core.venue.model import settings_from_record
from hfl_core.venue.server import AlreadyRunningError, Server, listen, take_lock
from hfl_core.venue.store import Store

EXIT_CANNOT_START: Final = 2
_READY: Final = b"ready"
_MESSAGE_BYTES_MAX: Final = 4_096


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    faults = "\n".join(f"  {name:16} {kind.meaning}" for name, kind in FAULTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m hfl_core.venue",
        description="The paper venue: its own process, store and clock.",
        epilog=(
            f"faults: NAME[@VERB] [n=3|7] [p=0.1] [s=SECONDS] [calls=N] [queries=N] "
            f"[kind=KIND]; ...\n{faults}"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dir", type=Path, required=True, help="where the store lives")
    parser.add_argument("--socket", type=Path, required=True, help="the Unix socket to bind")
    parser.add_argument("--account", default="paper", help="the account's name (default: paper)")
    parser.add_argument("--currency", default="USD", help="the account's currency (default: USD)")
    parser.add_argument("--cash", default="0", help="cash of a new account (default: 0)")
    parser.add_argument("--settings", default="{}", help="costs and participation, JSON")
    parser.add_argument("--faults", default="", help="how to misbehave, see below")
    parser.add_argument("--seed", type=int, default=0, help="the faults' seed (default: 0)")
    parser.add_argument(
        "--idle-s",
        type=float,
        default=30.0,
        help="end after so long without connections (default: 30)",
    )
    parser.add_argument(
        "--detach", action="store_true", help="serve in a session of its own; return when it serves"
    )
    return parser.parse_args(argv)


def _serve(arguments: argparse.Namespace, on_ready: Callable[[], None]) -> None:
    take_lock(arguments.dir)
    door = listen(arguments.socket)
    store = Store(arguments.dir / "venue.db")
    desk = store.open_desk(
        FaultPlan(parse_faults(arguments.faults), seed=arguments.seed),
        settings_from_record(json.loads(arguments.settings)),
        account=arguments.account,
        currency=arguments.currency,
        cash=exact(arguments.cash),
    )
    (arguments.dir / "venue.pid").write_text(f"{os.getpid()}\n")
    on_ready()
    Server(desk, store, door.listener, idle_s=arguments.idle_s).run()
    door.close()
    store.close()


def _guarded(arguments: argparse.Namespace, on_ready: Callable[[], None]) -> tuple[int, str]:
    try:
        _serve(arguments, on_ready)
    except AlreadyRunningError as error:
        return EXIT_ALREADY_RUNNING, str(error)
    except (DataError, ValueError, OSError, sqlite3.Error) as error:
        return EXIT_CANNOT_START, str(error)
    return 0, ""


def _detached(arguments: argparse.Namespace) -> int:
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        with os.fdopen(reading, "rb") as messages:
            message = messages.read(_MESSAGE_BYTES_MAX)
        if message == _READY:
            return 0
        number, _, sentence = message.decode(errors="replace").partition(" ")
        sys.stderr.write(f"{sentence}\n")
        return int(number) if number.isdigit() else EXIT_CANNOT_START
    os.close(reading)
    os.setsid()
    _redirect_output(arguments.dir)

    def ready() -> None:
        os.write(writing, _READY)
        os.close(writing)

    code, text = _guarded(arguments, ready)
    if code:
        sys.stderr.write(f"{text}\n")
        os.write(writing, f"{code} {text}".encode()[:_MESSAGE_BYTES_MAX])
    return code


def _redirect_output(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = os.open(directory / "venue.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


def main(argv: Sequence[str]) -> int:
    """Run the venue and return its exit code."""
    arguments = _arguments(argv)
    if arguments.detach:
        arguments.dir, arguments.socket = arguments.dir.absolute(), arguments.socket.absolute()
        return _detached(arguments)
    code, text = _guarded(arguments, lambda: None)
    if text:
        sys.stderr.write(f"{text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
