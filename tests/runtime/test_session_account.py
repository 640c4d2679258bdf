"""The account is looked at while nothing is ours there, too: once a day, and without a row."""

from collections.abc import Callable, Iterator

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.bars import RefusedRows, Slot
from hfl_core.domain.ids import ClientOrderId
from hfl_core.domain.orders import OrderType, Side
from hfl_core.engine.settings import Watch
from hfl_core.runtime.backtest import Backtest
from hfl_core.runtime.session import Session
from hfl_core.venue.inprocess import InProcessVenue
from hfl_core.venue.model import NewOrder
from hfl_journal.memory import MemoryJournal
from tests.engine.kit import DAY, D
from tests.runtime.test_backtest import build, run
from tests.simulation.test_crash_points import HOUR_NS, SLOTS, story_items
from tests.support.bars import START_NS, ListFeed
from tests.support.builders import COIN, PAIR
from tests.support.plan import Plan
from tests.support.strategies import Script

KINDS = (Session, Backtest)
MEDDLED = 30


class WatchedFeed(ListFeed):
    """Lets somebody act before a slot is read."""

    meddle: Callable[[], None] | None = None

    def read(self, cursor: int) -> Iterator[Slot | RefusedRows]:
        for number, item in enumerate(super().read(cursor)):
            if number == MEDDLED and self.meddle is not None:
                self.meddle()
            yield item


def quiet(kind: type[Session], reconcile_scans: int = 12) -> Session:
    """Return a run over hourly bars in which our strategies want nothing."""
    feed = WatchedFeed((COIN, PAIR), story_items(), timeframe_ns=HOUR_NS)
    watches = tuple(
        Watch(instrument=instrument, strategy=Script(stances={}), strategy_name="script")
        for instrument in (COIN, PAIR)
    )
    plan = Plan(seed=1, feed=feed, watches=watches)
    return build(plan, faults="", reconcile_scans=reconcile_scans, kind=kind)


def buy_by_hand(session: Session) -> None:
    venue = session.market
    assert isinstance(venue, InProcessVenue)
    order = NewOrder(
        client_id=ClientOrderId("manual1"),
        symbol=COIN.symbol,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=D(1),
        is_reduce_only=False,
    )
    venue.matching.submit(order)


def found(journal: MemoryJournal, kind: type[ev.Event]) -> list[int]:
    """Return the hours since the first bar began of every row of a kind."""
    times = [row.time_ns for row in journal.rows() if isinstance(row.event, kind)]
    return [(time_ns - START_NS) // HOUR_NS for time_ns in times]


@pytest.mark.parametrize("kind", KINDS)
def test_while_flat_the_account_is_looked_at_once_a_day(kind: type[Session]) -> None:
    asked: list[str] = []
    session = quiet(kind)
    session.performer.on_point = asked.append
    journal = run(session)
    days = len({(START_NS + hour * HOUR_NS) // DAY for hour in range(1, SLOTS + 1)})

    # At the start, and with the first bar of each day.
    assert asked.count("effect:Reconcile") == 1 + days
    assert len(found(journal, ev.ReconcileReported)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_strangers_position_is_found_by_the_next_day(kind: type[Session]) -> None:
    session = quiet(kind)
    feed = session.feed
    assert isinstance(feed, WatchedFeed)
    feed.meddle = lambda: buy_by_hand(session)
    journal = run(session)
    next_day = (START_NS + MEDDLED * HOUR_NS) // DAY * DAY + DAY

    assert found(journal, ev.PositionMismatched) == [(next_day - START_NS) // HOUR_NS]
    assert list(session.runner.engine.core.book.halted_symbols) == [COIN.symbol]


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_venue_is_in_this_process_nobody_looks(kind: type[Session]) -> None:
    asked: list[str] = []
    session = quiet(kind, reconcile_scans=0)
    session.performer.on_point = asked.append
    run(session)

    assert asked.count("effect:Reconcile") == 1
