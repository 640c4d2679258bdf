"""The reading verbs of cli.py on a home of their own: two thousand simulated hours, traded here."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks import cli
from benchmarks.result import Result, at_most

GROUP = "command"
BARS = 2_000
ROUNDS = 9


def measure() -> Iterator[Result]:
    """Yield CPU, wall and memory of each verb against its aims; whole processes, interleaved."""
    with tempfile.TemporaryDirectory(prefix="hfl-bench-") as home:
        hfl(home, "init")
        words = ("--feed", "simulated", "--bars", str(BARS), "--speed", "max", "--until-end")
        hfl(home, "run", *words, "--no-api")
        newest = str(json.loads(hfl(home, "orders", "--json"))[0]["client_id"])
        cases: dict[str, tuple[str, ...]] = {
            "hfl --help": ("--help",),
            "hfl status": ("status", "--home", home),
            "hfl why": ("why", "SIM-BTC", "--home", home),
            "hfl explain": ("explain", newest, "--home", home),
        }
        took: dict[str, list[tuple[float, float, float]]] = {name: [] for name in cases}
        bare = []
        for _ in range(ROUNDS + 1):
            bare.append(cli.spent(["-c", "pass"])[0])
            for name, typed in cases.items():
                took[name].append(cli.spent(["-c", cli.HFL, *typed]))
    for name, rounds in took.items():
        # The first round compiles and fills the page cache.
        found = [statistics.median(values) for values in zip(*rounds[1:], strict=True)]
        for value, aim, unit in zip(found, cli.AIMS[name], ("ms CPU", "ms", "MB"), strict=True):
            if aim is not None:
                beside = {"bare python ms CPU": statistics.median(bare[1:])}
                yield at_most(GROUP, name, value, aim, unit=unit, **beside)


def hfl(home: str, *words: str) -> str:
    """Run one command to its end and return what it printed; SystemExit when it fails."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", cli.HFL, *words],
        env={"HFL_HOME": home, "PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"expected hfl {' '.join(words)} to succeed, found {done.stderr.strip()}")
    return done.stdout
