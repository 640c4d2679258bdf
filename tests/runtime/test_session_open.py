"""A slot in two phases: what fills at the open is answered inside the bar, crashes or not.

One story, worked out by hand. Hour 1 closes at 100 and wants long with a stop 2 below. Hour 2 opens
at 101, falls to 97 and closes at 99; hours 3 and 4 rest at 100.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

import pytest

from hfl_core.brokers.inprocess import Broker
from hfl_core.domain import events as ev
from hfl_core.domain.bars import BarRow, Slot
from hfl_core.domain.ids import ClientOrderId, VenueOrderId
from hfl_core.domain.instruments import Instrument, VolumeKind
from hfl_core.domain.orders import OrderIntent
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from hfl_core.gateway.gateway import Gateway, GatewaySettings
from hfl_core.gateway.latch import MemoryLatch
from hfl_core.ports import JournalRow
from hfl_core.runtime.clock import VirtualClock
from hfl_core.runtime.conductor import SessionSettings
from hfl_core.runtime.inbox import Inbox
from hfl_core.runtime.latches import LatchKeeper
from hfl_core.runtime.perform import Performer
from hfl_core.runtime.recovery import Folder
from hfl_core.runtime.runner import Runner
from hfl_core.runtime.session import Session
from hfl_core.runtime.workers import InlineWorkers
from hfl_core.venue.inprocess import InProcessVenue
from hfl_core.venue.model import COSTS_NONE, MarketState, VenueSettings
from hfl_journal.memory import MemoryJournal
from tests.engine.kit import HOUR, MONDAY, SECOND, command, instrument, run_started, settings

UNIT = instrument(volume=VolumeKind.NONE, depth_lots=10_000)
WANT = {"": 0.0, "long": 1.0}
STORY = [
    ("100", "101", "99", "100", "long"),
    ("101", "102", "97", "99", ""),
    ("100", "101", "99", "100", ""),
    ("100", "101", "99", "100", ""),
]


class CrashError(BaseException):
    """The process ends here."""


class WatchedVenue(InProcessVenue):
    """Keeps a record of what the market side is told, and crashes or acts where it is asked to."""

    def __init__(self) -> None:
        super().__init__(
            (UNIT,), cash=Decimal(10_000), settings=VenueSettings(costs=COSTS_NONE), account="acc"
        )
        self.told: list[tuple[str, int]] = []
        self.at: dict[tuple[str, int], Callable[[], None]] = {}

    def publish_open(self, slot: Slot, open_ns: int) -> MarketState:
        number = (slot.time_ns - MONDAY) // HOUR
        self.told.append(("open", number))
        self.at.pop(("before open", number), _nothing)()
        state = super().publish_open(slot, open_ns)
        self.at.pop(("after open", number), _nothing)()
        return state

    def publish_slot(self, slot: Slot, open_ns: int) -> MarketState:
        if not slot.bars:
            return super().publish_slot(slot, open_ns)
        number = (slot.time_ns - MONDAY) // HOUR
        self.told.append(("bar", number))
        self.at.pop(("before bar", number), _nothing)()
        state = super().publish_slot(slot, open_ns)
        self.at.pop(("after bar", number), _nothing)()
        return state

    def submit(
        self, client_id: ClientOrderId, intent: OrderIntent, *, deadline_s: float
    ) -> VenueOrderId:
        venue_id = super().submit(client_id, intent, deadline_s=deadline_s)
        self.at.pop((f"after {intent.purpose.value}", 0), _nothing)()
        return venue_id

    def fills(self) -> list[tuple[str, str, float]]:
        """Return (side, price, hours since Monday) of every fill."""
        return [
            (event.fill.side.value, str(event.fill.price), (event.fill.at_ns - MONDAY) / HOUR)
            for event in self.matching.log
            if isinstance(event, ev.Filled)
        ]


class OpenFeed:
    """The story as a data set."""

    def __init__(self, story: Sequence[tuple[str, ...]]) -> None:
        self.slots = []
        for number, (*prices, want) in enumerate(story, start=1):
            ticks = [int(Decimal(price) * 100) for price in prices]
            row = BarRow(0, ticks[0], ticks[1], ticks[2], ticks[3], WANT[want], 0)
            self.slots.append(Slot(MONDAY + number * HOUR, (row,), number))

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return (UNIT,)

    def opened(self, cursor: int) -> ev.DatasetOpened:
        return ev.DatasetOpened(
            dataset_id="d",
            source="test",
            spec="{}",
            content_hash="00",
            rows=len(self.slots),
            symbols=(UNIT.symbol,),
            first_ns=MONDAY,
            last_ns=self.slots[-1].time_ns,
            cursor=cursor,
        )

    def read(self, cursor: int) -> Iterator[Slot]:
        return iter(self.slots[cursor:])


class Bot:
    """One run of the daemon's inside over a venue that outlives it."""

    def __init__(
        self, venue: WatchedVenue, story: Sequence[tuple[str, ...]], rows: Sequence[JournalRow] = ()
    ) -> None:
        self.feed = OpenFeed(story)
        bounds = settings(instruments=(UNIT,))
        self.engine = Engine(bounds, make)
        Folder(self.engine, lambda _opened: lambda a, b: iter(self.feed.slots[a:b])).fold(rows)
        self.name = f"r{venue.told.count(('start', 0)) + 1}"
        venue.told.append(("start", 0))
        clock = VirtualClock()
        self.journal = MemoryJournal(
            run_id=self.name, clock=clock, mode="backtest", journal_id="test01"
        )
        self.inbox = Inbox()
        runner = Runner(self.engine, self.journal, clock)
        latch = MemoryLatch(None)
        gateway = Gateway(
            Broker(venue),
            latch,
            GatewaySettings(
                intent_age_max_ns=5 * SECOND,
                price_age_max_ns=5 * SECOND,
                orders_per_minute_max=30,
                repeats_per_minute_max=5,
                deadline_s=3,
                limits_hash=bounds.limits_hash,
            ),
            holds_lock=lambda: True,
        )
        performer = Performer(
            runner=runner,
            gateway=gateway,
            inbox=self.inbox,
            workers=InlineWorkers(),
            latches=LatchKeeper(latch, None),
        )
        self.session = Session(
            SessionSettings(timeframe_ns=HOUR),
            runner=runner,
            performer=performer,
            inbox=self.inbox,
            market=venue,
            feed=self.feed,
            clock=clock,
        )

    def run(self) -> "Bot":
        self.session.start(run_started(self.name), [])
        self.session.run(self.engine.core.book.cursor)
        return self

    def rows_of(self, kind: type[ev.Event]) -> list[JournalRow]:
        return [row for row in self.journal.rows() if isinstance(row.event, kind)]


def test_the_protective_stop_is_live_inside_the_bar_that_the_entry_filled_in() -> None:
    """Told at once, the stop would come at 99 after the close and miss the low of 97."""
    venue = WatchedVenue()
    bot = Bot(venue, STORY).run()

    assert venue.fills() == [("buy", "101", 1.0), ("sell", "98", 2.0)]
    assert bot.engine.core.book.positions == {}
    assert [(row.time_ns - MONDAY) / HOUR for row in bot.rows_of(ev.Filled)] == [1.0, 2.0]
    sent = [row.time_ns - MONDAY for row in bot.rows_of(ev.SendAttempted)]
    assert [time_ns / HOUR for time_ns in sent] == [1.0, 1.0]
    assert not bot.rows_of(ev.SendRefused)


def test_the_open_comes_first_only_where_an_order_waits_for_it() -> None:
    venue = WatchedVenue()
    quiet = [("100", "101", "99", "100", "")] * 2
    holding = [("101", "102", "100", "101", "")] * 2
    Bot(venue, [*quiet, STORY[0], *holding]).run()

    assert venue.told == [
        ("start", 0),
        ("bar", 1),
        ("bar", 2),
        ("bar", 3),
        ("open", 4),  # the entry
        ("bar", 4),
        ("bar", 5),  # the protective stop alone
    ]
    assert venue.matching.ledger.holdings[0].lots > 0


def test_a_stop_below_a_gap_takes_at_that_open_with_nobody_asking_for_it() -> None:
    venue = WatchedVenue()
    story = [STORY[0], ("101", "102", "100", "101", ""), ("95", "96", "94", "95", "")]
    Bot(venue, story).run()

    assert venue.fills() == [("buy", "101", 1.0), ("sell", "95", 2.0)]
    assert venue.told[-1] == ("bar", 3)


def test_an_exit_ordered_after_the_open_waits_for_the_next_one() -> None:
    """The operator closes everything between open and range, when the stop was just accepted.

    The stop is cancelled before the exit is sent, so the low of 97 touches nothing and the position
    rides to the next open at 100.
    """
    venue = WatchedVenue()
    bot = Bot(venue, STORY)

    def close_all() -> None:
        assert bot.inbox.put_command(command("close_all"), actor="operator")

    venue.at["after protection", 0] = close_all
    bot.run()

    assert venue.fills() == [("buy", "101", 1.0), ("sell", "100", 2.0)]
    sent = [row.time_ns - MONDAY for row in bot.rows_of(ev.SendAttempted)]
    assert max(sent) == HOUR


def test_a_close_all_typed_between_the_open_and_its_poll_closes_what_filled_there() -> None:
    """The command overtakes the entry's fill: no position is seen yet, and still none is kept."""
    venue = WatchedVenue()
    bot = Bot(venue, STORY)

    def close_all() -> None:
        assert bot.inbox.put_command(command("close_all"), actor="operator")

    venue.at["after open", 2] = close_all
    bot.run()

    assert venue.fills() == [("buy", "101", 1.0), ("sell", "100", 2.0)]
    assert bot.engine.core.book.positions == {}


POINTS = [f"{when} {phase}" for phase in ("open", "bar") for when in ("before", "after")]


@pytest.mark.parametrize("first", POINTS)
@pytest.mark.parametrize("second", ["", *POINTS])
def test_a_crash_between_open_and_range_changes_no_fill(first: str, second: str) -> None:
    """Each later run folds the committed rows and tells the venue the bar again."""
    venue = WatchedVenue()
    rows: list[JournalRow] = []
    crashes = [point for point in (first, second) if point]
    for point in crashes:
        venue.at[point, 2] = _crash
        bot = Bot(venue, STORY, rows)
        _run_until_it_crashes_or_ends(bot)
        rows += bot.journal.rows()
    bot = Bot(venue, STORY, rows)
    venue.at.clear()
    bot.run()

    assert venue.fills() == [("buy", "101", 1.0), ("sell", "98", 2.0)]
    assert set(venue.counts().accepted.values()) == {1}
    assert len(venue.counts().accepted) == 2
    assert bot.engine.core.book.positions == {}
    assert bot.engine.core.book.cash == venue.matching.account().cash


def _run_until_it_crashes_or_ends(bot: Bot) -> None:
    with contextlib.suppress(CrashError):
        bot.run()


def _crash() -> None:
    raise CrashError


def _nothing() -> None:
    """Do nothing."""
