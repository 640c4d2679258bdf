"""Create the folders and the first settings of an installation; what is there is never changed.

A latch folder whose `ready` file was removed gets it back, because you ask for it: stops stay in
force. Exit codes: 0 done, 2 the place cannot be used.
"""

import argparse
import json
import sys

from hfl.home import home_paths
from hfl.verb import DONE, add_json
from hfl_config.create import create_home, restore_ready


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add --json."""
    del verb
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Create what is missing and say what it was."""
    del verb
    paths = home_paths(arguments.home)
    created = create_home(paths)
    is_ready_restored = restore_ready(paths)
    if arguments.is_json:
        result = {
            "created": list(created),
            "ready_restored": is_ready_restored,
            "config_file": paths.config_file,
        }
        sys.stdout.write(json.dumps(result) + "\n")
        return DONE
    sys.stdout.write("".join(f"made  {path}\n" for path in created))
    if is_ready_restored:
        sys.stdout.write(f"put `ready` back into {paths.latch}; stops there stay in force\n")
    if not created and not is_ready_restored:
        sys.stdout.write("everything is there already, nothing was changed\n")
    sys.stdout.write(
        f"settings: {paths.config_file}\nnext: `hfl demo`, or `hfl run`; `hfl doctor` checks it\n"
    )
    return DONE
