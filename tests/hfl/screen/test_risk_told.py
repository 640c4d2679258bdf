"""Below the gauges: what the day's loss is made of and what would end it, worked out again here."""

from decimal import Decimal
from pathlib import Path

import pytest

from hfl.screen.risk_told import BREAKERS
from hfl.screen.teller import JournalTeller
from hfl.whereabouts import find
from hfl_core.control.board import Board, BoardState
from hfl_core.engine.book import Book
from hfl_journal.reader import JournalReader
from tests.hfl.journals import make_journal

MARK = Decimal("36500.00")


@pytest.fixture(scope="module")
def holding(tmp_path_factory):
    """Return a home whose bot holds one position with a stop at the broker, and its book."""
    folder = tmp_path_factory.mktemp("held") / "home"
    made = make_journal(folder, bars=500)
    book = Book()
    with JournalReader.open(made.home.journal.journal) as reader:
        at = 0
        while page := reader.rows(at):
            for row in page:
                book.apply(row.event, row.time_ns)
            at = page[-1].seq
    assert list(book.positions) == ["SIM-BTC"]
    return folder, book


def board_of(folder, book, **marks):
    where = find(str(folder), None)
    Path(where.paths.run).mkdir(parents=True, exist_ok=True)
    state = BoardState(
        pid=1, run=book.run_id, seq=1, phase="idle", wall_ns=1, time_ns=book.slot_ns,
        marks={name.replace("_", "-"): str(mark) for name, mark in marks.items()},
        money={
            "equity": str(book.equity),
            "high_water_mark": str(book.high_water_mark),
            **{name: str(amount) for name, amount in book.anchors},
        },
    )  # fmt: skip
    Board(where.board_file).write(state, now_s=0.0, is_last=True)
    return where


def section(where, title):
    told = JournalTeller(where).risk()
    return next(one.rows for one in told.sections if one.title.startswith(title))


def test_if_every_stop_is_hit_the_day_and_its_share_of_the_limit_follow(holding):
    folder, book = holding
    where = board_of(folder, book, SIM_BTC=MARK)
    rows = section(where, "Day loss")
    held = book.positions["SIM-BTC"]
    gain = book.equity - dict(book.anchors)["day"]
    after = gain - held.quantity * (MARK - held.stop_price)
    limit = dict(book.anchors)["day"] * Decimal(str(book.limits["daily_loss_fraction_max"]))
    used = max(Decimal(0), -after) / limit

    assert f"if every stop is hit now: day {after:+,.2f} = {used:.0%} of limit" in rows[1]
    assert "(1 broker, 0 engine)" in rows[1]
    left = limit - max(Decimal(0), -gain)
    assert rows[2].startswith(f"distance: {left:,.2f} more = SIM-BTC ")
    move = -left / (held.quantity * MARK)
    assert f"SIM-BTC {move:+.1%} alone" in rows[2]


def test_what_is_open_is_said_by_the_price_and_never_without_one(holding):
    folder, book = holding
    held = book.positions["SIM-BTC"]
    opened = (MARK - held.price) * held.quantity

    assert (
        f"unrealised {opened:+,.2f} since entry (1 position older than today)"
        in section(board_of(folder, book, SIM_BTC=MARK), "Day loss")[0]
    )
    assert "no price of this run yet" in section(board_of(folder, book), "Day loss")[0]


def test_every_breaker_says_where_it_trips_by_the_limits_in_force(holding):
    folder, book = holding
    rows = section(board_of(folder, book, SIM_BTC=MARK), "Breakers")

    assert [row.split("  ")[0].replace(" ", "_") for row in rows] == [name for name, _ in BREAKERS]
    assert all(row.endswith("armed") for row in rows)
    price = Decimal(book.limits["breaker_move_fraction_max"]) * 100
    assert f"trips at {price.normalize():f}% or " in rows[0]


def test_breakers_are_all_that_there_are():
    """The names come of the rooms that measure; a new one must be told, too."""
    from hfl_core.risk.breakers import loss, market, price, rejects, volatility, volume

    rooms = (price, volatility, volume, market, rejects)
    assert {name for name, _ in BREAKERS} == {*(room.BREAKER.name for room in rooms), loss.NAME}
