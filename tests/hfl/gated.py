"""Runs `hfl` with a market that goes on bar by bar, as a test tells it.

The pace of a run is a speed and a clock. The clock by which the session waits for its next bar is
here a file with a whole number: how many bars may have closed behind the run's first one. Beside
it stands, in another file, the number of the bar that the session asks its feed for; by then the
bars before that one are taken, and what they led to is answered. Nothing else is changed.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hfl.commands.run as run_module
from hfl.cli import main
from hfl.daemon import Daemon, RunOutcome
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.events import DatasetOpened
from hfl_core.domain.instruments import Instrument
from hfl_core.ports import Feed
from hfl_core.runtime.clock import MachineClock
from hfl_core.runtime.session import Session

GATE = "HFL_TEST_GATE"


def at_of(gate: Path) -> Path:
    """Return the file for the number of the bar that is asked for, counted from 0."""
    return gate.with_suffix(".at")


class GatedClock(MachineClock):
    """Stands still until the file says that more bars may close."""

    def __init__(self, gate: Path, bar_ns: int) -> None:
        self._gate = gate
        self._bar_ns = bar_ns

    def monotonic_ns(self) -> int:
        return int(self._gate.read_text()) * self._bar_ns


class NotedFeed:
    """A feed that notes which bar is asked for; the rest of it is the feed's own."""

    def __init__(self, feed: Feed, gate: Path, frame_ns: int) -> None:
        self._feed = feed
        self._gate = gate
        self._frame_ns = frame_ns

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return self._feed.instruments

    def opened(self, cursor: int) -> DatasetOpened:
        return self._feed.opened(cursor)

    def read(self, cursor: int) -> Iterator[Slot | RefusedRows]:
        first_ns = 0
        for item in self._feed.read(cursor):
            if isinstance(item, Slot):
                first_ns = first_ns or item.time_ns
                write_number(at_of(self._gate), (item.time_ns - first_ns) // self._frame_ns)
            yield item


class GatedDaemon(Daemon):
    """The daemon, its session by the gated clock."""

    def run(self) -> RunOutcome:
        gate, session = Path(os.environ[GATE]), self.session
        frame_ns = session.settings.timeframe_ns
        session.clock = GatedClock(gate, int(frame_ns / session.settings.speed))
        assert isinstance(session, Session)
        session.feed = NotedFeed(session.feed, gate, frame_ns)
        return super().run()


def write_number(path: Path, number: int) -> None:
    """Replace a file at once: a reader sees the old number or the new one."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(str(number))
    fresh.replace(path)


if __name__ == "__main__":
    vars(run_module).update(Daemon=GatedDaemon)
    sys.exit(main())
