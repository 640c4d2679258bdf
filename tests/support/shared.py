"""Where real data and published values lie: HFL_TRUTH_ROOT, else ../shared beside the project."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]


def shared_folder() -> Path:
    """Return the folder that holds market/, truth/ and wire/, whether it is there or not."""
    named = os.environ.get("HFL_TRUTH_ROOT")
    return Path(named).expanduser() if named else PROJECT_ROOT.parent / "shared"


def missing_market() -> str:
    """Return the sentence why real bars cannot be read, empty when they can."""
    root = shared_folder()
    if (root / "market").is_dir():
        return ""
    return f"expected real data in {root / 'market'}, found none: set HFL_TRUTH_ROOT to its folder"
