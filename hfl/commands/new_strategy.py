"""Write a strategy of your own from the shipped template, with a test, into the strategies folder.

Exit codes: 0 written; 2 the name cannot be used, or is taken (nothing is ever overwritten).
"""

import argparse
import json
import sys
from pathlib import Path

from hfl.home import home_paths
from hfl.scaffold import new_strategy
from hfl.verb import DONE, add_json


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the name."""
    del verb
    parser.add_argument("name", help="small letters, digits and _; it is also the file's name")
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Write both files and say how to go on."""
    del verb
    paths = home_paths(arguments.home)
    source, test = new_strategy(arguments.name, Path(paths.strategies).parent)
    if arguments.is_json:
        sys.stdout.write(json.dumps({"strategy": str(source), "test": str(test)}) + "\n")
        return DONE
    sys.stdout.write(
        f"wrote {source}\nwrote {test}\n"
        f"next: edit it, test it with `python -m pytest {test}`, run it with "
        f"`hfl run --strategy {arguments.name}`\n"
    )
    return DONE
