"""`make bench`: run the benchmarks, print one table and keep it as JSON lines.

`python -m benchmarks [NAME ...]`; without names everything but `install`, which needs the network.
Aims are the project's; a missed one is told, and makes the exit code 1.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import (
    commands,
    datacheck,
    drills,
    engine,
    install,
    journal,
    memory,
    paths,
    recovery,
    screen,
    stop,
)
from benchmarks.result import Result, at_least, at_most, keep, show


def journal_results() -> Iterator[Result]:
    """Translate what journal.py measures."""
    for found in journal.run():
        case = str(found["case"])
        if case.startswith("durable commit"):
            yield at_most(
                "journal",
                case,
                found["ratio"],
                1.6,
                unit="x append+fdatasync",
                p50_us=found["p50_us"],
                fdatasync_p50_us=found["fdatasync_p50_us"],
            )
        elif case.startswith("group of"):
            yield at_least(
                "journal", case, found["ratio_mean"], 100, unit="x", p50_ratio=found["ratio_p50"]
            )
        elif case.startswith("verify"):
            walk = {"plain walk rows/s": found["plain_walk_rows_s"]}
            yield at_least("journal", case, found["rows_s"], 500_000, unit="rows/s", **walk)
            name = f"{case}, every event decoded"
            value = found["with_decode_and_fold_rows_s"]
            yield at_least("journal", name, value, 250_000, unit="rows/s")
        else:
            numbers = {name: value for name, value in found.items() if isinstance(value, float)}
            chain = numbers.pop("encode_chain_insert")
            yield at_most("journal", "encode, chain, insert", chain, 5, unit="us", **numbers)


def stop_results() -> Iterator[Result]:
    """Translate what stop.py measures."""
    with tempfile.TemporaryDirectory(prefix="hfl-") as folder:
        rows = stop.shell(Path(folder), 30) + stop.sockets(Path(folder), 1_000)
    for name, p50, p99, aim, judged in [*rows, *stop.begin_call(1_000)]:
        value, beside = (p99, {"p50": p50}) if judged == "p99" else (p50, {"p99": p99})
        unit = "ms p99" if judged == "p99" else "ms"
        if aim is None:
            yield Result(group="stop", name=name, value=value, unit=unit, details={**beside})
        else:
            yield at_most("stop", name, value, aim, unit=unit, **beside)


SUITES: dict[str, Callable[[], Iterator[Result]]] = {
    "engine": engine.measure,
    "journal": journal_results,
    "recovery": recovery.measure,
    "stop": stop_results,
    "drills": drills.run,
    "commands": commands.measure,
    "memory": memory.measure,
    "screen": screen.run,
    "datacheck": datacheck.measure,
    "paths": paths.measure,
    "install": install.measure,
}
ONLY_BY_NAME = frozenset({"install"})


def measured(name: str) -> list[Result]:
    """Run one suite; one that cannot be run is a missed aim, and the others go on."""
    found: list[Result] = []
    try:
        found.extend(SUITES[name]())
    except SystemExit as error:
        print(f"{name}: {error}", file=sys.stderr)
        found.append(
            Result(group=name, name="could not be measured", value=0, unit="", is_met=False)
        )
    return found


def main() -> int:
    """Run what was named and return 1 when an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SUITES))
    names = parser.parse_args().names or [name for name in SUITES if name not in ONLY_BY_NAME]
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        parser.error(f"expected names among {', '.join(SUITES)}, found {', '.join(unknown)}")
    results: list[Result] = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        results += measured(name)
    show(results)
    print(f"kept in {keep(results)}")
    return 1 if any(one.is_met is False for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
