"""Install the two programs that a few tests drive, where that is possible; never fail a build.

Usage: python3 tools/setup_system.py

The tests that need them skip with a sentence where they are missing. Only root with apt-get can
install anything, and it is told in one line. An SSH server that comes in this way is not started
and stays masked: the tests run their own on the loopback address, and nobody asked for another.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# program -> the Debian package that has it
NEEDED = {"sshd": "openssh-server", "tmux": "tmux"}
# Where programs of the system lie that a plain user's PATH leaves out.
BESIDE_PATH = "/usr/sbin:/usr/local/sbin:/sbin"
UNITS = ("ssh.service", "ssh.socket", "sshd.service")
SYSTEMD = Path("/etc/systemd/system")
# Debian asks this file before any service is started by an installation; 101 says no.
POLICY = Path("/usr/sbin/policy-rc.d")
NO_SERVICE = "#!/bin/sh\nexit 101\n"
SECONDS_MAX = 240.0


def missing() -> list[str]:
    """Return the packages whose program is not on this machine."""
    path = f"{os.environ.get('PATH', '')}:{BESIDE_PATH}"
    return [package for program, package in NEEDED.items() if not shutil.which(program, path=path)]


def apt_get(*words: str) -> bool:
    """Run apt-get without a question and without a word; return whether it did it."""
    command = ["apt-get", "-qq", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15"]
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l"}
    try:
        done = subprocess.run(
            [*command, *words],
            env={**os.environ, **quiet},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@contextmanager
def no_service_starts(packages: list[str], *, units: Path, policy: Path) -> Iterator[None]:
    """Keep an installation from starting an SSH server, now and at the next boot."""
    if "openssh-server" in packages and units.is_dir():
        for unit in UNITS:
            place = units / unit
            if not place.exists() and not place.is_symlink():
                place.symlink_to("/dev/null")
    is_ours = not policy.exists()
    if is_ours:
        policy.write_text(NO_SERVICE)
        policy.chmod(0o755)
    try:
        yield
    finally:
        if is_ours:
            policy.unlink(missing_ok=True)


def install(packages: list[str]) -> str:
    """Install what can be; return one sentence of what came of it."""
    names = " and ".join(packages)
    skipped = "the tests that need it are skipped"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"No {names} here, and no root with apt-get to install it: {skipped}."
    with no_service_starts(packages, units=SYSTEMD, policy=POLICY):
        wanted = ("install", "--yes", "--no-install-recommends", *packages)
        # The lists of a fresh machine are empty, or name versions that are gone.
        is_done = apt_get(*wanted) or (apt_get("update") and apt_get(*wanted))
    left = missing()
    if not is_done or left:
        return f"Could not install {names}: {skipped}."
    masked = " (not started, and masked)" if "openssh-server" in packages else ""
    return f"Installed {names}{masked} for the tests."


def main() -> int:
    """Install what is missing; say so, and succeed in any case."""
    packages = missing()
    if packages:
        try:
            print(install(packages), flush=True)
        except OSError as error:
            print(f"Could not install {' and '.join(packages)}: {error}.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
