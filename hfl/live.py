"""What a person sees while the bot runs without the screen: hints, a line, and alerts."""

import shutil
import sys
import time
from datetime import UTC, datetime
from typing import Final

from hfl_core.domain.effects import RaiseAlert
from hfl_core.engine.ordering import RECOVERING
from hfl_core.engine.table import HALTED
from hfl_core.runtime.conductor import Conductor

INTERVAL_S: Final = 0.5
# Where nobody rewrites a line, one now and then is enough.
LOG_INTERVAL_S: Final = 5.0
ALERTS_SHOWN_MAX: Final = 20
# Every start recovers; only one that takes long is worth a word.
RECOVERY_UNSAID_S: Final = 3.0
# The same words are not said again sooner.
REPEAT_S: Final = 60.0
TEXTS_KEPT_MAX: Final = 500
UNITS: Final = 1e12
CLEAR: Final = "\r\x1b[K"


class Live:
    """A progress line on a terminal, a line now and then elsewhere; nothing when quiet."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._is_terminal = sys.stderr.isatty()
        self._next_s = 0.0
        self._session: Conductor | None = None
        self._has_line = False
        self._alerts = 0
        self._stood = ""
        self._stood_since_s = 0.0
        self._is_told = False
        self._told: dict[str, float] = {}

    def watch(self, session: Conductor) -> None:
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
        self._next_s = now_s + (INTERVAL_S if self._is_terminal else LOG_INTERVAL_S)
        self._tell_standing(session)
        core = session.runner.engine.core
        if not core.time_ns:
            return
        moment = datetime.fromtimestamp(core.time_ns // 1_000_000_000, UTC)
        stops = len(core.book.latches)
        scans = core.book.scans + core.group_scans
        equity = core.decider.equity / UNITS
        self._write(
            f"{moment:%Y-%m-%d %H:%M} {core.book.state:<10} equity {equity:,.2f} "
            + (f"STOPPED ({stops}): see `hfl resume` " if stops else "")
            + f"positions {len(core.book.positions)} orders {core.book.numbers:,} scans {scans:,}"
        )

    def say(self, text: str) -> None:
        """Print a line above the progress line."""
        if not self._is_quiet:
            self._clear()
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    def send(self, alert: RaiseAlert) -> None:
        """Print an alert; beyond the first ones only critical ones, and none again too soon."""
        now_s = time.monotonic()
        if now_s - self._told.get(alert.text, -REPEAT_S) < REPEAT_S:
            return
        if len(self._told) >= TEXTS_KEPT_MAX:
            self._told.clear()
        self._told[alert.text] = now_s
        self._alerts += 1
        if alert.level == "critical" or self._alerts <= ALERTS_SHOWN_MAX:
            self.say(f"{alert.level}: {alert.text}")
        if self._alerts == ALERTS_SHOWN_MAX:
            self.say("further warnings are in the journal: `hfl status`, `hfl journal stats`")

    def end(self) -> None:
        """Remove the progress line."""
        self._clear()

    def _tell_standing(self, session: Conductor) -> None:
        """Say once why the machine stands still, and what a human can do about it."""
        book = session.runner.engine.core.book
        standing = book.halt_reason if book.state == HALTED else ""
        now_s = time.monotonic()
        if standing != self._stood:
            self._stood, self._stood_since_s, self._is_told = standing, now_s, False
        if not standing or self._is_told:
            return
        if standing != RECOVERING:
            self._is_told = True
            self.say(f"halted: {standing}; no bar is taken until it is over: see `hfl resume`")
        elif now_s - self._stood_since_s > RECOVERY_UNSAID_S:
            self._is_told = True
            self.say(
                "halted: recovering; waiting for the venue's answer about orders and positions"
            )

    def _clear(self) -> None:
        if self._has_line and self._is_terminal:
            sys.stderr.write(CLEAR)
        self._has_line = False

    def _write(self, text: str) -> None:
        self._has_line = True
        # A line that wraps cannot be rewritten.
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"{CLEAR}{text[:width]}" if self._is_terminal else f"{text}\n")
        sys.stderr.flush()
