"""One run over a data set, slot by slot, on the engine's thread.

File feeds run on virtual time: a bar is known at its close, and the next slot is released only when
every effect of the last one is answered.
"""

from collections.abc import Iterator

from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.errors import BrokerError
from hfl_core.ports import Clock, Feed
from hfl_core.runtime.conductor import Conductor, Market, SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.runner import Runner


class Session(Conductor):
    """Drives one runner over a data set, slot by slot."""

    def __init__(
        self,
        settings: SessionSettings,
        *,
        runner: Runner,
        performer: Performer,
        inbox: Inbox,
        market: Market,
        feed: Feed,
        clock: Clock,
    ) -> None:
        super().__init__(
            settings,
            runner=runner,
            performer=performer,
            inbox=inbox,
            market=market,
            clock=clock,
        )
        self.feed = feed

    def run(self, cursor: int) -> str:
        """Go through the feed from a cursor on; return why the run ended."""
        opened = self.feed.opened(cursor)
        start_ns = max(self._core.time_ns, opened.first_ns if not self._core.time_ns else 0)
        self.runner.submit(opened, time_ns=start_ns, actor="feed", must_commit=True)
        self._settle()
        for item in self._items(cursor):
            if isinstance(item, RefusedRows):
                self.runner.refuse(item)
                continue
            self._wait_for(item[0])
            self._hold(item[0])
            if not self._is_taken(item) or self.scans == self.settings.scans_max:
                break
        if not self.performer.end_reason:
            self._at_end_of_data()
        return self._end()

    def _items(self, cursor: int) -> Iterator[Slot | RefusedRows]:
        return self.feed.read(cursor)

    def _is_taken(self, slot: Slot) -> bool:
        """Take a slot unless the run is being ended; tell whether to go on.

        A market that fails while somebody waits for the end fails nothing.
        """
        if self.performer.end_reason:
            return False
        try:
            self.take_slot(slot)
        except BrokerError:
            self._settle()
            if not self.performer.end_reason:
                raise
        return not self.performer.end_reason

    def take_slot(self, slot: Slot) -> None:
        """Take one slot in: timers before it, the venue's fills in it, then the scan."""
        self._move_market(slot)
        self.scans += 1
        self.runner.scan(slot)
        self._after_scan()
