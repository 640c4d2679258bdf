"""Watch the whole bot work in under a minute, offline.

Scan, signal, veto, fills, a real SIGKILL, recovery, stop and proof. Everything told is read from
the journal of this very run, which is kept; the commands at the end ask it for more. On a terminal
the screen (`hfl tui`) opens on the running bot in between; `--plain` leaves it out. Exit codes: 0
when everything was shown, 1 with one sentence when something was not.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add --plain; --home, common to all verbs, names a folder instead of a temporary one."""
    del verb
    parser.add_argument("--plain", action="store_true", help="without the screen in between")


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Play all acts."""
    del verb
    from hfl.demo.play import play

    return play(arguments.home, look=_look if _has_screen() and not arguments.plain else None)


def _has_screen() -> bool:
    """Tell whether there is a terminal, and what draws on it."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream.isatty() for stream in streams) and find_spec("textual") is not None


def _look(folder: Path) -> int:
    """Open the screen on the demo's home, as `hfl tui` does."""
    from hfl.verb import run_verb

    return run_verb("tui", "tui", ["--home", str(folder)])
