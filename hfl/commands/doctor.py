"""Look at all this installation rests on: paths, versions, journal, latch, sockets, disk, settings.

Changes nothing. Exit codes: 0 nothing is wrong (there may be warnings), 1 something is.
"""

import argparse
import json
import sys

from hfl.examination import BAD, GOOD, Finding, examine
from hfl.home import home_paths
from hfl.verb import DONE, FAILED, add_account, add_json

MARKS = {GOOD: "ok  ", BAD: "BAD "}


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add --account and --json."""
    del verb
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Examine and report."""
    del verb
    paths = home_paths(arguments.home)
    findings = examine(paths, mode=arguments.mode, account=arguments.account)
    is_well = not any(finding.mark == BAD for finding in findings)
    if arguments.is_json:
        result = {
            "ok": is_well,
            "paths": [
                {"what": what, "path": path, "from": origin}
                for what, path, origin in paths.origins()
            ],
            "findings": [{"topic": f.topic, "mark": f.mark, "text": f.text} for f in findings],
        }
        sys.stdout.write(json.dumps(result) + "\n")
        return DONE if is_well else FAILED
    sys.stdout.write("Paths\n")
    for what, path, origin in paths.origins():
        sys.stdout.write(f"  {what:<11}{path}   ({origin})\n")
    sys.stdout.write("Checks\n")
    for finding in findings:
        sys.stdout.write(_line(finding))
    wrong = sum(finding.mark == BAD for finding in findings)
    sys.stdout.write("nothing is wrong\n" if is_well else f"{wrong} things are wrong, see BAD\n")
    return DONE if is_well else FAILED


def _line(finding: Finding) -> str:
    return f"  {MARKS.get(finding.mark, 'note')} {finding.topic:<12}{finding.text}\n"
