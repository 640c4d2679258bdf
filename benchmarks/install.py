"""What the core install costs, in seconds and MB: needs the package index, so only when named."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.result import Result, at_most

GROUP = "install"
MB_AIM = 250.0
ROOT = Path(__file__).parent.parent


def measure() -> Iterator[Result]:
    """Yield seconds and MB of `pip install .` in a fresh environment."""
    with tempfile.TemporaryDirectory(prefix="hfl-bench-") as folder:
        environment = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        empty = size_mb(environment)
        began = time.perf_counter()
        pip = str(environment / "bin" / "pip")
        subprocess.run([pip, "install", "--quiet", str(ROOT)], check=True)
        seconds = time.perf_counter() - began
        grown = size_mb(environment) - empty
    peers = {"freqtrade": "74 s, 771 MB", "ai-hedge-fund": "86 s, 648 MB"}
    yield at_most(GROUP, "core install", grown, MB_AIM, unit="MB", seconds=seconds, **peers)


def size_mb(folder: Path) -> float:
    """Return what the files of a folder take."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
