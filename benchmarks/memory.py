"""Resident memory of the headless daemon, trading simulated bars with its control port open."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import cli, commands
from benchmarks.result import Result, at_most

GROUP = "daemon"
SECONDS = 20
MB_AIM = 150.0


def measure() -> Iterator[Result]:
    """Yield the daemon's largest resident memory after a while of trading."""
    with tempfile.TemporaryDirectory(prefix="hfl-bench-") as folder:
        commands.hfl(folder, "init")
        words = ["run", "--feed", "simulated", "--bars", "100000", "--speed", "max"]
        with Path(os.devnull).open("w") as nowhere:
            daemon = subprocess.Popen(
                [sys.executable, "-P", "-c", cli.HFL, *words],
                env={"HFL_HOME": folder, "PATH": os.environ.get("PATH", "")},
                stdout=nowhere,
                stderr=nowhere,
            )
        seen = []
        for _ in range(SECONDS):
            time.sleep(1)
            if daemon.poll() is not None:
                raise SystemExit(f"expected a running daemon, found exit {daemon.returncode}")
            seen.append(resident_mb(daemon.pid))
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)
    yield at_most(GROUP, "resident memory, headless", max(seen), MB_AIM, unit="MB", last=seen[-1])


def resident_mb(pid: int) -> float:
    """Return the resident set of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"expected VmRSS of process {pid}, found none")
