"""The files of this folder are what mypy says they are: every refusal is there, nothing else is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
pytestmark = [pytest.mark.process, pytest.mark.slow]


def mypy(*arguments: str, root: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml")]
    done = subprocess.run(
        [*command, *arguments], cwd=root, capture_output=True, text=True, timeout=240, check=False
    )
    return done.returncode, done.stdout


def test_every_refused_line_is_refused(tmp_path: Path, project_root: Path):
    """Without its `type: ignore` comments each marked line is an error, and no other line is."""
    source = (FOLDER / "orders.py").read_text()
    marked = [
        number for number, line in enumerate(source.splitlines(), 1) if "# type: ignore" in line
    ]
    bare = tmp_path / "bare.py"
    bare.write_text(re.sub(r"  # type: ignore\[[\w-]+\]", "", source))
    code, output = mypy("--cache-dir", str(tmp_path / "cache"), str(bare), root=project_root)

    found = sorted({int(line) for line in re.findall(r"bare\.py:(\d+): error", output)})
    assert code == 1, output
    assert len(marked) >= 7
    assert found == marked
