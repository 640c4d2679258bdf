"""The stage of the demo: one home, the daemon as a child process, and the verbs a person types."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hfl.home import Home, home_paths
from hfl_config.create import create_home
from hfl_core.domain.errors import HflError

ACCOUNT: Final = "main"
VERB_S_MAX: Final = 60.0
END_S_MAX: Final = 45.0
# Found by running seeds 1 to 12: within 50 bars it fills, fills in part and vetoes, all by itself.
SEED: Final = 3
BARS: Final = 500
KILLED_SUBMIT: Final = 12
CONFIG: Final = f"""# The demo's settings; everything else is the built-in value.
[feed]
source = "simulated"

[feed.simulated]
seed = {SEED}
bars = {BARS}

[strategy]
name = "trend"
parameters = {{ fast = 8, slow = 21, band = 0.1 }}

[risk.limits]
risk_per_trade_fraction = 0.003
risk_per_trade_fraction_max = 0.003
open_risk_fraction_max = 0.005         # two full positions do not fit: there will be a veto
positions_max = 3
position_fraction_max = 0.25
order_notional_max_fraction = 0.25

[venue]
participation_fraction = 0.0001        # a thin market: some orders are filled in part only
# This one order is taken at once and confirmed a minute late: time to kill the bot in between.
faults = "delay@submit n={KILLED_SUBMIT} s=60"

[gateway]
read_deadline_s = 30                   # and it waits for the confirmation meanwhile
"""
_ENTRY: Final = "import sys; from hfl.cli import main; sys.exit(main())"


class DemoError(HflError):
    """A step of the demo did not show what it claims."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a verb said. seconds: from typing it to its end."""

    code: int
    text: str
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Return its JSON document. Raises DemoError."""
        try:
            found = json.loads(self.text)
        except ValueError as error:
            raise DemoError(
                f"expected a JSON document, found {self.text[:200]!r}: run the verb by hand"
            ) from error
        assert isinstance(found, dict)
        return found


class Stage:
    """Starts and kills the daemon, and types verbs, always with this home."""

    def __init__(self, folder: str | None) -> None:
        self.folder = Path(folder).absolute() if folder else Path(tempfile.mkdtemp(prefix="hfl-"))
        self.home = Home(paths=home_paths(str(self.folder)), mode="paper", account=ACCOUNT)
        self._daemon: subprocess.Popen[bytes] | None = None
        if self.home.journal.journal.exists():
            raise DemoError(
                f"expected a home without a journal for the demo, found one in {self.folder}: "
                "name another folder, or none for a temporary one"
            )

    @property
    def venue_socket(self) -> Path:
        """Return where the paper venue answers."""
        return Path(self.home.paths.venue_socket(ACCOUNT))

    @property
    def log_file(self) -> Path:
        """Return where the daemon's own words go."""
        return Path(self.home.paths.logs) / "demo.log"

    def prepare(self) -> None:
        """Create the home with the demo's settings."""
        create_home(self.home.paths)
        (Path(self.home.paths.config) / "config.toml").write_text(CONFIG)

    def start_daemon(self, speed: str) -> int:
        """Start `hfl run` as a child and return its process id."""
        with self.log_file.open("ab") as log:
            self._daemon = subprocess.Popen(  # noqa: S603 - our own interpreter and verb, no shell
                self._command("run", "--speed", speed),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
            )
        return self._daemon.pid

    def is_running(self) -> bool:
        """Tell whether the daemon lives."""
        return self._daemon is not None and self._daemon.poll() is None

    def sigkill(self) -> int:
        """Kill the daemon with SIGKILL; return how it ended: minus the signal's number."""
        assert self._daemon is not None
        self._daemon.kill()
        return self._daemon.wait(END_S_MAX)

    def wait_for_end(self) -> int:
        """Return the daemon's exit code. Raises DemoError when it does not end."""
        assert self._daemon is not None
        try:
            return self._daemon.wait(END_S_MAX)
        except subprocess.TimeoutExpired as error:
            raise DemoError(
                f"expected the daemon to end within {END_S_MAX:g} s, found it running: "
                f"see {self.log_file}"
            ) from error

    def verb(self, *words: str) -> Answer:
        """Type a verb and wait for it. Raises DemoError when it takes too long."""
        began_s = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and verb, no shell
                self._command(*words),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=VERB_S_MAX,
                check=False,
                env=self._environment(),
            )
        except subprocess.TimeoutExpired as error:
            raise DemoError(
                f"expected `hfl {words[0]}` to end within {VERB_S_MAX:g} s, found it hanging"
            ) from error
        text = (done.stdout + done.stderr).decode(errors="replace")
        return Answer(code=done.returncode, text=text.strip(), seconds=time.monotonic() - began_s)

    def close(self) -> None:
        """Leave no daemon behind."""
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.kill()
            self._daemon.wait(END_S_MAX)

    def _command(self, *words: str) -> Sequence[str]:
        return [sys.executable, "-P", "-c", _ENTRY, *words, "--home", str(self.folder)]

    def _environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name != "HFL_HOME"}
