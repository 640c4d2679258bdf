"""Resolve pyproject.toml into lock files with hashes, for plain pip, without a registry's address.

Usage: python3 tools/make_lock.py [--lowest]

A lock serves Python 3.11 and newer. The resolver (uv) lives in an environment of its own,
.venv-lock, and is needed here only. With --lowest the lowest versions that pyproject.toml allows
go to .venv-lock/lowest.lock.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".venv-lock"
# What the project's own editable install is built with: locked too, nothing is fetched unpinned.
BUILD = "hatchling>=1.27\neditables>=0.5\n"
HEADER = """\
# {title}
# Made by `make lock` from pyproject.toml. Install with: pip install --require-hashes -r {name}
"""


def resolver() -> Path:
    """Return the resolver's path, installing it when it is missing."""
    uv = WORK / "bin" / "uv"
    if not uv.exists():
        subprocess.run([sys.executable, "-m", "venv", str(WORK)], check=True)
        subprocess.run([str(WORK / "bin" / "pip"), "install", "--quiet", "uv"], check=True)
    return uv


def resolve(*, extras: tuple[str, ...], resolution: str) -> str:
    """Return the resolved requirements with hashes."""
    with tempfile.NamedTemporaryFile("w", suffix=".in", dir=WORK) as build:
        build.write(BUILD)
        build.flush()
        command = [str(resolver()), "pip", "compile", "--quiet", "pyproject.toml", build.name]
        command += [part for extra in extras for part in ("--extra", extra)]
        command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
        command += ["--no-annotate", "--no-config", f"--resolution={resolution}"]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def write(path: Path, *, title: str, body: str) -> None:
    """Write one lock file, refusing a registry's address in it."""
    if "://" in body:
        raise SystemExit(f"Expected no address in {path.name}, found one: check the resolver.")
    path.write_text(HEADER.format(title=title, name=path.name) + body)
    print(f"{path.name}: {body.count('==')} packages")


def main() -> int:
    """Resolve and write."""
    parser = argparse.ArgumentParser(description="Resolve pyproject.toml into lock files.")
    parser.add_argument("--lowest", action="store_true")
    arguments = parser.parse_args()
    resolver()
    if arguments.lowest:
        body = resolve(extras=("dev",), resolution="lowest-direct")
        write(WORK / "lowest.lock", title="The lowest versions we promise", body=body)
        return 0
    core = resolve(extras=(), resolution="highest")
    write(ROOT / "requirements.lock", title="What the bot needs", body=core)
    screen = resolve(extras=("tui",), resolution="highest")
    write(ROOT / "requirements-tui.lock", title="What the bot and its screen need", body=screen)
    both = resolve(extras=("dev",), resolution="highest")
    write(ROOT / "requirements-dev.lock", title="What the bot and its tests need", body=both)
    more = resolve(extras=("dev", "mutation"), resolution="highest")
    write(
        ROOT / "requirements-mutation.lock",
        title="What the bot, its tests and mutation testing need",
        body=more,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
