"""Keeps the paper venue's market side alive: a dead one is started again, a slow one gets time."""

import time
from collections.abc import Callable
from typing import Final

from hfl_core.control.lock import process_start
from hfl_core.domain.bars import Slot
from hfl_core.domain.errors import BrokerError
from hfl_core.venue.link import UNREACHABLE, MarketLink
from hfl_core.venue.model import MarketState

# Short, so that a stop is heard between two tries; publishing again changes nothing.
MARKET_DEADLINE_S: Final = 0.5
TRYING_S_MAX: Final = 20.0
PAUSE_S: Final = 0.05


class MarketKeeper:
    """Implements hfl_core.runtime.conductor.Market over a link to a venue process. For one thread.

    start: starts the venue unless it serves, raising BrokerError; is_ending: tells whether the run
    is being ended, then nothing is tried again; on_trouble is told once when the venue goes silent
    and once when it is back.
    """

    def __init__(
        self,
        link: MarketLink,
        *,
        start: Callable[[], None],
        is_ending: Callable[[], bool],
        on_trouble: Callable[[str], None],
    ) -> None:
        self._link = link
        self._start = start
        self._is_ending = is_ending
        self._on_trouble = on_trouble

    def connect(self) -> MarketState:
        """Say hello. Raises BrokerError when the venue stays silent."""
        return self._insist(self._link.connect)

    def publish_open(self, slot: Slot, open_ns: int) -> MarketState:
        """Publish a slot's opens. Raises BrokerError as `publish_slot` does."""
        return self._insist(lambda: self._link.publish_open(slot, open_ns))

    def publish_slot(self, slot: Slot, open_ns: int) -> MarketState:
        """Publish a slot. Raises BrokerError when the venue stays silent or refuses a bar."""
        return self._insist(lambda: self._link.publish_slot(slot, open_ns))

    def close(self) -> None:
        """Close the connection; the venue goes on until it is idle."""
        self._link.close()

    def _insist(self, call: Callable[[], MarketState]) -> MarketState:
        """Try until the venue answers, it refuses, the run is being ended, or time is over."""
        tries, ends_s = 0, 0.0
        while True:
            try:
                state = call()
            except BrokerError as error:
                if error.code != UNREACHABLE or self._is_ending():
                    raise
                if not tries:
                    ends_s = time.monotonic() + TRYING_S_MAX
                    self._on_trouble(str(error))
                elif time.monotonic() > ends_s:
                    raise
                tries += 1
                self._revive()
                continue
            if tries:
                self._on_trouble(f"the paper venue answers again after {tries} more tries")
            return state

    def _revive(self) -> None:
        """Start the venue again if its process is gone; one that merely hangs gets time."""
        pid = self._link.pid
        if pid and process_start(pid):
            time.sleep(PAUSE_S)
            return
        self._start()
