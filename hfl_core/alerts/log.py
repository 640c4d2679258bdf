"""Alerts as JSON lines in the logs directory: alerts.jsonl, and older ones behind it by number."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hfl_core.alerts.settings import ChannelSettings
from hfl_core.domain.effects import RaiseAlert

FILE_NAME: Final = "alerts.jsonl"
FILE_BYTES_MAX: Final = 1_000_000
FILES_KEPT: Final = 5
TEXT_CHARS_MAX: Final = 4_000


class Channel:
    """Implements hfl_core.ports.AlertSink: a line an alert, handed to the system at once."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self._path = Path(settings.logs) / FILE_NAME

    def send(self, alert: RaiseAlert) -> None:
        """Append a line. Raises OSError when the disk does not take it."""
        wall_ns = self._settings.clock.wall_ns()
        moment = datetime.fromtimestamp(wall_ns // 1_000_000_000, UTC)
        line = json.dumps(
            {
                "at": f"{moment:%Y-%m-%dT%H:%M:%S}.{wall_ns // 1_000_000 % 1000:03d}Z",
                "level": alert.level,
                "source": self._settings.source,
                "run": self._settings.run_id,
                "text": alert.text[:TEXT_CHARS_MAX],
            }
        )
        self._append(line.encode("ascii") + b"\n")

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._rotate_if_full(len(line))
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # In one call, so that lines of two processes never mix.
            written = os.write(handle, line)
        finally:
            os.close(handle)
        if written != len(line):
            raise OSError(f"expected to write {len(line)} bytes to {self._path}, found {written}")

    def _rotate_if_full(self, more: int) -> None:
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return
        if size + more <= FILE_BYTES_MAX:
            return
        for number in range(FILES_KEPT - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._path.replace(self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{FILE_NAME}.{number}")
