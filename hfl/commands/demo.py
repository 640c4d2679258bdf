"""Watch the whole bot work in under a minute, offline.

Scan, signal, veto, fills, a real SIGKILL, recovery, stop and proof. Everything told is read from
the journal of this very run, which is kept; the commands at the end ask it for more. Exit codes: 0
when everything was shown, 1 with one sentence when something was not.
"""

import argparse

from hfl.verb import DONE


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add nothing: --home, common to all verbs, names a folder instead of a temporary one."""
    del parser, verb


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Play all acts."""
    del verb
    from hfl.demo.play import play

    play(arguments.home)
    return DONE
