"""The world of hfl_core/brokers/paper.py: a real venue process behind a real socket."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from hfl_core.brokers.paper import Broker
from hfl_core.domain.instruments import Instrument
from hfl_core.venue.link import MarketLink, VenueCounts, VenueOptions, start_venue, venue_counts
from hfl_core.venue.model import COSTS_NONE, MarketBar, VenueSettings

IS_REAL = True


class World:
    """One venue process that the test owns."""

    def __init__(
        self, directory: Path, instruments: Sequence[Instrument], *, faults: str, seed: int
    ) -> None:
        self.options = VenueOptions(
            directory=directory / "venue",
            socket_path=directory / "run" / "venue.sock",
            cash=Decimal(10_000),
            settings=VenueSettings(costs=COSTS_NONE),
            faults=faults,
            seed=seed,
            idle_s=10.0,
        )
        start_venue(self.options)
        self.link = MarketLink(self.options.socket_path, instruments)
        self.broker = Broker(self.options.socket_path)

    def publish(self, slot_time_ns: int, bars: Sequence[MarketBar]) -> int:
        """Tell the venue; return how many events it has."""
        return self.link.publish(slot_time_ns, bars).events_pending

    def counts(self) -> VenueCounts:
        """Return the venue's own counts."""
        return venue_counts(self.options.socket_path)

    def revive(self) -> None:
        """Start the venue again when a fault has ended it."""
        pid = int((self.options.directory / "venue.pid").read_text())
        ends_at = time.monotonic() + 30
        while _is_alive(pid) and time.monotonic() < ends_at:
            time.sleep(0.005)
        start_venue(self.options)

    def end(self) -> None:
        """End the process this world started."""
        self.link.close()
        pid = int((self.options.directory / "venue.pid").read_text())
        if _is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def _is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        name = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z" and b"hfl_core.venue" in name


@contextmanager
def world(
    directory: Path, instruments: Sequence[Instrument], *, faults: str = "", seed: int = 0
) -> Iterator[World]:
    """Open a world with 10,000 in cash and no costs; end it afterwards."""
    made = World(directory, instruments, faults=faults, seed=seed)
    try:
        yield made
    finally:
        made.end()
