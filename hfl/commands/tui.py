"""The screen: watch the bot, ask why, stop it; leaving it leaves the bot running.

It reads the journal and the board, so it needs no daemon: without one it shows the last journal of
the home. Several screens may look at once. `?` shows the keys, `^X` twice within two seconds pauses
the bot, whatever is on the screen.

Exit codes: 0 left, 2 arguments or no terminal, 4 journal, 128 + N ended by signal N.
"""

import argparse
import gc
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hfl.verb import DONE, add_account
from hfl.whereabouts import find
from hfl_core.domain.errors import ConfigError

SWITCH_S: Final = 0.001


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the common options."""
    del verb
    add_account(parser)
    parser.add_argument(
        "--theme", metavar="NAME", default="", help="dark, light, blue-orange, mono, ansi-dark, ..."
    )
    parser.add_argument("--ascii", action="store_true", help="draw with seven-bit characters alone")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Open the screen."""
    del verb
    where = find(arguments.home, arguments.account, arguments.mode)
    if find_spec("textual") is None:
        raise ConfigError(
            "expected the screen's library, found no textual: install the extra with "
            '`pip install "hedgefund-lite[tui]"`; `hfl status --watch` needs nothing more'
        )
    if not (sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()):
        raise ConfigError(
            "expected a terminal, found none: use `hfl status`, or `ssh -t` to get one"
        )
    # Importing makes no garbage worth looking for: a tenth of the time to the first picture.
    gc.disable()
    from hfl.screen.looks import looks
    from hfl.screen.outfit import outfit
    from hfl_tui.app import Viewer

    gc.freeze()
    gc.enable()
    # A thread that reads the past hands over sooner than after the usual 5 ms.
    sys.setswitchinterval(SWITCH_S)
    chosen = looks(
        Path(where.paths.screen_file),
        Path(where.paths.exports),
        environment=os.environ,
        theme=arguments.theme,
        is_ascii=arguments.ascii,
        has_mouse=not arguments.no_mouse,
    )
    viewer = Viewer(outfit(where, chosen))
    viewer.run(mouse=chosen.has_mouse)
    if viewer.failure is not None:
        raise viewer.failure
    return viewer.return_code or DONE
