"""A real OpenSSH server on the loopback address, and a tmux whose pane is a person's terminal."""

import contextlib
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.style import tree
from tests.tui.terminal import WAIT_S

BESIDE_PATH = "/usr/sbin:/usr/local/sbin:/sbin"
DOOR = tree.ROOT / "deploy" / "ssh" / "hfl-door.sh"
ROOMS = (tree.ROOT, *(tree.ROOT / room for room in ("journal", "config", "data", "models")))
# How the settings of docs/ssh.md look on a server that only this test may use.
SERVER = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/sshd.pid
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
Compression yes
X11Forwarding no
AllowTcpForwarding no
PrintMotd no
"""


def program(name):
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{BESIDE_PATH}")


def needed():
    """Skip with a sentence where a server or a multiplexer is missing."""
    gone = [name for name in ("sshd", "ssh", "ssh-keygen", "tmux") if program(name) is None]
    if gone:
        pytest.skip(f"no {', '.join(gone)} here: tools/setup_system.py installs them as root")
    if os.geteuid() == 0:
        # A server that root starts wants its folder, which is emptied with every boot.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)


@dataclass
class Server:
    """Use as a context. keys: name to the verbs that this key may run, the first one by default."""

    folder: Path
    home: Path
    keys: dict[str, tuple[str, ...]]
    port: int = field(init=False, default=0)

    def __enter__(self):
        needed()
        for name in ("host", *self.keys):
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
            subprocess.run(make, check=True, timeout=WAIT_S)
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "hfl").write_text(
            f"#!/bin/sh\nexec {sys.executable} -c "
            f'"from hfl.cli import main; raise SystemExit(main())" "$@"\n'
        )
        (bin_folder / "hfl").chmod(0o755)
        settings = {
            "HFL_HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join(map(str, ROOMS)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{bin_folder}:/usr/bin:/bin",
        }
        before = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
        lines = []
        for name, verbs in self.keys.items():
            command = f"{before} {DOOR} {' '.join(verbs)}".replace('"', '\\"')
            public = (self.folder / f"{name}.pub").read_text().strip()
            lines.append(f'restrict,pty,command="{command}" {public}\n')
        (self.folder / "authorized_keys").write_text("".join(lines))
        self._start()
        return self

    def __exit__(self, kind, error, trace):
        self._process.terminate()
        self._process.wait(WAIT_S)

    def _start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        place = self.folder / "sshd_config"
        place.write_text(SERVER.format(port=self.port, folder=self.folder))
        log = (self.folder / "sshd.log").open("wb")
        self._process = subprocess.Popen(
            [program("sshd"), "-D", "-e", "-f", str(place)], stdout=log, stderr=log
        )
        log.close()
        ends = time.monotonic() + WAIT_S
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < ends, self.log()
            time.sleep(0.02)

    def log(self):
        return (self.folder / "sshd.log").read_text()

    def command(self, key, *words, terminal=False):
        """Return the words of an ssh command with this key and no setting of this user's own."""
        options = {
            "IdentityFile": self.folder / key,
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self.folder / "known_hosts",
            "StrictHostKeyChecking": "accept-new",
            "BatchMode": "yes",
            "Compression": "yes",
            "LogLevel": "ERROR",
        }
        found = ["ssh", "-F", "none", "-p", str(self.port)]
        for name, value in options.items():
            found += ["-o", f"{name}={value}"]
        who = f"{getpass.getuser()}@127.0.0.1"
        return [*found, *(["-t"] if terminal else ["-T"]), who, *words]

    def call(self, key, *words):
        """Log in, run a command without a terminal and wait for its end."""
        return subprocess.run(
            self.command(key, *words),
            capture_output=True, text=True, timeout=WAIT_S, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip


@dataclass
class Pane:
    """Use as a context: a tmux server of its own with one window. kept: every screen looked at."""

    folder: Path
    columns: int = 80
    rows: int = 24
    kept: list[str] = field(default_factory=list)

    def __enter__(self):
        needed()
        self._socket = str(self.folder / "tmux")
        shell = "exec env -i PATH=/usr/bin:/bin TERM=tmux-256color PS1='$ ' sh"
        self.tmux(
            "-f", "/dev/null", "new-session", "-d",
            "-x", str(self.columns), "-y", str(self.rows), shell,
        )  # fmt: skip
        return self

    def __exit__(self, kind, error, trace):
        self.tmux("kill-server")

    def tmux(self, *words):
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=WAIT_S, check=True
        ).stdout

    def type(self, *keys):
        """Send keys by their tmux names, such as C-x, Escape or Enter."""
        self.tmux("send-keys", *keys)

    def say(self, text):
        """Send a text as it is."""
        self.tmux("send-keys", "-l", text)

    @property
    def text(self):
        return self.tmux("capture-pane", "-p")

    def until_text(self, *wanted, gone=(), what=""):
        """Wait until the pane shows all of these; keep what it shows then under a title."""
        ends = time.monotonic() + WAIT_S
        while True:
            shown = self.text
            if all(each in shown for each in wanted) and not any(each in shown for each in gone):
                break
            assert time.monotonic() < ends, (wanted, shown)
            time.sleep(0.05)
        if what:
            self.kept.append(f"=== {what} ===\n{shown.rstrip()}\n")
        return shown
