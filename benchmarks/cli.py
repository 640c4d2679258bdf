"""Measure what a person waits for: whole processes of the reading verbs on a journal of real size.

Run as `python benchmarks/cli.py --home DIR [--rounds N]`; the home must hold a finished run, as of
the 76,000 pairs of BTC-USDT and ETH-USDT. Medians of wall and CPU time and the peak of resident
memory, next to a bare interpreter in the same run, interleaved.
"""

import argparse
import json
import statistics
import subprocess
import sys

# What the installed `hfl` script does.
HFL = "from hfl.cli import entry; entry()"
# verb -> (aim in ms of CPU, aim in ms of wall, aim in MB); None for no aim
AIMS: dict[str, tuple[float | None, float | None, float | None]] = {
    "bare python": (None, None, None),
    "hfl --help": (80.0, None, 25.0),
    "hfl status": (80.0, None, 25.0),
    "hfl explain": (None, 200.0, None),
    "hfl why": (None, 200.0, None),
}


def main() -> int:
    """Measure, print a table and one JSON line; return 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", required=True, help="an installation with a finished run")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--symbol", default="BTC-USDT")
    parser.add_argument("--time", default="2020-03-12T10:00Z")
    parser.add_argument("--trade", default="1")
    asked = parser.parse_args()
    commands = {
        "bare python": ["-c", "pass"],
        "hfl --help": ["-c", HFL, "--help"],
        "hfl status": ["-c", HFL, "status", "--home", asked.home],
        "hfl explain": ["-c", HFL, "explain", asked.trade, "--home", asked.home],
        "hfl why": ["-c", HFL, "why", asked.symbol, asked.time, "--home", asked.home],
    }
    took: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for _ in range(asked.rounds + 1):
        for name, words in commands.items():
            took[name].append(spent(words))
    is_met = True
    print(f"{'':12}   CPU ms  wall ms       MB   aims")
    record = {}
    for name, values in took.items():
        # The first round compiles and fills the page cache.
        found = [statistics.median(value[number] for value in values[1:]) for number in range(3)]
        record[name] = dict(
            zip(("cpu_ms", "wall_ms", "mb"), (round(f, 1) for f in found), strict=True)
        )
        missed = [
            f"{what} {aim:g} MISSED" if value > aim else f"{what} {aim:g}"
            for what, value, aim in zip(("CPU", "wall", "MB"), found, AIMS[name], strict=True)
            if aim is not None
        ]
        is_met = is_met and not any("MISSED" in text for text in missed)
        print(f"{name:12} {found[0]:8.1f} {found[1]:8.1f} {found[2]:8.1f}   {', '.join(missed)}")
    print(json.dumps(record))
    return 0 if is_met else 1


# A process starts with the peak memory of the one that it was forked from, so a small one forks.
LAUNCHER = """
import os, sys, time
began = time.perf_counter()
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawn(sys.executable, [sys.executable, "-P", *sys.argv[1:]], os.environ,
                     file_actions=quiet)
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - began
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss)
"""


def spent(words: list[str]) -> tuple[float, float, float]:
    """Return CPU and wall milliseconds and peak megabytes of one process."""
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, *words]
    told = subprocess.run(launcher, capture_output=True, text=True, check=True).stdout
    code, cpu, wall, kilobytes = told.split()
    if int(code):
        raise SystemExit(f"expected {words[2:4]} to end with 0, found {code}")
    return float(cpu) * 1000, float(wall) * 1000, int(kilobytes) / 1024


if __name__ == "__main__":
    sys.exit(main())
