"""What a check of ten million bars costs, against DuckDB that only reads the same file once."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.result import Result, at_most

GROUP = "data check"
ROWS = 10_000_000
UNSORTED_ROWS = 2_000_000
ROUNDS = 3
# Times of one full read of all columns by one thread.
SORTED_MAX = 15.0
MEMORY_MAX = 700.0
CHECK = """
import resource, sys, time
from pathlib import Path
from hfl_data.inspection.inspect import inspect
from hfl_data.inspection.subject import Asked
began = time.process_time()
report = inspect(Path(sys.argv[1]), Asked())
took = time.process_time() - began
assert report.survey.rows == int(sys.argv[2]), report.survey.rows
codes = [finding.code.name for finding in report.findings]
assert codes == sys.argv[3:], codes
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
SCAN = """
import sys, time
import duckdb
connection = duckdb.connect(config={"threads": 1})
connection.execute("set enable_progress_bar = false")
began = time.process_time()
connection.execute("select max(ts)::varchar, sum(open), sum(high), sum(low), sum(close), "
                   "sum(volume) from read_parquet(?)", [sys.argv[1]]).fetchall()
print(time.process_time() - began, 0)
"""


def measure() -> Iterator[Result]:
    """Yield rows per second and memory; CPU of whole processes, interleaved with the scan."""
    with tempfile.TemporaryDirectory(prefix="hfl-bench-") as folder:
        for rows, order, codes in (
            (ROWS, "", ()),
            (UNSORTED_ROWS, "order by (n * 7919) % 1000003, n", ("disorder",)),
        ):
            path = _bars(Path(folder), rows, order)
            checks, scans = [], []
            for _ in range(ROUNDS):
                scans.append(_spent(SCAN, str(path))[0])
                checks.append(_spent(CHECK, str(path), str(rows), *codes))
            took = statistics.median(seconds for seconds, _ in checks)
            scan = statistics.median(scans)
            memory = max(megabytes for _, megabytes in checks)
            name = f"{rows:,} bars {'by time' if not order else 'in no order'}"
            beside: dict[str, float | str] = {
                "rows/s": rows / took,
                "scan rows/s": rows / scan,
                "s CPU": took,
                "MB file": path.stat().st_size / 1e6,
            }
            if order:
                yield Result(
                    group=GROUP, name=name, value=took / scan, unit="x scan", details=beside
                )
            else:
                yield at_most(GROUP, name, took / scan, SORTED_MAX, unit="x scan", **beside)
            yield at_most(GROUP, f"{name}, memory", memory, MEMORY_MAX, unit="MB")


def _bars(folder: Path, rows: int, order: str) -> Path:
    """Write minutes of a made market whose bars open at the last close."""
    path = folder / "crypto" / f"N{rows}_1m.parquet"
    path.parent.mkdir(exist_ok=True)
    level = "(100 + 10 * sin({0} / 9999.0) + sin({0} / 37.0) / 9)"
    opens, closes = level.format("n"), level.format("(n + 1)")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            "copy (select make_timestamptz((1200000000 + 60 * n)::bigint * 1000000) as ts, "
            f"{opens} as open, greatest({opens}, {closes}) * 1.0001 as high, "
            f"least({opens}, {closes}) / 1.0001 as low, {closes} as close, "
            f"(5 + n % 7)::double as volume from range({rows}) t(n) {order}) "
            f"to '{path}' (format parquet, compression zstd)"
        )
    return path


def _spent(code: str, *words: str) -> tuple[float, float]:
    """Return CPU seconds and peak megabytes of one process."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"expected a check of the bench file to end, found {done.stderr.strip()}")
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)
