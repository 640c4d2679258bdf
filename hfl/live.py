"""What a person sees while the bot runs without the screen.

One line on stderr, rewritten, and alerts.
"""

import sys
import time
from datetime import UTC, datetime
from typing import Final

from hfl_core.domain.effects import RaiseAlert
from hfl_core.runtime.session import Session

INTERVAL_S: Final = 0.5


class Live:
    """A progress line on a terminal, a line now and then elsewhere; nothing when quiet."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._is_terminal = sys.stderr.isatty()
        self._next_s = 0.0
        self._session: Session | None = None
        self._has_line = False
        self._alerts = 0

    def watch(self, session: Session) -> None:
        """Follow a session: its tick is passed on."""
        self._session = session
        earlier = session.on_tick

        def tick() -> None:
            if earlier is not None:
                earlier()
            self.tick()

        session.on_tick = tick

    def tick(self) -> None:
        """Rewrite the line when it is due."""
        now_s = time.monotonic()
        session = self._session
        if self._is_quiet or session is None or now_s < self._next_s:
            return
        self._next_s = now_s + (INTERVAL_S if self._is_terminal else 10 * INTERVAL_S)
        core = session.runner.engine.core
        moment = datetime.fromtimestamp(core.time_ns // 1_000_000_000, UTC)
        text = (
            f"{moment:%Y-%m-%d %H:%M} {core.book.state:<10} scans {session.scans:>7} "
            f"orders {core.book.numbers:>6} equity {core.decider.equity / 1e12:>12.2f}"
        )
        self._write(text)

    def send(self, alert: RaiseAlert) -> None:
        """Print an alert above the line (warnings only on a terminal's first lines are plenty)."""
        self._alerts += 1
        if self._is_quiet or (alert.level != "critical" and self._alerts > 20):
            return
        if self._has_line and self._is_terminal:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.write(f"{alert.level}: {alert.text}\n")

    def end(self) -> None:
        """Leave the line behind."""
        if self._has_line and self._is_terminal:
            sys.stderr.write("\r\x1b[K")
        self._has_line = False

    def _write(self, text: str) -> None:
        self._has_line = True
        if self._is_terminal:
            sys.stderr.write(f"\r\x1b[K{text}")
        else:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
