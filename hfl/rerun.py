"""A recorded run's inputs once more, in this process and with any plan.

Every fill is modelled by the paper venue's own matching.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl.inprocess import Parts, in_process
from hfl.plan import Plan
from hfl.terms import gateway_settings, venue_settings
from hfl_config.load import LoadedConfig
from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.engine.book import Book
from hfl_core.engine.state import book_state, restore_book
from hfl_core.engine.step import Engine
from hfl_core.ports import Clock, Journal, JournalRow
from hfl_core.runtime.clock import VirtualClock
from hfl_core.runtime.conductor import SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.session import Session
from hfl_core.venue.inprocess import InProcessVenue
from hfl_data.dataset import DatasetFeed
from hfl_journal.memory import MemoryJournal

# A kill ends its process: in one modelled run it is a pause, which the recorded resume lifts.
# A stop is left out.
ENDING: Final = {"kill": "pause"}
IGNORED: Final = frozenset({"stop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is fed again. commands: (engine time, command); scans.

    How many slots the recorded runs took.
    """

    started: ev.RunStarted
    opened: ev.DatasetOpened
    loaded: LoadedConfig
    commands: tuple[tuple[int, ev.CommandReceived], ...]
    scans: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Where a modelled run begins that is not the first: flat, with what was known and owned then.

    engine: the fold of everything before, used up by the run; cursor: in the data set.
    """

    engine: Engine
    cursor: int
    cash: Decimal

    def book(self) -> Book:
        """Return a copy of the book as it is now."""
        copy = Book()
        restore_book(copy, book_state(self.engine.core.book))
        return copy


class _Fed:
    """The recorded data set, with the recorded commands put in when their time has come."""

    def __init__(self, feed: DatasetFeed, recorded: Recorded, inbox: Inbox) -> None:
        self._feed = feed
        self._recorded = recorded
        self._inbox = inbox
        self.instruments = feed.instruments

    def opened(self, cursor: int) -> ev.DatasetOpened:
        """Return the data set as it was recorded: nothing is hashed again."""
        del cursor
        return self._recorded.opened

    def read(self, cursor: int) -> Iterator[Slot | RefusedRows]:
        """Yield the data set's items; in front of a slot what was typed before it."""
        waiting = list(reversed(self._recorded.commands))
        for item in self._feed.read(cursor):
            if isinstance(item, Slot):
                while waiting and waiting[-1][0] < item.time_ns:
                    self._inbox.put_command(waiting.pop()[1], actor="recorded")
            yield item


def rerun(
    plan: Plan,
    feed: DatasetFeed,
    recorded: Recorded,
    *,
    on_scan: Callable[[int], None],
    begin: Begin | None = None,
) -> Iterator[JournalRow]:
    """Run a plan over the recorded inputs; return the rows of its journal in memory."""
    clock = VirtualClock()
    settings = plan.settings
    journal = MemoryJournal(
        run_id="whatif", clock=clock, mode=settings.mode, journal_id=settings.journal_id
    )
    drive(plan, feed, recorded, journal=journal, clock=clock, on_scan=on_scan, begin=begin)
    return (row for row in journal.rows())


def drive(
    plan: Plan,
    feed: DatasetFeed,
    recorded: Recorded,
    *,
    journal: Journal,
    clock: Clock,
    on_scan: Callable[[int], None] | None = None,
    snapshot_inputs: int = 0,
    begin: Begin | None = None,
) -> None:
    """Run a plan over the recorded inputs into a journal.

    snapshot_inputs: 0 for no snapshots; begin: None for the first scan.
    """
    settings = plan.settings
    config = recorded.loaded.config
    venue = InProcessVenue(
        feed.instruments,
        cash=begin.cash if begin is not None else Decimal(config.account.cash_start),
        settings=venue_settings(recorded.loaded),
        faults=config.venue.faults,
        seed=config.venue.faults_seed,
    )
    inbox = Inbox()
    engine = begin.engine if begin is not None else plan.engine()
    engine.core.book.fill_cursor = 0  # this venue counts from its own beginning
    parts = Parts(
        engine=engine,
        journal=journal,
        clock=clock,
        venue=venue,
        feed=_Fed(feed, recorded, inbox),
        gateway=gateway_settings(recorded.loaded, settings.limits_hash),
        session=SessionSettings(timeframe_ns=feed.frame.nanoseconds, scans_max=recorded.scans),
        inbox=inbox,
        snapshot_inputs=snapshot_inputs or recorded.opened.rows + 1,
    )
    session = in_process(parts, Session)
    if on_scan is not None:
        session.on_tick = lambda: on_scan(session.scans)
    session.start(recorded.started, [])
    session.run(begin.cursor if begin is not None else 0)


def commands_of(rows: Iterator[JournalRow]) -> tuple[tuple[int, ev.CommandReceived], ...]:
    """Return the recorded commands that a modelled run can take, with their engine times."""
    found = []
    for row in rows:
        event = row.event
        if isinstance(event, ev.CommandReceived) and event.verb not in IGNORED:
            verb = ENDING.get(event.verb, event.verb)
            command = ev.CommandReceived(
                request_id=event.request_id, verb=verb, actor=event.actor, arguments=event.arguments
            )
            found.append((row.time_ns, command))
    return tuple(found)
