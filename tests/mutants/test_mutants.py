"""Each planted bug is found in a bounded number of lives; the code as shipped is not accused."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.bugs import BUGS, Bug

PACKAGES = {"hfl_core": "hfl_core", "journal/hfl_journal": "hfl_journal"}
CATALOGUE_MIN = 10


def hunted(root: Path, copy: Path, bug: Bug | None) -> dict[str, object]:
    """Copy the packages, plant the bug, and hunt over the copy in a process of its own."""
    for folder, name in PACKAGES.items():
        shutil.copytree(
            root / folder,
            copy / name,
            ignore=shutil.ignore_patterns("__pycache__"),
            dirs_exist_ok=True,
        )
    for edit in () if bug is None else bug.edits:
        path = copy / edit.path
        text = path.read_text()
        assert text.count(edit.old) == 1, f"{edit.path} no longer holds once: {edit.old}"
        path.write_text(text.replace(edit.old, edit.new))
    done = subprocess.run(
        [sys.executable, "-B", str(root / "tests" / "mutants" / "hunt.py")],
        env={**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
def test_a_planted_bug_is_found(bug, project_root, tmp_path):
    found = hunted(project_root, tmp_path, bug)

    sys.stdout.write(f"{bug.name}: {found['law']} in {found['where']} (life {found['lives']})\n")
    assert found["law"], f"{found['lives']} lives went by without a violation"


@pytest.mark.slow
@pytest.mark.process
def test_the_code_as_shipped_is_not_accused(project_root, tmp_path):
    found = hunted(project_root, tmp_path, None)

    assert found["law"] == "", found


def test_there_are_bugs_enough_of_the_catalogue():
    assert len(BUGS) >= 15
    assert len({number for bug in BUGS for number in bug.numbers}) >= CATALOGUE_MIN
    assert len({bug.name for bug in BUGS}) == len(BUGS)
