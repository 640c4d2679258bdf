"""The world of hfl_core/brokers/inprocess.py: the venue as an object; timeouts are virtual."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from hfl_core.brokers.inprocess import Broker
from hfl_core.domain.instruments import Instrument
from hfl_core.venue.inprocess import InProcessVenue
from hfl_core.venue.link import VenueCounts
from hfl_core.venue.model import COSTS_NONE, MarketBar, VenueSettings

IS_REAL = False


class World:
    """One venue object."""

    def __init__(self, instruments: Sequence[Instrument], *, faults: str, seed: int) -> None:
        self.venue = InProcessVenue(
            instruments,
            cash=Decimal(10_000),
            settings=VenueSettings(costs=COSTS_NONE),
            faults=faults,
            seed=seed,
        )
        self.broker = Broker(self.venue)

    def publish(self, slot_time_ns: int, bars: Sequence[MarketBar]) -> int:
        """Tell the venue; return how many events it has."""
        return self.venue.publish(slot_time_ns, bars).events_pending

    def counts(self) -> VenueCounts:
        """Return the venue's own counts."""
        return self.venue.counts()

    def revive(self) -> None:
        """Do nothing: an object does not end."""


@contextmanager
def world(
    directory: Path, instruments: Sequence[Instrument], *, faults: str = "", seed: int = 0
) -> Iterator[World]:
    """Open a world with 10,000 in cash and no costs."""
    yield World(instruments, faults=faults, seed=seed)
