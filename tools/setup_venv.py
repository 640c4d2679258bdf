"""Set up `.venv` from a lock file, using the standard library only; do nothing when up to date.

Usage: python3 tools/setup_venv.py core|tui|dev|mutation [--venv DIR] [--lock FILE]
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "core": "requirements.lock",
    "tui": "requirements-tui.lock",
    "dev": "requirements-dev.lock",
    "mutation": "requirements-mutation.lock",
}
# What is installed with a level is there with these, too.
SERVES = {"tui": ("core",), "dev": ("core", "tui")}
STAMP = "hfl-setup.json"
PYTHON_MIN = (3, 11)
MEGABYTE = 1_000_000


class SetupError(Exception):
    """Carry one sentence: what was expected, what was found, what to do."""


def fingerprint(lock: Path) -> str:
    """Return what an environment depends on: the lock, the package's metadata, and this Python."""
    digest = hashlib.sha256()
    for part in (lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes()):
        digest.update(hashlib.sha256(part).digest())
    digest.update(f"{sys.version_info[:3]} {os.path.realpath(sys.executable)} {ROOT}".encode())
    return digest.hexdigest()


def read_stamp(venv: Path) -> dict[str, str]:
    """Return level -> fingerprint of what is installed; empty when there is nothing usable."""
    try:
        found = json.loads((venv / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    is_record = isinstance(found, dict) and (venv / "bin" / "python").exists()
    return {str(key): str(value) for key, value in found.items()} if is_record else {}


def run(command: list[str], *, what: str) -> None:
    """Run a command quietly; raise SetupError with the tail of its output when it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise SetupError(f"Expected {what} to succeed, found exit code {done.returncode}:\n{tail}")


def installer(venv: Path) -> list[str]:
    """Return the pip command that installs into venv: its own, else this Python's."""
    own = venv / "bin" / "python"
    probe = subprocess.run([str(own), "-m", "pip", "--version"], capture_output=True, check=False)
    if probe.returncode == 0:
        return [str(own), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(own)]


def check_python() -> None:
    """Raise SetupError when this Python is too old."""
    if sys.version_info < PYTHON_MIN:
        raise SetupError(
            f"Expected Python {'.'.join(map(str, PYTHON_MIN))} or newer, found "
            f"{sys.version.split()[0]}: run make PYTHON=/path/to/a/newer/python3."
        )


def create(venv: Path) -> None:
    """Make an empty environment; without ensurepip this Python's own pip installs into it."""
    if importlib.util.find_spec("venv") is None:
        raise SetupError(
            "Expected a Python with the venv module, found none in "
            f"{sys.executable}: install your system's python3-venv package and run make again."
        )
    shutil.rmtree(venv, ignore_errors=True)
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    options = [] if has_ensurepip else ["--without-pip"]
    if not has_ensurepip and importlib.util.find_spec("pip") is None:
        raise SetupError(
            f"Expected pip or ensurepip, found neither in {sys.executable}: "
            "install your system's python3-pip and python3-venv packages and run make again."
        )
    run([sys.executable, "-m", "venv", *options, str(venv)], what="creating the environment")


def is_usable(venv: Path) -> bool:
    """Tell whether venv holds a Python of the same version as this one."""
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    code = "import sys; print(sys.version_info[:2])"
    probe = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return probe.returncode == 0 and probe.stdout.strip() == str(sys.version_info[:2])


def install(venv: Path, lock: Path) -> None:
    """Install exactly what the lock file names, then the project itself, editable."""
    pip = [*installer(venv), "install", "--quiet", "--disable-pip-version-check"]
    run(
        [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)],
        what=f"installing {lock.name}",
    )
    run(
        [*pip, "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT)],
        what="installing the project",
    )


def size_mb(folder: Path) -> int:
    """Return the size of a folder's files in megabytes."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return round(sum(path.stat().st_size for path in files) / MEGABYTE)


def setup(level: str, venv: Path, lock: Path) -> None:
    """Bring venv to level, unless it is there already; see SERVES."""
    print_of = fingerprint(lock)
    stamp = read_stamp(venv)
    if stamp.get(level) == print_of:
        return
    print(f"Setting up {venv.name} from {lock.name} (once) ...", flush=True)
    started = time.monotonic()
    if not is_usable(venv):
        create(venv)
        stamp = {}
    install(venv, lock)
    stamp[level] = print_of
    stamp |= {less: fingerprint(ROOT / LOCKS[less]) for less in SERVES.get(level, ())}
    (venv / STAMP).write_text(json.dumps(stamp, indent=1) + "\n")
    seconds = time.monotonic() - started
    print(f"{venv.name} is ready: {size_mb(venv)} MB in {seconds:.0f} s.", flush=True)


def main() -> int:
    """Read the arguments, set up, and end with one sentence when that is impossible."""
    parser = argparse.ArgumentParser(description="Set up .venv from a lock file.")
    parser.add_argument("level", choices=sorted(LOCKS))
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("--lock", type=Path, default=None)
    arguments = parser.parse_args()
    try:
        check_python()
        setup(arguments.level, arguments.venv, arguments.lock or ROOT / LOCKS[arguments.level])
    except (SetupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
