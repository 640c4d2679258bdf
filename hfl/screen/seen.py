"""Up to which row the alerts of an account were acknowledged, in a small file of the home.

Only a convenience: a home that cannot be written forgets, and nothing else happens.
"""

import contextlib
import os
from pathlib import Path

FORGOTTEN = -1


class SeenFile:
    """See hfl_tui.ports.Memory. The last acknowledgement counts, whichever viewer it came from."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seq = FORGOTTEN

    def seen(self) -> int:
        """Return that row, -1 when nobody has acknowledged any."""
        with contextlib.suppress(OSError, ValueError):
            self._seq = max(FORGOTTEN, int(self._path.read_text("ascii")))
        return self._seq

    def acknowledge(self, seq: int) -> None:
        """Remember a row."""
        self._seq = seq
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            beside.write_text(f"{seq}\n", "ascii")
            beside.replace(self._path)
